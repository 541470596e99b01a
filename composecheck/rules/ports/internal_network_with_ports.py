"""A service publishes ports, but all its networks are internal.

## What it does
Reports `ports` of a service of whose networks each is `internal: true`. Nothing is said of one that
is in an external network, which may be either.

## Why is this bad?
An internal network has no way out or in: the engine publishes nothing, says nothing, and who
connects to the port is refused.

## Example
```yaml
services:
  db:
    image: mariadb:11
    networks: [back]
    ports:
      - "127.0.0.1:3306:3306"  # internal-network-with-ports
networks:
  back:
    internal: true
```

## Use instead
```yaml
services:
  db:
    image: mariadb:11
    networks: [back, front]
    ports:
      - "127.0.0.1:3306:3306"
networks:
  front:
  back:
    internal: true
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning",), needs=("internal",), since="0.1")
_DRIVERS = (None, "", "bridge")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service whose ports nobody reaches."""
    networks = facts.project.networks
    for service in facts.services.values():
        if not service.ports or service.network_mode or not service.networks:
            continue
        joined = [networks.get(key) for key in service.networks]
        inner = [
            network for network in joined if network is not None and network.internal and not network.external
        ]
        if len(inner) == len(joined) and all(network.driver in _DRIVERS for network in inner):
            which = "networks" if len(inner) > 1 else "network"
            are = "are all" if len(inner) > 1 else "is"
            keys = listed(network.key for network in inner)
            yield Finding(
                service.ports[0].place(),
                f"service '{service.name}' publishes ports that nobody reaches: "
                f"its {which} {keys} {are} internal",
                remedy="add a network that is not internal, or take out 'ports'",
                service=service.name,
                related=(Related(inner[0].key_place("internal"), "internal"),),
            )
