"""What a service mounts from the project's folder does not exist.

## What it does
Reports a bind mount whose source lies in the project's folder and is not there. Where a file is
meant, by its name, that is a warning; where it may be a folder, a note; and an error where
`create_host_path: false` forbids to make it.

## Why is this bad?
The engine makes a folder of that name, which belongs to root, and mounts it. A service that expects
a file there fails in strange ways, and from then on the folder is in the way of the file.

## Example
```yaml
services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro  # missing-bind-source
```

## Use instead
```yaml
services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
```

```nginx nginx.conf
events {}
```
"""

from __future__ import annotations

import os
from posixpath import basename, splitext

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Severity
    from composecheck.model.project import Mount

RULE = Rule(("warning", "error", "note"), needs=("bind mount",), since="0.1")
# Folders that look as if they had an extension: conf.d, init.d.
_FOLDERS = (".d", ".app", ".git", ".ssh", ".aws", ".kube", ".docker", ".cache", ".config", ".local", ".m2")
_FILES = ("Dockerfile", "Caddyfile", "Makefile", "Procfile", "Gemfile", "Pipfile")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each source that is missing, once for each service that mounts it."""
    inside = os.path.join(facts.project.folder, "")
    exists: dict[str, bool] = {}
    for service in facts.project.services.values():
        for mount in service.mounts:
            path = mount.source
            if mount.type != "bind" or path is None or not path.startswith(inside):
                continue
            if path not in exists:
                exists[path] = facts.project.disk.lexists(path)
            if not exists[path]:
                yield _finding(facts, service.name, mount, path.removeprefix(inside))


def _finding(facts: Facts, service: str, mount: Mount, path: str) -> Finding:
    file = _is_file(path) or (_is_file(mount.target) and "." in basename(path))
    if mount.bind is not None and mount.bind.create_host_path is False:
        severity: Severity = "error"
        what = "the engine may not make it"
    elif file:
        severity, what = "warning", "a folder will be made in its place"
    else:
        severity, what = "note", "an empty folder will be made, which belongs to root"
    return Finding(
        mount.place("source"),
        f"service '{service}' mounts './{path}', which does not exist: {what}",
        remedy=_near(facts, path) or f"create it{'' if file else ', or mount a named volume'}",
        service=service,
        severity=severity,
    )


def _is_file(path: str) -> bool:
    """Whether a path is a file's by its name."""
    name = basename(path)
    extension = splitext(name)[1]
    return (
        name in _FILES
        or (1 < len(extension) <= 6 and extension not in _FOLDERS and not extension[1:].isdigit())
        or name.startswith((".env", ".htpasswd"))
    )


def _near(facts: Facts, path: str) -> str:
    """Return "did you mean 'x'?" for what lies there under a similar name, or ""."""
    folder, name = os.path.split(path)
    names = facts.project.disk.names(os.path.join(facts.project.folder, folder))
    return did_you_mean(name, names[:1000], cutoff=0.75)
