"""A key of a service and its twin under `deploy` say different things.

## What it does
Reports `scale`, `cpus`, `mem_limit`, `mem_reservation` and `pids_limit` whose value differs from
that of `deploy.replicas`, `deploy.resources.limits` or `deploy.resources.reservations`. Where there
are such limits or reservations, a twin that they leave out counts as none.

## Why is this bad?
Only one of them can count. docker compose refuses the project.

## Example
```yaml
services:
  worker:
    image: worker:1
    scale: 2  # conflicting-deploy
    deploy:
      replicas: 3
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    deploy:
      replicas: 3
```

## Example
```yaml
services:
  worker:
    image: worker:1
    cpus: 2  # conflicting-deploy
    deploy:
      resources:
        limits:
          memory: 512m
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    deploy:
      resources:
        limits:
          cpus: "2"
          memory: 512m
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import parse_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("error",), needs=("deploy",), refused=True, since="0.1")
_TWINS = {
    "scale": ("deploy", "replicas"),
    "cpus": ("deploy", "resources", "limits", "cpus"),
    "mem_limit": ("deploy", "resources", "limits", "memory"),
    "mem_reservation": ("deploy", "resources", "reservations", "memory"),
    "pids_limit": ("deploy", "resources", "limits", "pids"),
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each pair of keys that differ."""
    for service in facts.services.values():
        if service.says("deploy"):
            for key, path in _TWINS.items():
                if service.says(key):
                    yield from _compared(service, key, path)


def _compared(service: Service, key: str, path: tuple[str, ...]) -> Iterator[Finding]:
    if not isinstance(service.as_written(*path[:-1]), dict):
        return
    value, twin, has_twin = service.as_written(key), service.as_written(*path), service.says(*path)
    number, twin_number = _number(value), _number(twin) if has_twin else 0.0
    if number is None or twin_number is None or number == twin_number:
        return
    if key == "scale":
        if not has_twin:
            return
    elif not number or (key == "cpus" and _single(number) == _single(twin_number)):
        return  # 0 is as if it were not said
    name = ".".join(path)
    yield Finding(
        service.place(key),
        f"'{key}' of service '{service.name}' is {value}, but '{name}' "
        + (f"is {twin}" if has_twin else f"is missing beside the other '{path[-2]}'"),
        remedy="keep one of the two" if has_twin else f"move it there, as '{path[-1]}'",
        service=service.name,
        related=(
            Related(service.place(*path), "the other")
            if has_twin
            else Related(service.key_place(*path), "no such key here"),
        ),
    )


def _single(number: float) -> bytes:
    """Return a number in single precision, in which Compose compares CPUs."""
    from struct import pack

    try:
        return pack("f", number)
    except OverflowError:
        return b"inf"


def _number(value: Any) -> float | None:
    """Return a count or a size as a number; None, which conflicts with nothing, where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        return float(parse_size(value))
    except (TypeError, ValueError, AttributeError):
        return None
