"""Two services have the same container name.

## What it does
Reports a `container_name` that another service of the project has as well, unless their profiles
exclude each other.

## Why is this bad?
An engine has each name once. docker compose refuses the project, and does not name the other
service.

## Example
```yaml
services:
  api:
    image: api:1
    container_name: app
  worker:
    image: worker:1
    container_name: app  # duplicate-container-name
```

## Use instead
```yaml
services:
  api:
    image: api:1
    container_name: api
  worker:
    image: worker:1
    container_name: worker
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("error",), needs=("container_name",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service whose container name is taken by an earlier one."""
    taken = facts.claims()
    for service in facts.services.values():
        name = service.container_name
        if not name:
            continue
        first: Service | None = taken.first(name, service)
        taken.add(name, service, service)
        if first is not None:
            yield Finding(
                service.place("container_name"),
                f"services '{first.name}' and '{service.name}' have the same container name '{name}'",
                remedy="rename one, or take both out: Compose's own names never collide",
                service=service.name,
                related=(Related(first.place("container_name"), f"'{first.name}' has it here"),),
            )
