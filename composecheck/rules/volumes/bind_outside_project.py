"""A service mounts something that lies outside of the project.

## What it does
Reports a bind mount whose source lies outside the project's folder: above it, in the home folder, or
at an absolute path. Parts of the operating system, such as `/etc/localtime`, are the same anywhere
and are not reported.

## Why is this bad?
The stack depends on what another machine, a colleague's or that of the CI, does not have.

## Example
```yaml
services:
  web:
    image: web:1
    volumes:
      - ../shared/config:/config:ro  # bind-outside-project
```

## Use instead
```yaml
services:
  web:
    image: web:1
    volumes:
      - ./config:/config:ro
```
"""

from __future__ import annotations

import os

from composecheck.facts.sources import shown
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("bind mount",), since="0.1")
_SYSTEM = ("/etc/", "/proc", "/sys", "/dev", "/run", "/var/run", "/lib", "/usr", "/boot", "/tmp/.X11-unix")  # noqa: S108 - of X
_WHOLE = ("/", "/var/log", "/var/lib/docker", "/var/lib/docker/containers")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each source that is neither the project's nor the operating system's."""
    project = facts.project.folder
    inside = os.path.join(project, "")
    for service in facts.services.values():
        for mount in service.mounts:
            path = mount.source
            if mount.type != "bind" or path is None or path == project or path.startswith(inside):
                continue
            # What is not absolute is a path of another machine.
            if not path.startswith("/") or path.startswith(_SYSTEM) or path in _WHOLE:
                continue
            place = mount.place("source")
            where = shown(facts.project, path, place.text)
            yield Finding(
                place,
                f"service '{service.name}' mounts '{where}', which is not in the project's folder",
                remedy="keep it in the project, or let a variable with a default say where it is",
                service=service.name,
            )
