"""A container name has characters that the engine does not take.

## What it does
Reports a `container_name` with anything but ASCII letters, digits, `_`, `.` and `-`.

## Why is this bad?
`docker compose config` looks for two such characters anywhere in the name; the engine refuses to create
the container.

## Example
```yaml
services:
  web:
    image: nginx:1
    container_name: café  # invalid-container-name
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    container_name: cafe
```
"""

from __future__ import annotations

import re

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("container_name",), on_values=True, template=True, since="0.1")
_NAME = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+")  # moby, daemon/names/names.go


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each name that the engine would not take."""
    for service in facts.services.values():
        name = service.container_name
        if name and not _NAME.fullmatch(name):
            yield Finding(
                service.place("container_name"),
                f"the container name '{name}' of service '{service.name}' is none that the engine takes",
                remedy="write it with letters from a to z, digits, '_', '.' and '-', at least two of them",
                service=service.name,
            )
