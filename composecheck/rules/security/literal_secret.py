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

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

# In a stack for development it is no secret, and no file says which stack is one.
RULE = Rule(("note",), needs=("environment",), confidence="likely", since="0.1")
_WORDS = ("PASSWORD", "SECRET", "TOKEN", "KEY")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each secret that is written down."""
    for service in facts.services.values():
        family = facts.images.family(service) if service.environment else None
        for name in family.secrets if family is not None else ():
            secret = any(word in name for word in _WORDS)
            if secret and service.environment.get(name) and _is_literal(service, name):
                yield Finding(
                    service.key_place("environment", name),
                    f"service '{service.name}' has '{name}' in plain text",
                    remedy=f"give it as a secret, with '{name}_FILE', or from a variable",
                    service=service.name,
                )


def _is_literal(service: Service, variable: str) -> bool:
    """Return whether a value stands in the file as it is: no variable gave it, and no env file."""
    if "$" in service.text("environment", variable):
        return False
    origin = service.origin("environment", variable)
    return origin is None or origin.kind not in ("variable", "env_file", "implied")
