"""A named volume is mounted by no service.

## What it does
Reports an entry of the top-level `volumes` that no service mounts, whatever its profiles.

## Why is this bad?
Either it is left over, or a service was meant to mount it, and keeps its data elsewhere.

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
  uploads:  # unused-volume
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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "note"
REFUSED = False


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each volume that nothing mounts."""
    used = {mount.source for service in context.services.values() for mount in service.mounts}
    unused = [(key, volume) for key, volume in context.project.volumes.items() if key not in used]
    if not unused:
        return
    from composecheck.text.spelling import Names

    undefined = Names(sorted(name for name in used - context.defined("volumes").keys() if name))
    for key, volume in unused:
        yield Diagnostic(
            "unused-volume",
            SEVERITY,
            f"no service mounts the volume '{key}'",
            volume.node.place,
            remedy=undefined.closest(key) or "mount it, or take it out",
        )
