"""A build takes its files from a service that is not defined.

## What it does
Reports a `service:` form in `build.additional_contexts` that names no service of the project.

## Why is this bad?
docker compose refuses the project.

## Example
```yaml
services:
  web:
    build:
      context: .
      additional_contexts:
        base: service:bse  # undefined-build-context
  base:
    build: base
```

## Use instead
```yaml
services:
  web:
    build:
      context: .
      additional_contexts:
        base: service:base
  base:
    build: base
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
_PREFIX = "service:"


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each context that names no service of the project."""
    known = context.defined("services")
    for service in context.services.values():
        contexts = service.node.get("build", "additional_contexts")
        for entry in contexts.mapping.values() if contexts is not None else ():
            if not isinstance(entry.value, str) or not entry.value.startswith(_PREFIX):
                continue
            name = entry.value.removeprefix(_PREFIX)
            if name not in known:
                yield Diagnostic(
                    "undefined-build-context",
                    SEVERITY,
                    f"the build of service '{service.name}' takes files from '{name}', which is not defined",
                    entry.span,
                    remedy=context.did_you_mean(name, "services", but=service.name)
                    or f"define '{name}' under 'services', with a 'build'",
                    service=service.name,
                )
