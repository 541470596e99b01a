"""A service has a link to one that is not defined.

## What it does
Reports an entry of `links` whose service (what stands before the colon) is none of the project's.
Containers that Compose does not start belong in `external_links`.

## Why is this bad?
A link is a dependency too: docker compose refuses the whole project, and speaks of `depends_on`.

## Example
```yaml
services:
  web:
    image: nginx:1
    links:
      - database:db  # undefined-link
  db:
    image: postgres:16
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    links:
      - db
  db:
    image: postgres:16
```
"""

from __future__ import annotations

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import links
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",), needs=("links",), refused=True, whole=True, on_values=True, lacks="definition", since="0.1"
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each link to what is no service of the project."""
    services = facts.defined("services")
    for service in facts.services.values():
        for link in links(service):
            if link.target not in services:
                yield Finding(
                    link.place,
                    f"service '{service.name}' has a link to '{link.target}', which is not defined",
                    remedy=facts.did_you_mean(link.target, "services", but=(service.name,))
                    or "name a service of this project, or write it under 'external_links'",
                    service=service.name,
                    fix=respell(
                        link.place,
                        link.target,
                        partial(facts.slip_of, link.target, "services", but=[service.name]),
                        ("services", service.name, "links"),
                        ("services", service.name, "depends_on"),
                    ),
                )
