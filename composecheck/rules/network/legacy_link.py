"""A service links to others, which their names do as well.

## What it does
Reports `links`, once for each service.

## Why is this bad?
Links are from a time before networks. Services of one network find each other by their names, and
other names can be had as `aliases`; links also make a service wait for the others to start, which
`depends_on` says more plainly.

## Example
```yaml
services:
  web:
    image: web:1
    links:
      - api  # legacy-link
  api:
    image: api:1
```

## Use instead
```yaml
services:
  web:
    image: web:1
  api:
    image: api:1
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("links",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the links of each service."""
    for service in facts.services.values():
        if service.links:
            yield Finding(
                service.place("links", 0),
                f"service '{service.name}' has 'links', which it does not need to reach the others",
                remedy="take them out: services find each other by name; say 'depends_on' for the order",
                service=service.name,
            )
