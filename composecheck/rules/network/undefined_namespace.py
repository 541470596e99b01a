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

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import namespaces
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",),
    needs=("network_mode", "ipc", "pid", "uts"),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each `service:` form that names no service of the project."""
    services = facts.defined("services")
    for service in facts.services.values():
        for key, place, name in namespaces(service):
            if name not in services:
                yield Finding(
                    place,
                    f"'{key}' of service '{service.name}' names the service '{name}', which is not defined",
                    remedy=facts.did_you_mean(name, "services", but=(service.name,))
                    or f"define '{name}' under 'services', or write 'container:{name}' for a container",
                    service=service.name,
                    fix=respell(
                        place,
                        name,
                        partial(facts.slip_of, name, "services", but=[service.name]),
                        ("services", service.name, key),
                        ("services", service.name, "depends_on"),
                    ),
                )
