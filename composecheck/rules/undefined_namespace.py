"""A service is to share a namespace of one that is not defined.

## What it does
Reports `service:NAME` in `network_mode`, `ipc`, `pid` or `uts` where the project has no such
service.

## Why is this bad?
docker compose refuses the whole project, and speaks of `depends_on`.

## Example
```yaml
services:
  app:
    image: app:1
    network_mode: service:vpm  # undefined-namespace
  vpn:
    image: vpn:1
```

## Use instead
```yaml
services:
  app:
    image: app:1
    network_mode: service:vpn
  vpn:
    image: vpn:1
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
_NAMESPACES = ("network_mode", "ipc", "pid", "uts")
_PREFIX = "service:"


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each `service:` form that names no service of the project."""
    known = context.defined("services")
    for service in context.services.values():
        for key in _NAMESPACES:
            node = service.node.mapping.get(key)
            if node is None or not isinstance(node.value, str) or not node.value.startswith(_PREFIX):
                continue
            name = node.value.removeprefix(_PREFIX)
            if name not in known:
                yield Diagnostic(
                    "undefined-namespace",
                    SEVERITY,
                    f"'{key}' of service '{service.name}' names the service '{name}', which is not defined",
                    node.span,
                    remedy=context.did_you_mean(name, "services", but=service.name)
                    or f"define '{name}' under 'services', or write 'container:{name}' for a container",
                    service=service.name,
                )
