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

from functools import partial

from composecheck.facts.uses import uses, uses_of_build
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",),
    needs=("secrets", "build"),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each secret of a service that is not defined."""
    for service in facts.services.values():
        for use in (*uses(facts.whole, service), *uses_of_build(facts.whole, service)):
            if use.section == "secrets" and use.resource is None and use.grant.source is not None:
                yield Finding(
                    use.grant.place("source"),
                    f"service '{service.name}' uses the secret '{use.source}', which is not defined",
                    remedy=facts.did_you_mean(use.source, "secrets")
                    or f"define '{use.source}' under the top-level 'secrets'",
                    service=service.name,
                    fix=respell(
                        use.grant.place("source"),
                        use.source,
                        partial(facts.slip_of, use.source, "secrets"),
                        ("services", service.name, "secrets"),
                        ("services", service.name, "build"),
                    ),
                )
