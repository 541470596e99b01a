"""A static address is one that its network keeps for itself.

## What it does
Reports an `ipv4_address` or `ipv6_address` that is the network's gateway (the one that is given, else
the first address of the subnet, where no `ip_range` is), one of its `aux_addresses`, or the first or
last address of an IPv4 subnet; and a `gateway` or one of the `aux_addresses` that is another of these.

## Why is this bad?
`docker compose config` takes it, and the engine refuses to start the container: "address already in
use".

## Example
```yaml
services:
  dns:
    image: dns:1
    networks:
      back:
        ipv4_address: 172.28.0.1  # reserved-address
networks:
  back:
    ipam:
      config:
        - subnet: 172.28.0.0/16
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
    from composecheck.facts.subnets import Address, Pool
    from composecheck.model.project import Network
    from composecheck.text.source import Span

    # What a network keeps an address for, in words, and where that is written.
    Reserved = dict[Address, tuple[str, Span]]

RULE = Rule(("error",), needs=("ipv4_address", "ipv6_address", "ipam"), since="0.1")
_BRIDGES = (None, "", "bridge")
_KEPT = {"gateway": "the gateway of network", "aux_addresses": "among the 'aux_addresses' of network"}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each static address that is reserved."""
    from composecheck.facts.subnets import is_local, static_addresses

    networks = {key: network for key, network in facts.project.networks.items() if is_local(network)}
    joined = {key for service in facts.services.values() for key in service.networks}
    for key, network in networks.items():
        if key in joined:
            yield from _kept_twice(network)
    reserved: dict[str, Reserved] = {}
    for service in facts.services.values():
        for key, attachment in service.networks.items():
            if key not in networks:
                continue
            for written in static_addresses(attachment):
                address = written.address
                if address is None:
                    continue
                if key not in reserved:
                    reserved[key] = _reserved(networks[key])
                if address not in reserved[key]:
                    continue
                what, place = reserved[key][address]
                yield Finding(
                    written.place,
                    f"service '{service.name}' has the address {address}, which is {what} '{key}'",
                    remedy="give it another address of the subnet",
                    service=service.name,
                    related=(Related(place, f"network '{key}'"),),
                )


def _kept_twice(network: Network) -> Iterator[Finding]:
    """Yield each address that a network keeps for two things: no engine makes it then (20.10 and 28)."""
    from composecheck.facts.subnets import kept_addresses, pools

    for pool in pools(network):
        taken = _ends(pool) | _implied_gateway(network, pool)
        for written in kept_addresses(pool.entry):
            address = written.address
            if address is None:
                continue
            if address in taken:
                what, place = taken[address]
                yield Finding(
                    written.place,
                    f"'{written.key}' of network '{network.key}' is {address}, "
                    f"which is {what} '{network.key}'",
                    remedy="give it another address of the subnet",
                    related=(Related(place, "taken here"),),
                )
            taken[address] = (_KEPT[written.key], written.place)


def _reserved(network: Network) -> Reserved:
    """Return the addresses that a network keeps."""
    from composecheck.facts.subnets import kept_addresses, pools

    reserved: Reserved = {}
    for pool in pools(network):
        reserved |= _ends(pool)
        # The gateway last: it goes before an auxiliary address that is the same.
        for written in sorted(kept_addresses(pool.entry), key=lambda each: each.key):
            if written.address is not None:
                reserved[written.address] = (_KEPT[written.key], written.place)
        reserved |= _implied_gateway(network, pool)
    return reserved


def _ends(pool: Pool) -> Reserved:
    """Return the first and the last address of a subnet."""
    subnet, place = pool.subnet, pool.place
    if subnet.version == 6 or subnet.prefixlen > 30:
        return {}
    return {
        subnet.network_address: ("the first of the subnet of network", place),
        subnet.broadcast_address: ("the last of the subnet of network", place),
    }


def _implied_gateway(network: Network, pool: Pool) -> Reserved:
    """Return the gateway that the engine chooses where none is written."""
    if (
        not pool.entry.says("gateway")
        and not pool.entry.says("ip_range")
        and network.driver in _BRIDGES
        and not network.says("driver_opts")
        and pool.subnet.num_addresses > 2
    ):
        return {pool.subnet[1]: (_KEPT["gateway"], pool.place)}
    return {}
