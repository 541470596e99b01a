"""Where a service's image keeps its data, and what is mounted there.

Imported by the rules about data directories alone.
"""

from __future__ import annotations

import re

from composecheck.facts.commands import started, written
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.knowledge import Family
    from composecheck.model.project import Mount, Service


def covers(target: str, path: str) -> bool:
    """Return whether what is mounted at `target` holds `path`."""
    target, path = _real(target), _real(path)
    return path == target or path.startswith(target.rstrip("/") + "/")


def _real(path: str) -> str:
    """Return a path without the link that every image has: /var/run is /run (Filesystem Hierarchy, 3.15)."""
    return path.removeprefix("/var") if path == "/var/run" or path.startswith("/var/run/") else path


def holding(service: Service, path: str) -> Mount | None:
    """Return the mount that holds a path in a service's container, the innermost of several."""
    mounts = [mount for mount in service.mounts if covers(mount.target, path)]
    return max(mounts, key=lambda mount: len(mount.target), default=None)


def directories(service: Service, family: Family) -> tuple[str, ...]:
    """Return where a service keeps its data; () where it may have been told of another place.

    PostgreSQL's own variable is followed. Any other mention of a mounted path in the environment or
    the command may move the data there, in ways of which each image has its own.
    """
    directory = service.environment.get("PGDATA")
    if directory and family.data and "postgres" in family.data[0]:
        return (directory,)
    others = {mount.target for mount in service.mounts if len(mount.target) > 1}.difference(family.data)
    return family.data if not others or others.isdisjoint(_mentioned(service)) else ()


def may_serve(facts: Facts, service: Service, family: Family) -> bool:
    """Return whether a service runs its image's server, and not a client of it, a job or a script."""
    words, _ = started(facts, service)
    if not words:
        return True
    from composecheck.facts.commands.jobs import command_ends

    clients = family.tools - {family.name, "sh", "bash"}
    text = " ".join(words)
    return not (
        command_ends(words, facts.files(service)) is True
        or any(re.search(_SCRIPT, word) for word in words)
        or any(
            re.search(rf"(?<![\w.-]){re.escape(tool)}(?![\w.-])", text) for tool in clients if tool in text
        )
    )


_SCRIPT = r"(?<!entrypoint)\.(?:sh|js|py)$"


def shares_more(service: Service) -> bool:
    """Return whether a service has mounts that its own `volumes` do not say, or say in no readable way."""
    return service.says("volumes_from") or any(service.entries("volumes"))


def _mentioned(service: Service) -> set[str]:
    """Return the paths in a service's command and environment, each with the folders that it is in."""
    paths: set[str] = set()
    for text in _words(service):
        for word in re.split(r"[\s=:,;'\"]+", text) if "/" in text else ():
            path = word[word.find("/") :].rstrip("/") if "/" in word else ""
            for _ in range(_DEPTH):
                if not path or path in paths:
                    break
                paths.add(path)
                path = path.rpartition("/")[0]
    return paths


# No real path has more folders.
_DEPTH = 20


def _words(service: Service) -> Iterator[str]:
    yield from written(service)
    yield from filter(None, service.environment.values())
