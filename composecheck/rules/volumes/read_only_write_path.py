"""A service cannot write where its image has to.

## What it does
Reports a service with `read_only: true` whose image writes to a directory at which no volume and no
tmpfs is mounted, and a data directory that is mounted read-only.

## Why is this bad?
The container stops at its start: "read-only file system".

## Example
```yaml
services:
  web:
    image: nginx:1.27
    read_only: true  # read-only-write-path
```

## Use instead
```yaml
services:
  web:
    image: nginx:1.27
    read_only: true
    tmpfs:
      - /var/cache/nginx
      - /var/run
```

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data:ro  # read-only-write-path
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

from composecheck.facts.storage import directories, holding, shares_more
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

RULE = Rule(("error",), needs=("read_only", "read-only mount"), confidence="likely", since="0.1")
_STORES = ("database", "broker", "search", "object-store")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service that must write where it cannot."""
    for service in facts.services.values():
        if (not service.read_only and not any(mount.read_only for mount in service.mounts)) or shares_more(
            service
        ):
            continue
        family = facts.images.family(service)
        # Another command may write elsewhere, or nowhere.
        if family is None or service.entrypoint:
            continue
        yield from _mounted(service, family)
        if service.read_only:
            # Under what the image declares as a volume there is an anonymous one.
            stores = family.kind in _STORES and not service.command
            places = [*family.writes, *(directories(service, family) if stores else ())]
            lacking = [
                place
                for place in dict.fromkeys(places)
                if holding(service, place) is None
                and not any(place == volume or place.startswith(f"{volume}/") for volume in family.volumes)
            ]
            if lacking:
                yield Finding(
                    service.key_place("read_only"),
                    f"service '{service.name}' is read-only, but its image writes to {listed(lacking)}",
                    remedy=f"add {listed(lacking)} to the 'tmpfs' of '{service.name}'",
                    service=service.name,
                )


def _mounted(service: Service, family: Family) -> Iterator[Finding]:
    if family.kind not in _STORES:
        return
    for place in directories(service, family):
        mount = holding(service, place)
        if mount is not None and mount.read_only and mount.target == place:
            yield Finding(
                mount.place("read_only"),
                f"service '{service.name}' mounts '{place}' read-only, where its image keeps its data",
                remedy="take out 'ro'",
                service=service.name,
            )
