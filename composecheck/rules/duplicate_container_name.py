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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.model.project import Service
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each service whose container name is taken by an earlier one."""
    taken = context.claims()
    for service in context.services.values():
        name = service.container_name
        if not name:
            continue
        first: Service | None = taken.first(name, service)
        taken.add(name, service, service)
        if first is not None:
            yield Diagnostic(
                "duplicate-container-name",
                SEVERITY,
                f"services '{first.name}' and '{service.name}' have the same container name '{name}'",
                service.place_of("container_name").span,
                remedy="rename one, or take both out: Compose's own names never collide",
                service=service.name,
                related=(Related(first.place_of("container_name").span, f"'{first.name}' has it here"),),
            )
