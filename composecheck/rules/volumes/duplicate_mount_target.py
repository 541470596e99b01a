"""Two volumes or tmpfs are mounted at the same place of a container.

## What it does
Reports a volume or an entry of `tmpfs` at the path of another one of the same service. Two volumes with
the same target in one file are a warning: of these the last one counts. A later file that gives a target
again replaces what the earlier one had, and is meant to. Two entries that mount the same thing there hide
nothing: variables that are not set may make them alike.

## Why is this bad?
One of them would hide the other. docker compose refuses the project, or drops the first of two volumes
without a word.

## Example
```yaml
services:
  db:
    image: postgres:16
    tmpfs: /var/lib/postgresql/data
    volumes:
      - ./data:/var/lib/postgresql/data  # duplicate-mount-target
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - ./data:/var/lib/postgresql/data
```

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
      - type: bind
        source: ./data
        target: /var/lib/postgresql/data/  # duplicate-mount-target
volumes:
  data:
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("error", "warning"), needs=("tmpfs", "volumes"), refused=True, since="0.1")

_PLURALS = {"tmpfs": "tmpfs", "volume": "volumes"}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each mount at a path where another one is."""
    for service in facts.services.values():
        taken: dict[str, tuple[str, Span]] = {}
        for kind, target, place in _mounts(service):
            if target not in taken:
                taken[target] = (kind, place)
            else:
                first_kind, first_place = taken[target]
                alike = first_kind == kind
                both = f"two {_PLURALS[kind]}" if alike else f"a {kind} and a {first_kind}"
                yield Finding(
                    place,
                    f"service '{service.name}' mounts {both} at '{target}'",
                    remedy="take out one of the two",
                    service=service.name,
                    related=(Related(first_place, f"the {'other ' if alike else ''}{first_kind}"),),
                )


def _mounts(service: Service) -> Iterator[tuple[str, str, Span]]:
    """Yield what is mounted, where, and the place that says so: a tmpfs's path is taken as written."""
    for text, place in service.entries("tmpfs"):
        yield "tmpfs", text.partition(":")[0], place
    for mount in service.volumes:
        if mount.says("target"):
            yield "volume", mount.target, mount.place("target")
