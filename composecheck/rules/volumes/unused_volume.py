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

import os

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("note",), needs=("volume without a mount",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each volume that nothing mounts."""
    if any(map(_names_unread, facts.services.values())):
        return
    used = {mount.source for service in facts.services.values() for mount in service.mounts}
    unused = [
        (key, volume)
        for key, volume in facts.project.volumes.items()
        if key not in used and not _is_folder(facts, os.path.join(facts.project.folder, key), used)
    ]
    if not unused:
        return
    from composecheck.text.spelling import Names

    undefined = Names(sorted(name for name in used - facts.defined("volumes").keys() if name))
    for key, volume in unused:
        yield Finding(
            volume.key_place(),
            f"no service mounts the volume '{key}'",
            remedy=undefined.closest(key) or "mount it, or take it out",
        )


def _is_folder(facts: Facts, path: str, used: Set[str | None]) -> bool:
    """Return whether a missing folder is mounted by a volume's name: that is a fault of its own."""
    return path in used and not facts.project.disk.exists(path)


def _names_unread(service: Service) -> bool:
    """Return whether a service mounts what nobody can tell: a variable in it has no value, or no sense."""
    return any(service.entries("volumes")) or any("${" in (mount.source or "") for mount in service.mounts)
