"""The folder that an image is built from does not exist.

## What it does
Reports a `build.context`, or a folder in `build.additional_contexts`, on this machine that does not
exist. Remote contexts and the services that the active profiles leave out are not judged. Where the
service names an `image` as well it is a note, for Compose pulls that one first (but with
`pull_policy: build`).

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
from typing import TYPE_CHECKING

from composecheck.facts.sources import is_built
from composecheck.findings.rule import Finding, Rule
from composecheck.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.disk import Disk
    from composecheck.text.node import Node

RULE = Rule(("error", "note"), needs=("build",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each local context that is no folder."""
    disk = facts.project.disk
    for service in facts.project.services.values():
        for node in _contexts(service):
            path = node.value
            # Relative paths are absolute by now: what is not is no path of this machine.
            if not isinstance(path, str) or not os.path.isabs(path) or disk.is_folder(path):  # noqa: PTH117
                continue
            what = "is no folder" if disk.exists(path) else "does not exist"
            yield Finding(
                node.span,
                f"service '{service.name}' is built from '{_shown(path, facts)}', which {what}",
                remedy=_near(Path(path), disk) or "create the folder, or correct the path",
                service=service.name,
                severity="error" if is_built(service) else "note",
            )


def _contexts(service: Service) -> Iterator[Node]:
    if service.build is None:
        return
    context, others = service.build.node.get("context"), service.build.node.get("additional_contexts")
    if context is not None:
        yield context
    if others is not None:
        yield from others.mapping.values()


def _shown(path: str, facts: Facts) -> str:
    """Return a path as it is relative to the project, where it lies in it."""
    directory = str(facts.project.directory)
    return f".{path[len(directory) :]}" if path.startswith(directory + os.sep) else path


def _near(path: Path, disk: Disk) -> str:
    """Return whether a folder beside it is meant."""
    names = [name for name in disk.names(path.parent) if disk.is_folder(path.parent / name)]
    return did_you_mean(path.name, names)
