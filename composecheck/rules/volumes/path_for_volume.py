"""A folder is mounted that has the name of a volume which nobody mounts.

## What it does
Reports a bind mount of a folder of the project, such as `./data`, that does not exist, where a named
volume `data` is defined and nothing mounts it. It is a warning where the image keeps its data there, and
no second volume has a folder in its place.

## Why is this bad?
The `./` makes it a folder beside the Compose file instead of the volume: the engine makes the folder,
owned by root, and the volume stays empty.

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - ./pgdata:/var/lib/postgresql/data  # path-for-volume
volumes:
  pgdata:
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - pgdata:/var/lib/postgresql/data
volumes:
  pgdata:
```
"""

from __future__ import annotations

import os

from composecheck.facts.storage import covers
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning", "note"), needs=("bind mount",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each folder that stands where a volume is meant."""
    mounted = {
        mount.source
        for service in facts.services.values()
        for mount in service.mounts
        if mount.type == "volume"
    }
    unused = {
        os.path.join(facts.project.folder, key): volume
        for key, volume in facts.project.volumes.items()
        if key not in mounted
    }
    if not unused:
        return
    found = [
        (service, mount, volume)
        for service in facts.services.values()
        for mount in service.mounts
        if mount.type == "bind" and (volume := unused.get(mount.source or "")) is not None
    ]
    # Who has several folders in place of volumes has moved his data there, and the volumes are left over.
    moved = len({volume.key for _, _, volume in found}) > 1
    for service, mount, volume in found:
        if facts.project.disk.exists(mount.source or ""):
            continue
        family = facts.images.family(service)
        data = family is not None and any(covers(mount.target, place) for place in family.data)
        yield Finding(
            mount.place("source"),
            f"service '{service.name}' mounts the folder './{volume.key}', and nothing the volume "
            f"'{volume.key}'",
            remedy=f"write '{volume.key}' without './'; or take the volume out, if the folder is meant",
            service=service.name,
            related=(Related(volume.key_place(), "the volume that nothing mounts"),),
            confidence="likely" if data and not moved else "possible",
        )
