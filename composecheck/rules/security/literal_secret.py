"""A password stands in the file, and the image would take it from a secret.

## What it does
Reports a variable with a literal password, key or token, of a service whose image takes the same from
a file, by the variable's name with `_FILE` behind it. A value that comes from a variable or an
env file is not reported.

## Why is this bad?
Everybody who can read the repository has it, and `docker inspect` shows it.

## Example
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: hunter2  # literal-secret
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db-password
    secrets:
      - db-password
secrets:
  db-password:
    environment: DB_PASSWORD
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.text.node import Node

# In a stack for development it is no secret, and no file says which stack is one.
RULE = Rule(("note",), needs=("environment",), confidence="likely", since="0.1")
_WORDS = ("PASSWORD", "SECRET", "TOKEN", "KEY")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each secret that is written down."""
    for service in facts.services.values():
        written = service.node.get("environment")
        family = facts.images.family(service) if written is not None and service.environment else None
        if written is None or family is None:
            continue
        for name in family.secrets:
            node = written.mapping.get(name)
            if node is not None and node.value and _literal(node) and any(w in name for w in _WORDS):
                yield Finding(
                    node.place,
                    f"service '{service.name}' has '{name}' in plain text",
                    remedy=f"give it as a secret, with '{name}_FILE', or from a variable",
                    service=service.name,
                )


def _literal(node: Node) -> bool:
    """Whether a value stands in the file as it is: no variable gave it, and no env file."""
    if "$" in node.span.text:
        return False
    return node.origin is None or node.origin.kind not in ("variable", "env_file", "implied")
