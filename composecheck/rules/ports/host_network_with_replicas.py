"""A service that listens in the host's network runs several times.

## What it does
Reports a service with `network_mode: host` and more than one container, of which a port is known: one
that it says itself (`ports`, `expose`), else the one that its image is known for, unless its command or
environment may change that.

## Why is this bad?
All of them listen on the same port of the machine, and one can. The others end ("address already in
use"), or never answer.

## Example
```yaml
services:
  cache:
    image: redis:7
    network_mode: host  # host-network-with-replicas
    scale: 2
```

## Use instead
```yaml
services:
  cache:
    image: redis:7
    network_mode: host
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning",), needs=("network_mode",), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each port in the host's network that several containers of a service want."""
    for claim in facts.host_ports.crowded_host:
        service = claim.service
        yield Finding(
            claim.place,
            f"service '{service.name}' runs {service.replicas} times in the host's network, "
            f"where one can listen on port {claim.number}",
            remedy="take it out of the host's network, or run it once",
            service=service.name,
            related=(Related(service.place(*service.replicas_path), f"{service.replicas} containers"),),
        )
