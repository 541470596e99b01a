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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each entry that names no service of the project."""
    known = context.defined("services")
    for service in context.services.values():
        sources = service.node.get("volumes_from")
        for source in sources.items if sources is not None else ():
            if not isinstance(source.value, str) or source.value.startswith("container:"):
                continue
            name = source.value.partition(":")[0]
            if name not in known:
                yield Diagnostic(
                    "undefined-volumes-from",
                    SEVERITY,
                    f"service '{service.name}' takes its volumes from '{name}', which is not defined",
                    source.span,
                    remedy=context.did_you_mean(name, "services", but=service.name)
                    or f"name a service of this project, or write 'container:{name}' for a container",
                    service=service.name,
                )
