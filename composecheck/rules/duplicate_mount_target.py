"""A volume and a tmpfs are mounted at the same place of a container.

## What it does
Reports an entry of `tmpfs` whose path a volume of the same service is mounted at.

## Why is this bad?
One of them would hide the other. docker compose refuses the project.

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
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.diagnostic import Diagnostic, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each volume at a path where a tmpfs is."""
    for service in context.project.services.values():
        tmpfs = service.node.get("tmpfs")
        volumes = service.node.get("volumes")
        if tmpfs is None or volumes is None:
            continue
        taken = {str(entry.value).partition(":")[0]: entry for entry in tmpfs.items or [tmpfs]}
        for entry in volumes.items:
            target = entry.get("target")
            other = taken.get(str(target.value)) if target is not None else None
            if target is not None and other is not None:
                yield Diagnostic(
                    "duplicate-mount-target",
                    SEVERITY,
                    f"service '{service.name}' mounts a volume and a tmpfs at '{target.value}'",
                    target.span,
                    remedy="take out one of the two",
                    service=service.name,
                    related=(Related(other.span, "the tmpfs"),),
                )
