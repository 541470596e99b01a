"""A secret or config comes from a variable that is not set.

## What it does
Reports an `environment` of a secret or config that a service uses, where the variable is set neither
in the environment nor in an env file of the project. One that is set and empty is fine.

## Why is this bad?
`docker compose config` does not look. `up` makes the container and then fails: "environment variable
... required by secret ... is not set". It is a note, as a secret is rarely set where files are checked.

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets: [password]
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/password
secrets:
  password:
    environment: DB_PASSWORD  # unset-secret-variable
```

## Use instead
Set it where `docker compose` runs or in the project's `.env`.
```yaml
services:
  db:
    image: postgres:16
    secrets: [password]
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/password
secrets:
  password:
    environment: DB_PASSWORD
```
```text .env
DB_PASSWORD=secret
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.text.node import Node

RULE = Rule(("note",), needs=("top-level secrets", "top-level configs"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each variable that is missing, once, with the service that needs it first."""
    seen: set[tuple[str, str]] = set()
    for service in facts.services.values() if facts.project.interpolated else ():
        for section in ("secrets", "configs") if service.replicas else ():
            used = service.node.get(section)
            for use in used.items if used is not None else ():
                source = use.get("source")
                key = str(source.value) if source is not None else ""
                node = facts.project.node.get(section, key)
                if node is None or (section, key) in seen:
                    continue
                seen.add((section, key))
                variable = node.get("environment")
                if variable is not None and _is_unset(facts, node, variable):
                    yield Finding(
                        variable.span,
                        f"{section[:-1]} '{key}' comes from the variable '{variable.value}', "
                        "which is not set",
                        remedy="set it, in the project's '.env' for one",
                        service=service.name,
                        related=(Related(use.span, f"'{service.name}' needs it"),),
                    )


def _is_unset(facts: Facts, node: Node, variable: Node) -> bool:
    content = node.get("content")
    return (
        isinstance(variable.value, str)
        and bool(variable.value)
        and variable.value not in facts.project.environment
        and not (content is not None and content.value)
        and not any(map(_is_included, (node, variable)))
    )


def _is_included(node: Node) -> bool:
    """Whether a value comes from an included file, which may have variables of its own."""
    origin = node.origin
    while origin is not None:
        if origin.kind == "include":
            return True
        origin = origin.before
    return False
