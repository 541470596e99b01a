"""A `develop.watch` entry that copies files does not say where to.

## What it does
Reports an entry with an action other than `rebuild` and `restart` that has no `target`.

## Why is this bad?
Files can only be copied to a place that is named. docker compose refuses the project.

## Example
```yaml
services:
  web:
    build: .
    develop:
      watch:
        - action: sync  # missing-watch-target
          path: ./src
```

## Use instead
```yaml
services:
  web:
    build: .
    develop:
      watch:
        - action: sync
          path: ./src
          target: /app/src
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("develop",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each entry that names no target and needs one."""
    for service in facts.services.values():
        for entry in service.develop.watch if service.develop is not None else ():
            if not entry.action or entry.action in _NEED_NONE or entry.target:
                continue
            yield Finding(
                entry.place("action"),
                f"a watch of service '{service.name}' has the action '{entry.action}' and no target",
                remedy="write 'target:', the path in the container that the files are copied to",
                service=service.name,
            )


_NEED_NONE = ("rebuild", "restart")
