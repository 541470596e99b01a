"""A program in the host's network listens on a port that another service wants as well.

## What it does
Reports a service with `network_mode: host` whose port another service publishes, or listens on in the
host's network as well. Its ports are those that it says itself (`ports`, `expose`), else the one that
its image is known for, unless its command or environment may change that. Services whose profiles
exclude each other do not count.

## Why is this bad?
In the host's network a container has no ports of its own: its program takes the machine's. The second
one to want a port fails, at its start ("port is already allocated") or in its log ("address already in
use").

## Example
```yaml
services:
  cache:
    image: redis:7
    network_mode: host
  session:
    image: redis:7
    ports:
      - "6379:6379"  # host-network-port
```

## Use instead
```yaml
services:
  cache:
    image: redis:7
    network_mode: host
  session:
    image: redis:7
    ports:
      - "6380:6379"
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
    """Yield each port that a program in the host's network listens on, and another service wants."""
    for first, second, _ in facts.host_ports.listened:
        listener, service = first.service.name, second.service.name
        listens = f"'{listener}' listens on it in the host's network"
        message = (
            f"services '{listener}' and '{service}' both listen on port {second.number} of the host"
            if second.hosted
            else f"service '{service}' publishes port {second.number}, and {listens}"
        )
        yield Finding(
            second.place,
            message,
            remedy="let one of them use another port, or take it out of the host's network",
            service=service,
            related=(Related(first.place, listens),),
        )
