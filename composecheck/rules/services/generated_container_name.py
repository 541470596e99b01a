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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("error",), needs=("container_name",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service whose container has another one's name."""
    for service in facts.services.values():
        name = service.container_name
        other = _generated(facts, name) if name and service.replicas else None
        if other is not None and facts.together(service, other):
            yield Finding(
                service.place_of("container_name").span,
                f"service '{service.name}' has the container name '{name}', "
                f"which docker compose gives to a container of '{other.name}'",
                remedy="rename it, or take it out: Compose's own names never collide",
                service=service.name,
                related=(Related(other.node.place, f"service '{other.name}' has no name of its own"),),
            )


def _generated(facts: Facts, name: str) -> Service | None:
    """Return the service whose container docker compose would give a name."""
    project = f"{facts.project.name}-"
    key, _, number = name.removeprefix(project).rpartition("-")
    other = facts.services.get(key) if name.startswith(project) else None
    if other is None or other.container_name or "provider" in other.node.mapping:
        return None
    numbered = number.isascii() and number.isdecimal() and not number.startswith("0") and len(number) < 9
    return other if numbered and int(number) <= other.replicas else None
