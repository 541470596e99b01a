"""A service depends on one that is not defined.

## What it does
Reports a name in `depends_on` that is no service of the project.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      databse:  # undefined-dependency
        condition: service_healthy
  database:
    image: postgres:16
    healthcheck:
      test: pg_isready
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      database:
        condition: service_healthy
  database:
    image: postgres:16
    healthcheck:
      test: pg_isready
```
"""

from __future__ import annotations

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",),
    needs=("dependency on nobody",),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each entry of `depends_on` that names no service of the project."""
    defined = facts.defined("services")
    for service in facts.services.values():
        for name, dependency in service.depends_on.items():
            if dependency.implicit is None and name not in defined:
                from composecheck.remedies.edits.names import respell

                yield Finding(
                    dependency.key_place(),
                    f"service '{service.name}' depends on '{name}', which is not defined",
                    remedy=facts.did_you_mean(name, "services", but=(service.name, *service.depends_on))
                    or "define it under 'services', or take it out of 'depends_on'",
                    service=service.name,
                    fix=respell(
                        dependency.key_place(),
                        name,
                        partial(facts.slip_of, name, "services", but=[service.name]),
                        ("services", service.name, "depends_on"),
                    ),
                )
