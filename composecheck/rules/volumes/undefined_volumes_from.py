"""A service takes its volumes from one that is not defined.

## What it does
Reports an entry of `volumes_from` that names no service of the project. One that begins with
`container:` names a container, and is left alone.

## Why is this bad?
docker compose refuses the whole project, and speaks of `depends_on`.

## Example
```yaml
services:
  backup:
    image: backup:1
    volumes_from:
      - databse:ro  # undefined-volumes-from
  database:
    image: postgres:16
```

## Use instead
```yaml
services:
  backup:
    image: backup:1
    volumes_from:
      - database:ro
  database:
    image: postgres:16
```
"""

from __future__ import annotations

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import volumes_from
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",),
    needs=("volumes_from",),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each entry that names no service of the project."""
    services = facts.defined("services")
    for service in facts.services.values():
        for source in volumes_from(service):
            name = source.service
            if name is not None and name not in services:
                yield Finding(
                    source.place,
                    f"service '{service.name}' takes its volumes from '{name}', which is not defined",
                    remedy=facts.did_you_mean(name, "services", but=(service.name,))
                    or f"name a service of this project, or write 'container:{name}' for a container",
                    service=service.name,
                    fix=respell(
                        source.place,
                        name,
                        partial(facts.slip_of, name, "services", but=[service.name]),
                        ("services", service.name, "volumes_from"),
                        ("services", service.name, "depends_on"),
                    ),
                )
