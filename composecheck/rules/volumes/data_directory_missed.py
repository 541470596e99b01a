"""A volume is mounted beside the directory in which the image keeps its data.

## What it does
Reports a volume of a database, broker or other store that is mounted one level above or below the
directory in which its image keeps the data, or in the place where another version keeps it. Data
that a variable or the command moves to the mounted place is found there.

## Why is this bad?
The image declares its data directory as a volume of its own: what is mounted above it is covered by
an anonymous volume, and what is mounted below it holds next to nothing. Everything seems to work,
and after the next `down` and `up` the data is gone. PostgreSQL moved the directory with version 18:
up to 17 it is `/var/lib/postgresql/data`, from 18 on the volume belongs to `/var/lib/postgresql`, and
the image refuses to start with one at the old place. Of an image without a version nobody knows which
one will run: that is a warning.

What has been written before is not moved by moving the mount: it stays in the anonymous volume, or in the
volume of the older version, and has to be copied, or read by that version, first.

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql  # data-directory-missed
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

## Example
```yaml
services:
  db:
    image: postgres:18
    volumes:
      - data:/var/lib/postgresql/data  # data-directory-missed
volumes:
  data:
```

## Use instead
```yaml
services:
  db:
    image: postgres:18
    volumes:
      - data:/var/lib/postgresql
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.facts.storage import covers, directories, holding, shares_more
from composecheck.findings.rule import Finding, Rule
from composecheck.knowledge import split
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Fix
    from composecheck.knowledge import Family
    from composecheck.model.project import Mount, Service

RULE = Rule(("error", "warning"), needs=("volumes",), since="0.1")
# What becomes of the data where an image declares a volume for it, and where not.
_UNKEPT = {
    True: "in an anonymous volume, which the next 'down' leaves behind",
    False: "it is lost with the container",
}
_NEWEST = 100  # no image has more major versions


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each mount that misses the data directory of its service's image."""
    for service in facts.services.values():
        if not service.mounts or shares_more(service) or "$" in (service.image or ""):
            continue  # of which release an image is that a variable has yet to tell, nobody knows
        family = facts.images.family(service)
        if family is None or not family.data:
            continue
        places = directories(service, family)
        if not places or any(_kept(service, family, place) for place in places):
            continue
        for mount in service.mounts:
            if mount.type in ("volume", "bind") and any(_near(mount, place) for place in places):
                yield _finding(facts, service, family, mount, places[0])


def _kept(service: Service, family: Family, place: str) -> bool:
    """Whether what is written to a directory goes to a mount.

    What is mounted above a directory that the image declares as a volume does not hold it.
    """
    mount = holding(service, place)
    if mount is None:
        return False
    return mount.target == place or not any(
        covers(mount.target, volume) and volume != mount.target and covers(volume, place)
        for volume in family.volumes
    )


def _near(mount: Mount, place: str) -> bool:
    """Whether a mount is meant to hold what is kept in a directory, and does not."""
    target = mount.target
    if covers(target, place):
        return True
    folder, _, last = target.rpartition("/")
    if covers(place, target):
        return last in ("data", "db", "mysql", "pgdata")
    # Of what is mounted elsewhere only a named volume among the places of data is surely meant to.
    return (
        mount.type == "volume"
        and bool(mount.source)
        and (folder in ("/var/lib", "/var/data") or target == "/data" or last == "data")
    )


def _finding(facts: Facts, service: Service, family: Family, mount: Mount, place: str) -> Finding:
    from composecheck.facts.first_start import filled

    floating = not any(character.isdigit() for character in split(service.image or "")[1] or "")
    older = _older(facts, service, mount.target)
    old = filled(facts, mount) != "" or (floating and older != "")
    if older:
        consequence = "it does not start, or without what is there"
        remedy = (
            f"where what is mounted may hold data of an older version, name that version ('{older}'); where "
            f"it is new, mount it at '{place}'"
        )
    else:
        declared = any(covers(volume, place) for volume in family.volumes)
        consequence = _UNKEPT[declared]
        it = "it, emptied," if family.empty_data and covers(mount.target, place) else "it"
        remedy = f"mount {it} at '{place}'; what has been written so far is not in it: copy that first"
    return Finding(
        mount.place("target"),
        f"service '{service.name}' mounts '{mount.target}', but its image '{service.image}' keeps "
        f"its data in '{place}': {consequence}",
        remedy=remedy,
        service=service.name,
        fix=None if old else _fix(service, mount, place),
        severity="warning" if floating else "error",
        confidence="likely" if floating else "certain",
    )


def _fix(service: Service, mount: Mount, place: str) -> Callable[[], Fix | None]:
    from composecheck.remedies.edits.names import rename

    path = ("services", service.name, "volumes")
    return rename(mount.place("target"), mount.target, place, path, unsafe="data")


def _older(facts: Facts, service: Service, target: str) -> str:
    """Return the newest older version of an image that keeps its data where something is mounted, or ""."""
    name, tag = split(service.image or "")
    match = re.fullmatch(r"(\D*)(\d+)[\d.]*(.*)", tag or "")
    before, number, rest = match.groups() if match is not None else ("", _NEWEST, "")
    images = (f"{name}:{before}{version}{rest}" for version in range(int(number) - 1, 0, -1))
    families = ((image, facts.images.knowledge.family(image)) for image in images)
    return next((image for image, family in families if family is not None and target in family.data), "")
