"""A service with a fixed container name is to run more than once.

## What it does
Reports `container_name` in a service whose `scale` or `deploy.replicas` is above one.

## Why is this bad?
A name can be taken once only. docker compose refuses the project.

## Example
```yaml
services:
  worker:
    image: worker:1
    container_name: worker  # container-name-with-replicas
    scale: 2
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    scale: 2
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("container_name",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service that has a name of its own and several containers."""
    for service in facts.services.values():
        if not service.container_name or service.replicas < 2:
            continue
        yield Finding(
            service.place("container_name"),
            f"service '{service.name}' has the container name '{service.container_name}' "
            f"and is to run {service.replicas} times",
            remedy="take out 'container_name': each container then has a name of its own",
            service=service.name,
            related=(Related(service.place(*service.replicas_path), f"{service.replicas} containers"),),
        )
