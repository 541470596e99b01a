"""A build takes its files from a service that is not defined.

## What it does
Reports a `service:` form in `build.additional_contexts` that names no service of the project.

## Why is this bad?
docker compose refuses the project.

## Example
```yaml
services:
  web:
    build:
      context: .
      additional_contexts:
        base: service:bse  # undefined-build-context
  base:
    build: base
```

## Use instead
```yaml
services:
  web:
    build:
      context: .
      additional_contexts:
        base: service:base
  base:
    build: base
```
"""

from __future__ import annotations

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import build_contexts
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",),
    needs=("additional_contexts",),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each context that names no service of the project."""
    services = facts.defined("services")
    for service in facts.services.values():
        for context in build_contexts(service):
            name = context.service
            if name not in services:
                yield Finding(
                    context.place,
                    f"the build of service '{service.name}' takes files from '{name}', which is not defined",
                    remedy=facts.did_you_mean(name, "services", but=(service.name,))
                    or f"define '{name}' under 'services', with a 'build'",
                    service=service.name,
                    fix=respell(
                        context.place,
                        name,
                        partial(facts.slip_of, name, "services", but=[service.name]),
                        ("services", service.name, "build"),
                    ),
                )
