"""Two databases keep their data in one volume.

## What it does
Reports a volume that is mounted, to be written, at the data directories of two services' images, or
at that of a service that runs more than once.

## Why is this bad?
Each takes the files for its own: the second does not start, since the first one's lock is there, or
both write, and the data is destroyed.

## Example
```yaml
services:
  users:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
  orders:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data  # shared-data-volume
volumes:
  data:
```

## Use instead
```yaml
services:
  users:
    image: postgres:16
    volumes:
      - users:/var/lib/postgresql/data
  orders:
    image: postgres:16
    volumes:
      - orders:/var/lib/postgresql/data
volumes:
  users:
  orders:
```

## Example
```yaml
services:
  db:
    image: postgres:16
    scale: 2
    volumes:
      - data:/var/lib/postgresql/data  # shared-data-volume
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

from composecheck.facts.sources import shown
from composecheck.facts.storage import directories, holding, may_serve
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Mount, Project, Service

RULE = Rule(("error",), needs=("volumes",), confidence="likely", since="0.1")
# Of other kinds some are made to share a folder: proxies their certificates, object stores their parts.
_OWNERS = ("database", "cache", "broker", "search")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each volume that a second store takes for its own."""
    claims = facts.claims()
    for service in facts.services.values():
        for mount, thing in _owned(facts, service):
            if service.replicas > 1:
                yield _finding(
                    facts.project,
                    service,
                    mount,
                    f"service '{service.name}' runs {service.replicas} times, and all keep their data in",
                    Related(service.place(*service.replicas_path), f"{service.replicas} containers"),
                )
            first: tuple[Service, Mount] | None = claims.first(thing, service)
            if first is not None:
                holder, place = first[0].name, first[1].place("source")
                if place != mount.place("source"):
                    yield _finding(
                        facts.project,
                        service,
                        mount,
                        f"services '{holder}' and '{service.name}' both keep their data in",
                        Related(place, f"'{holder}' keeps its data here"),
                    )
            claims.add(thing, service, (service, mount))


def _owned(facts: Facts, service: Service) -> Iterator[tuple[Mount, str]]:
    """Yield the volumes and folders that hold a store's data, each with its name on the machine."""
    if not service.mounts or not service.replicas:
        return
    family = facts.images.family(service)
    if family is None or family.kind not in _OWNERS or not may_serve(facts, service, family):
        return
    seen = set()
    for place in directories(service, family):
        mount = holding(service, place)
        if mount is None or mount.source is None or mount.read_only or mount.type not in ("volume", "bind"):
            continue
        if mount.type == "volume":
            volume = facts.project.volumes.get(mount.source)
            thing = f"volume {volume.name if volume is not None else mount.source}"
        else:
            thing = f"bind {mount.source}"
        # Each keeps its data in a folder of its own there.
        subpath = mount.volume.subpath if mount.volume is not None else None
        thing += f" {place.removeprefix(mount.target)} {subpath or ''}"
        if thing not in seen:
            seen.add(thing)
            yield mount, thing


def _finding(project: Project, service: Service, mount: Mount, who: str, related: Related) -> Finding:
    kind = "volume" if mount.type == "volume" else "folder"
    place, source = mount.place("source"), mount.source or ""
    name = source if kind == "volume" else shown(project, source, place.text)
    return Finding(
        place,
        f"{who} the {kind} '{name}'",
        remedy=f"give each its own {kind}",
        service=service.name,
        related=(related,),
    )
