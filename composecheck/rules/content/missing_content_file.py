"""The file of a secret or config does not exist.

## What it does
Reports a `file` of a top-level secret or config that does not exist, where an active service or its
build uses it.

## Why is this bad?
`docker compose config` takes it, and the engine refuses to start the container: "bind source path
does not exist". A secret that is not in the repository has to be created before the first `up`.

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    file: ./db_password.txt  # missing-content-file
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    environment: DB_PASSWORD
```
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.node import Node

RULE = Rule(("error",), needs=("top-level secrets", "top-level configs"), since="0.1")
_USES = (("secrets", ("secrets",)), ("secrets", ("build", "secrets")), ("configs", ("configs",)))


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each missing file, once, with who needs it first."""
    seen, disk = set(), facts.project.disk
    for service in facts.project.services.values():
        for section, key, use in _uses(service):
            node = facts.project.node.get(section, key, "file")
            if node is None or (section, key) in seen:
                continue
            seen.add((section, key))
            path = node.value
            # Relative paths are absolute by now: what is not is no path of this machine.
            if not isinstance(path, str) or not os.path.isabs(path) or disk.exists(path):  # noqa: PTH117
                continue
            written = node.span.text.strip(_QUOTES) or path
            yield Finding(
                node.span,
                f"the file '{written}' of {section[:-1]} '{key}' does not exist",
                remedy="create it, or take the content from a variable with 'environment'",
                service=service.name,
                related=(Related(use.place, f"'{service.name}' needs it"),),
            )


def _uses(service: Service) -> Iterator[tuple[str, str, Node]]:
    """Yield the secrets and configs that a service uses, each with its place."""
    for section, path in _USES:
        used = service.node.get(*path)
        for use in used.items if used is not None else ():
            source = use.get("source")
            if source is not None and isinstance(source.value, str):
                yield section, source.value, use


_QUOTES = "'\""
