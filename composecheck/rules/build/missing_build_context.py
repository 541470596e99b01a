"""The folder that an image is built from does not exist.

## What it does
Reports a `build.context`, or a folder in `build.additional_contexts`, on this machine that does not
exist. Remote contexts and the services that the active profiles leave out are not judged. Where the
service names an `image` as well it is a note, for Compose pulls that one first (but with
`pull_policy: build`); where git ignores the folder, for then some step before the start makes it; and where
an absolute path leads out of the repository, for it may be that of the machine that builds.

## Why is this bad?
`docker compose config` takes it, and `up` fails as soon as it builds.

## Example
```yaml
services:
  web:
    build: ./web-server  # missing-build-context
```

```dockerfile webserver/Dockerfile
FROM nginx:1
```

## Use instead
```yaml
services:
  web:
    build: ./webserver
```

```dockerfile webserver/Dockerfile
FROM nginx:1
```
"""

from __future__ import annotations

import os
from pathlib import Path

from composecheck.facts.absent import submodule
from composecheck.facts.sources import is_built, shown
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import is_within
from composecheck.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.disk import Disk
    from composecheck.text.source import Span

RULE = Rule(("error", "note"), needs=("build",), on_values=True, lacks="path", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each local context that is no folder."""
    disk = facts.project.disk
    for service in facts.project.services.values():
        for path, place in _contexts(service):
            # Relative paths are absolute by now: what is not is no path of this machine.
            if not os.path.isabs(path) or disk.is_folder(path):
                continue
            what = "is no folder" if disk.exists(path) else "does not exist"
            made, away = facts.ignored(path), _leads_away(facts, path, place)
            named = shown(facts.project, path, place.text)
            because = "; git ignores it" if made else " on this machine" if away else ""
            yield Finding(
                place,
                f"service '{service.name}' is built from '{named}', which {what}{because}",
                remedy="make it before the start"
                if made
                else submodule(path, disk)
                or _near(Path(path), disk)
                or "create the folder, or correct the path",
                service=service.name,
                severity="error" if is_built(service) and not made and not away else "note",
            )


def _leads_away(facts: Facts, path: str, place: Span) -> bool:
    """Return whether a path is written as an absolute one, to where the repository does not reach."""
    project = facts.project
    top = project.disk.repository(project.folder) or project.folder
    return place.text.strip("'\"").startswith("/") and not is_within(path, top)


def _contexts(service: Service) -> Iterator[tuple[str, Span]]:
    """Yield the contexts of a service's build, and where each is written."""
    build = service.build
    if build is None:
        return
    yield build.context, build.place("context")
    for name, context in build.additional_contexts.items():
        yield context, build.place("additional_contexts", name)


def _near(path: Path, disk: Disk) -> str:
    """Return "did you mean 'x'?" for a folder beside it, or ""."""
    names = [name for name in disk.names(path.parent) if disk.is_folder(path.parent / name)]
    return did_you_mean(path.name, names)
