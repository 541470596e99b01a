"""A service runs as a user who cannot write to its own volume.

## What it does
Notes a named volume that a service with a `user` other than root mounts where its image has no folder: known
are the images of languages and systems, such as node, python or alpine, and what a Dockerfile makes of them:
its `USER`, where it has no word of the folder. Nothing is said where a command may change the folder's owner
by `chown`.

## Why is this bad?
A new volume takes owner and content from the folder that the image has at its place. Where there is none
the folder is made for root, and the user is told "permission denied". It is a note, as the volume may be
there already, and somebody else's.

## Example
```yaml
services:
  app:
    image: node:22
    user: "1000"
    working_dir: /app
    command: npm start
    volumes:
      - app:/app  # unwritable-volume
volumes:
  app:
```

## Use instead
A folder that the user owns in an image of one's own, or a service that changes the owner before.
```yaml
services:
  app:
    build:
      dockerfile_inline: |
        FROM node:22
        RUN mkdir /app && chown 1000 /app
    user: "1000"
    working_dir: /app
    command: npm start
    volumes:
      - app:/app
volumes:
  app:
```
"""

from __future__ import annotations

import re
from collections import Counter

from composecheck.facts.commands import written
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Mount, Service
    from composecheck.text.source import Span

RULE = Rule(("note",), needs=("user", "build with a volume"), confidence="possible", since="0.1")

_ROOT = r"(?:0|root)(?::.*)?"
# Folders that an image of a language or a system may well have, with an owner of its own.
_THERE = r"/|/(?:home|tmp|var/tmp|usr|var|opt|etc|srv|root|run|mnt|media)(?:/|$).*"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each volume whose folder is root's."""
    users: Counter[str | None] | None = None
    changed = False
    for service in facts.project.services.values():
        who = _user(facts, service)
        if who is None:
            continue
        if users is None:
            services = facts.services.values()
            users = Counter(source for each in services for source in {mount.source for mount in each.mounts})
            changed = any("chown" in word for each in services for word in written(each))
        for mount in service.mounts if not changed else ():
            if users[mount.source] == 1 and _is_new(facts, mount) and not _is_made(facts, service, mount):
                yield Finding(
                    mount.place(),
                    f"the volume '{mount.source}' is root's where service '{service.name}' mounts it for the "
                    f"first time, and it runs as '{who.name}'",
                    remedy=f"make '{mount.target}' for '{who.name}' in a Dockerfile, or change the volume's "
                    "owner before",
                    service=service.name,
                    related=(Related(who.place, "the user"),),
                )


class _User(NamedTuple):
    """Whom a container runs as, and the place that says so."""

    name: str
    place: Span


def _user(facts: Facts, service: Service) -> _User | None:
    """Return the user of a service on an image of a language or a system, None for root or who knows."""
    family = facts.images.known(service)
    if family is None or family.kind != "runtime" or not family.certain:
        return None
    found = None
    built = facts.images.built(service)
    for instruction in built.instructions if built is not None else ():
        if instruction.keyword == "USER":
            found = _User(instruction.text, instruction.span)
    if service.user:
        found = _User(service.user, service.place("user"))
    return None if found is None or "$" in found.name or re.fullmatch(_ROOT, found.name) else found


def _is_made(facts: Facts, service: Service, mount: Mount) -> bool:
    """Whether a Dockerfile, or the script that it starts, may make the folder that a volume is mounted at."""
    built = facts.images.built(service)
    for instruction in built.instructions if built is not None else ():
        if instruction.keyword in ("ENTRYPOINT", "WORKDIR", "COPY", "ADD"):
            target = instruction.text.split()[-1].strip("\"'[],").rstrip("/")
            if instruction.keyword == "ENTRYPOINT" or not target.startswith("/"):
                return True
            if f"{mount.target}/".startswith(f"{target}/"):
                return True
        elif mount.target in instruction.text or "chown" in instruction.text:
            return True
    return False


def _is_new(facts: Facts, mount: Mount) -> bool:
    """Whether a mount is a named volume of the project at a place that the image surely lacks."""
    if mount.type != "volume" or not mount.source or mount.read_only or re.fullmatch(_THERE, mount.target):
        return False
    volume = facts.project.volumes.get(mount.source)
    return (
        volume is not None
        and not volume.external
        and not volume.driver_opts
        and volume.driver in (None, "", "local")
    )
