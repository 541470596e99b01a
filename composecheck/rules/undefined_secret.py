"""A service uses a secret that is not defined.

## What it does
Reports a name in a service's `secrets`, or in those of its `build`,
that does not stand under the top-level
`secrets`.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets:
      - db_pasword  # undefined-secret
secrets:
  db_password:
    file: ./db_password
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    secrets:
      - db_password
secrets:
  db_password:
    file: ./db_password
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
    """Yield each secret of a service that is not defined."""
    known = context.defined("secrets")
    for service in context.services.values():
        for path in (("secrets",), ("build", "secrets")):
            used = service.node.get(*path)
            for entry in used.items if used is not None else ():
                source = entry.get("source") or entry
                if isinstance(source.value, str) and source.value not in known:
                    yield Diagnostic(
                        "undefined-secret",
                        SEVERITY,
                        f"service '{service.name}' uses the secret '{source.value}', which is not defined",
                        source.span,
                        remedy=context.did_you_mean(source.value, "secrets")
                        or f"define '{source.value}' under the top-level 'secrets'",
                        service=service.name,
                    )
