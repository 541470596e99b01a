"""A service has both a `network_mode` and `networks`.

## What it does
Reports a service that joins networks and also takes another network mode.

## Why is this bad?
A container in the host's, another's or no network namespace cannot join networks. docker compose
refuses the project.

## Example
```yaml
services:
  web:
    image: nginx:1
    network_mode: host  # network-mode-with-networks
    networks: [frontend]
networks:
  frontend:
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks: [frontend]
networks:
  frontend:
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("network_mode",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service with both keys."""
    for service in facts.services.values():
        if service.network_mode and service.networks:
            yield Finding(
                service.key_place("network_mode"),
                f"service '{service.name}' has the network mode '{service.network_mode}' "
                "and joins networks as well",
                remedy="take out one of the two",
                service=service.name,
                related=(Related(service.key_place("networks"), "the networks"),),
            )
