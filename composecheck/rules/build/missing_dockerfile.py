"""The Dockerfile that an image is built from does not exist.

## What it does
Reports a `build` whose Dockerfile (`dockerfile`, else `Dockerfile`) is not in its context, where that
is a folder on this machine. The services that the active profiles leave out are not judged. Where the
service names an `image` as well it is a note, for Compose pulls that one first (but with
`pull_policy: build`); and where git ignores the Dockerfile, for then some step before the start makes it.

## Why is this bad?
`docker compose config` takes it, and `up` fails as soon as it builds.

## Example
```yaml
services:
  web:
    build:
      context: .
      dockerfile: Dockerfile.dve  # missing-dockerfile
```

```dockerfile Dockerfile.dev
FROM nginx:1
```

## Use instead
```yaml
services:
  web:
    build:
      context: .
      dockerfile: Dockerfile.dev
```

```dockerfile Dockerfile.dev
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
from composecheck.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Build, Service
    from composecheck.text.disk import Disk

RULE = Rule(("error", "note"), needs=("build",), on_values=True, lacks="path", since="0.1")
_DEFAULT = "Dockerfile"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each build whose Dockerfile is missing."""
    for service in facts.project.services.values():
        build = service.build
        if build is None or build.dockerfile_inline is not None or facts.images.built(service) is not None:
            continue
        if _missing(build, facts.project.disk):
            yield _finding(facts, service, build)


def _missing(build: Build, disk: Disk) -> bool:
    if not os.path.isabs(build.context) or not disk.is_folder(build.context):
        return False
    path = Path(build.context, build.dockerfile)
    # The engine's builder also takes the name in lower case.
    paths = (path, path.with_name("dockerfile")) if path.name == _DEFAULT else (path,)
    return "://" not in build.dockerfile and not any(map(disk.is_file, paths))


def _finding(facts: Facts, service: Service, build: Build) -> Finding:
    project = facts.project
    path = Path(build.context, build.dockerfile)
    made = facts.ignored(os.path.normpath(path))
    in_project = build.context == project.folder
    folder = (
        "the project's folder"
        if in_project
        else f"'{shown(project, build.context, build.place('context').text)}'"
    )
    what = "no file" if project.disk.exists(path) else "not"
    return Finding(
        build.place("dockerfile") if build.says("dockerfile") else build.key_place(),
        f"service '{service.name}' is built with '{build.dockerfile}', which is {what} in {folder}"
        + ("; git ignores it" if made else ""),
        remedy="make it before the start"
        if made
        else submodule(str(path), project.disk)
        or _near(path, project.disk)
        or "create it, or name another one with 'dockerfile', relative to the context",
        service=service.name,
        severity="error" if is_built(service) and not made else "note",
    )


def _near(path: Path, disk: Disk) -> str:
    """Return "did you mean 'x'?" for a Dockerfile beside it, or ""."""
    names = [name for name in disk.names(path.parent) if "dockerfile" in name.lower()]
    return did_you_mean(path.name, names)
