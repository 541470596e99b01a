"""Two services have the same static address in one network.

## What it does
Reports an `ipv4_address` or `ipv6_address` that another service has in the same network, or that a
service which runs several times can have only once.

## Why is this bad?
`docker compose config` takes it. The engine starts the first of them; the other fails with "address
already in use", and which one that is changes from run to run.

## Example
```yaml
services:
  one:
    image: app:1
    networks:
      back:
        ipv4_address: 172.28.0.10
  two:
    image: app:1
    networks:
      back:
        ipv4_address: 172.28.0.10  # duplicate-address
networks:
  back:
    ipam:
      config:
        - subnet: 172.28.0.0/16
```

## Use instead
```yaml
services:
  one:
    image: app:1
    networks:
      back:
        ipv4_address: 172.28.0.10
  two:
    image: app:1
    networks:
      back:
        ipv4_address: 172.28.0.11
networks:
  back:
    ipam:
      config:
        - subnet: 172.28.0.0/16
```
"""

from __future__ import annotations

from typing import NamedTuple

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.subnets import AddressText
    from composecheck.model.project import Service

RULE = Rule(("error",), needs=("ipv4_address", "ipv6_address"), since="0.1")


class Held(NamedTuple):
    """An address that a service has, and how that is written."""

    service: Service
    written: AddressText


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each address that is taken already, and each that would be needed several times."""
    from composecheck.facts.networks import network_name
    from composecheck.facts.subnets import static_addresses

    taken = facts.claims()
    for service in facts.services.values():
        if not service.replicas:
            continue
        for key, attachment in service.networks.items():
            for written in static_addresses(attachment):
                if written.address is None:
                    continue
                # Two keys may stand for one network.
                thing = (network_name(facts.project, key), written.address)
                first: Held | None = taken.first(thing, service)
                taken.add(thing, service, Held(service, written))
                if first is not None:
                    yield _shared(first, Held(service, written), key)
                elif service.replicas > 1:
                    yield _several(Held(service, written), key)


def _shared(first: Held, second: Held, network: str) -> Finding:
    return Finding(
        second.written.place,
        f"services '{first.service.name}' and '{second.service.name}' both have the address "
        f"{second.written.text} in network '{network}'",
        remedy="give one of them another address, or none: services find each other by name",
        service=second.service.name,
        related=(Related(first.written.place, f"'{first.service.name}' has it here"),),
    )


def _several(held: Held, network: str) -> Finding:
    service = held.service
    return Finding(
        held.written.place,
        f"service '{service.name}' runs {service.replicas} times, but its address {held.written.text} "
        f"in network '{network}' can be had once",
        remedy="take out the address: services find each other by name",
        service=service.name,
        related=(Related(service.place(*service.replicas_path), f"{service.replicas} containers"),),
    )
