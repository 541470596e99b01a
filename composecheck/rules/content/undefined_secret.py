"""A service uses a secret that is not defined.

## What it does
Reports a name in a service's `secrets`, or in those of its `build`,
that does not stand under the top-level
`secrets`.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets:
      - db_pasword  # undefined-secret
secrets:
  db_password:
    file: ./db_password
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    secrets:
      - db_password
secrets:
  db_password:
    file: ./db_password
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("secrets", "build"), refused=True, whole=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each secret of a service that is not defined."""
    known = facts.defined("secrets")
    for service in facts.services.values():
        for path in (("secrets",), ("build", "secrets")):
            used = service.node.get(*path)
            for entry in used.items if used is not None else ():
                source = entry.get("source") or entry
                if isinstance(source.value, str) and source.value not in known:
                    yield Finding(
                        source.span,
                        f"service '{service.name}' uses the secret '{source.value}', which is not defined",
                        remedy=facts.did_you_mean(source.value, "secrets")
                        or f"define '{source.value}' under the top-level 'secrets'",
                        service=service.name,
                    )
