"""A key of a service and its twin under `deploy` say different things.

## What it does
Reports `scale`, `cpus`, `mem_limit`, `mem_reservation` and `pids_limit` whose value differs from
that of `deploy.replicas`, `deploy.resources.limits` or `deploy.resources.reservations`.

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
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from composecheck.diagnostic import Diagnostic, Related
from composecheck.units import parse_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True
_TWINS = {
    "scale": ("deploy", "replicas"),
    "cpus": ("deploy", "resources", "limits", "cpus"),
    "mem_limit": ("deploy", "resources", "limits", "memory"),
    "mem_reservation": ("deploy", "resources", "reservations", "memory"),
    "pids_limit": ("deploy", "resources", "limits", "pids"),
}


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each pair of keys that differ."""
    for service in context.project.services.values():
        if "deploy" not in service.node.mapping:
            continue
        for key, path in _TWINS.items():
            own, twin = service.node.get(key), service.node.get(*path)
            if own is None or twin is None:
                continue
            numbers = {_number(own.value), _number(twin.value)}
            if None in numbers or len(numbers) == 1:
                continue
            yield Diagnostic(
                "conflicting-deploy",
                SEVERITY,
                f"'{key}' of service '{service.name}' is {own.value}, but '{'.'.join(path)}' is {twin.value}",
                own.span,
                remedy="keep one of the two",
                service=service.name,
                related=(Related(twin.span, "the other"),),
            )


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
