"""A service has a static address in a network whose subnet is left to the engine.

## What it does
Reports an `ipv4_address` or `ipv6_address` in a network without a `subnet` in `ipam.config`, and an
entry there that has a `gateway`, `ip_range` or `aux_addresses` and no `subnet`. Networks that are made
elsewhere (`external`) are not judged.

## Why is this bad?
`docker compose config` takes it, and the engine refuses to start the container: it takes an address
only where the subnet is given as well.

## Example
```yaml
services:
  dns:
    image: dns:1
    networks:
      back:
        ipv4_address: 172.28.0.53  # address-without-subnet
networks:
  back:
```

## Use instead
```yaml
services:
  dns:
    image: dns:1
    networks:
      back:
        ipv4_address: 172.28.0.53
networks:
  back:
    ipam:
      config:
        - subnet: 172.28.0.0/16
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Network

RULE = Rule(("error",), needs=("ipv4_address", "ipv6_address", "ipam"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each static address in a network that names no subnet."""
    from composecheck.facts.subnets import is_local, static_addresses

    local = {key: network for key, network in facts.project.networks.items() if is_local(network)}
    joined = {key for service in facts.services.values() for key in service.networks}
    for key, network in local.items():
        if key in joined:
            yield from _entries(network)
    without = {
        key: network
        for key, network in local.items()
        if not any(entry.says("subnet") for entry in network.ipam.config)
    }
    for service in facts.services.values():
        for key, attachment in service.networks.items():
            if key not in without:
                continue
            for written in static_addresses(attachment):
                if written.address is None:
                    continue
                yield Finding(
                    written.place,
                    f"service '{service.name}' has the address {written.text} in network '{key}', "
                    "which has no subnet of its own",
                    remedy=f"give '{key}' an 'ipam.config' with a 'subnet' that holds it",
                    service=service.name,
                    related=(Related(without[key].key_place(), f"network '{key}'"),),
                )


def _entries(network: Network) -> Iterator[Finding]:
    """Yield the entries without a subnet, which the engine cannot read ("invalid CIDR address")."""
    for entry in network.ipam.config:
        if entry.subnet:
            continue
        for key in ("gateway", "ip_range", "aux_addresses"):
            if getattr(entry, key):
                yield Finding(
                    entry.key_place(key),
                    f"'{key}' of network '{network.key}' stands without a 'subnet'",
                    remedy="write the subnet that it is in beside it",
                )
                break
