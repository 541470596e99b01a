"""A service has the container name that Compose gives to another one.

## What it does
Reports a `container_name` like `project-service-1` that is what docker compose names the container
of another service of the project, unless their profiles exclude each other.

## Why is this bad?
`docker compose config` sees no two names alike. `up` fails with "The container name is already in use"
when it makes the second one.

## Example
```yaml
name: shop
services:
  db:
    image: mariadb:11
  backup:
    image: backup:1
    container_name: shop-db-1  # generated-container-name
```

## Use instead
```yaml
name: shop
services:
  db:
    image: mariadb:11
  backup:
    image: backup:1
    container_name: shop-backup
```
"""

from __future__ import annotations

from composecheck.facts.names import generated
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("container_name",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service whose container has another one's name."""
    for service in facts.services.values():
        name = service.container_name
        other = generated(facts.whole, name) if name and service.replicas else None
        if other is not None and facts.can_both_be_active(service, other):
            yield Finding(
                service.place("container_name"),
                f"service '{service.name}' has the container name '{name}', "
                f"which docker compose gives to a container of '{other.name}'",
                remedy="rename it, or take it out: Compose's own names never collide",
                service=service.name,
                related=(Related(other.key_place(), f"service '{other.name}' has no name of its own"),),
            )
