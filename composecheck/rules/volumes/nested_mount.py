"""A mount lies within another one, and cannot be made or hides what is there.

## What it does
Reports a mount inside a read-only one, where the folder or file to mount it on does not exist: the
engine cannot make it. Then a mount inside the data directory of a database that must find it empty at
its first start. And, as a note, a named volume within another named volume, of which one hides a part.
A dependencies' folder that is kept apart from mounted sources, as in `./app:/app` with
`/app/node_modules`, is no finding.

## Why is this bad?
In a read-only mount nothing can be created, and so the container does not start. PostgreSQL and MySQL
refuse to set up their data in a directory that has something in it, and what is mounted there is there.

## Example
```yaml
services:
  web:
    image: web:1
    volumes:
      - ./app:/app:ro
      - cache:/app/cache  # nested-mount
volumes:
  cache:
```

```text app/main.py
print("hello")
```

## Use instead
```yaml
services:
  web:
    image: web:1
    volumes:
      - ./app:/app:ro
      - cache:/cache
volumes:
  cache:
```

```text app/main.py
print("hello")
```

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
      - ./postgresql.conf:/var/lib/postgresql/data/postgresql.conf  # nested-mount
volumes:
  data:
```

```text postgresql.conf
max_connections = 200
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    command: -c config_file=/etc/postgresql.conf
    volumes:
      - data:/var/lib/postgresql/data
      - ./postgresql.conf:/etc/postgresql.conf
volumes:
  data:
```

```text postgresql.conf
max_connections = 200
```
"""

from __future__ import annotations

from composecheck.facts.storage import directories
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Severity
    from composecheck.model.project import Mount, Service
    from composecheck.text.disk import Disk

RULE = Rule(("error", "note"), needs=("several mounts",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each mount within another one that has no place for it."""
    for service in facts.services.values():
        if len(service.mounts) > 1:
            family = facts.images.family(service)
            empty = directories(service, family) if family is not None and family.empty_data else ()
            yield from _nested(service, empty, facts.project.disk)


def _nested(service: Service, empty: tuple[str, ...], disk: Disk) -> Iterator[Finding]:
    """Yield what is wrong with mounts in mounts; `empty` are folders that may have nothing in them."""
    around: list[Mount] = []
    # In this order each comes right after those that it lies in.
    for mount in sorted(service.mounts, key=lambda each: each.target.rstrip("/").split("/")):
        target = mount.target.rstrip("/")
        while around and not target.startswith(around[-1].target.rstrip("/") + "/"):
            around.pop()
        if around and around[-1].target != "/":
            severity, what = _wrong(around[-1], mount, empty, disk)
            if severity is not None:
                yield _finding(service, around[-1], mount, severity, what)
        around.append(mount)


def _wrong(outer: Mount, inner: Mount, empty: tuple[str, ...], disk: Disk) -> tuple[Severity | None, str]:
    if outer.target in empty:
        return "error", "must be empty at the first start"
    if outer.read_only and outer.type in ("bind", "volume") and outer.source is not None:
        if outer.type == "volume":
            # Whether the volume has such a folder is not in the files.
            return "note", "is read-only: a place to mount it on must be there already"
        place = outer.source + inner.target.removeprefix(outer.target.rstrip("/"))
        if disk.is_folder(outer.source) and not disk.lexists(place):
            return "error", "is read-only and has no place to mount it on"
        return None, ""
    if outer.type == inner.type == "volume" and outer.source and inner.source:
        return "note", "is a volume as well: what that has there is hidden"
    return None, ""


def _finding(service: Service, outer: Mount, inner: Mount, severity: Severity, what: str) -> Finding:
    return Finding(
        inner.place("target"),
        f"service '{service.name}' mounts '{inner.target}' in '{outer.target}', which {what}",
        remedy="mount it elsewhere",
        service=service.name,
        related=(Related(outer.place("target"), "the mount around it"),),
        severity=severity,
    )
