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

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("top-level volumes",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each volume that nothing mounts."""
    used = {mount.source for service in facts.services.values() for mount in service.mounts}
    unused = [(key, volume) for key, volume in facts.project.volumes.items() if key not in used]
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
