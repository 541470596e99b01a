"""A service mounts a named volume that is not defined.

## What it does
Reports a named volume of a service that does not stand under the top-level `volumes`. A source
that begins with `.`, `/` or `~` is a path on this machine and needs no definition.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - pgdata:/var/lib/postgresql/data  # undefined-volume
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
from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Fix
    from composecheck.text.source import Span

RULE = Rule(
    ("error",),
    needs=("mount of no volume",),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each named volume of a service that is not defined."""
    volumes = facts.defined("volumes")
    for service in facts.services.values():
        beside = {mount.source or "" for mount in service.mounts}
        for mount in service.mounts:
            if mount.type != "volume" or not mount.source or mount.source in volumes:
                continue
            from composecheck.remedies.edits.names import respell

            near = facts.did_you_mean(mount.source, "volumes", but=beside)
            yield Finding(
                mount.place("source"),
                f"service '{service.name}' mounts the volume '{mount.source}', which is not defined",
                remedy=near
                or f"add '{mount.source}:' to the top-level 'volumes', "
                f"or write './{mount.source}' if the folder is meant",
                service=service.name,
                fix=respell(
                    mount.place("source"),
                    mount.source,
                    partial(facts.slip_of, mount.source, "volumes"),
                    ("services", service.name, "volumes"),
                )
                if near
                else partial(_declared, facts, mount.place("source"), mount.source),
            )


def _declared(facts: Facts, place: Span, name: str) -> Fix | None:
    """Return the fix that defines a volume, where nothing else can be meant: no folder, and no other volume.

    One that nobody mounts waits for somebody, and one that is called almost so is hardly another. A file
    without volumes of its own beside or below another one may be a part of that, which has them.
    """
    from difflib import get_close_matches

    from composecheck.remedies.edits.names import declare

    project = facts.project
    folder = os.path.dirname(place.source.path)
    if any(project.disk.exists(os.path.join(each, name)) for each in (project.folder, folder)):
        return None
    mounted = {mount.source for service in facts.services.values() for mount in service.mounts}
    if not mounted >= project.volumes.keys() or get_close_matches(name, project.volumes, n=1, cutoff=0.8):
        return None
    own = any(volume.place().source is place.source for volume in project.volumes.values())
    return declare(place, "volumes", name, project.node) if own or _is_alone(facts, place) else None


def _is_alone(facts: Facts, place: Span) -> bool:
    """Return whether there is no other Compose file in the folder of one, or in the one above."""
    from composecheck.loading.discover import looks_like_compose

    own = place.source.path
    for folder in (os.path.dirname(own), os.path.dirname(os.path.dirname(own))):
        try:
            _, files = facts.project.disk.entries(folder)
        except OSError:
            return False
        if any(looks_like_compose(name) and os.path.join(folder, name) != own for name in files):
            return False
    return True
