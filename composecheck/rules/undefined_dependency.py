"""A service depends on one that is not defined.

## What it does
Reports a name in `depends_on` that is no service of the project.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      databse:  # undefined-dependency
        condition: service_healthy
  database:
    image: postgres:16
    healthcheck:
      test: pg_isready
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    depends_on:
      database:
        condition: service_healthy
  database:
    image: postgres:16
    healthcheck:
      test: pg_isready
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each entry of `depends_on` that names no service of the project."""
    known = context.defined("services")
    for service in context.services.values():
        for name, dependency in service.depends_on.items():
            if dependency.implicit is None and name not in known:
                yield Diagnostic(
                    "undefined-dependency",
                    SEVERITY,
                    f"service '{service.name}' depends on '{name}', which is not defined",
                    dependency.node.place,
                    remedy=context.did_you_mean(name, "services", but=service.name)
                    or "define it under 'services', or take it out of 'depends_on'",
                    service=service.name,
                )
