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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each service that has a name of its own and several containers."""
    for service in context.services.values():
        if not service.container_name or service.replicas < 2:
            continue
        scale = service.node.get("scale") or service.place_of("deploy", "replicas")
        yield Diagnostic(
            "container-name-with-replicas",
            SEVERITY,
            f"service '{service.name}' has the container name '{service.container_name}' "
            f"and is to run {service.replicas} times",
            service.place_of("container_name").span,
            remedy="take out 'container_name': each container then has a name of its own",
            service=service.name,
            related=(Related(scale.span, f"{service.replicas} containers"),),
        )
