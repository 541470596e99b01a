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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.subnets import Address, Pool
    from composecheck.model.project import Network
    from composecheck.text.node import Node

RULE = Rule(("error",), needs=("ipv4_address", "ipv6_address", "ipam"), since="0.1")
_BRIDGES = (None, "", "bridge")
_KEPT = {"gateway": "the gateway of network", "aux_addresses": "among the 'aux_addresses' of network"}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each static address that is reserved."""
    from composecheck.facts.subnets import address, is_local

    joined = {key for service in facts.services.values() for key in service.networks}
    for key, each in facts.project.networks.items():
        if key in joined and is_local(each):
            yield from _own(each)
    reserved: dict[str, dict[Address, tuple[str, Node]]] = {}
    for service in facts.services.values():
        for key, attachment in service.networks.items():
            network = facts.project.networks.get(key)
            for word in ("ipv4_address", "ipv6_address"):
                node = attachment.node.get(word)
                found = address(node.value) if node is not None else None
                if node is None or found is None or network is None or not is_local(network):
                    continue
                if key not in reserved:
                    reserved[key] = _reserved(network)
                if found not in reserved[key]:
                    continue
                what, place = reserved[key][found]
                yield Finding(
                    node.span,
                    f"service '{service.name}' has the address {found}, which is {what} '{key}'",
                    remedy="give it another address of the subnet",
                    service=service.name,
                    related=(Related(place.span, f"network '{key}'"),),
                )


def _own(network: Network) -> Iterator[Finding]:
    """Yield what a network is to keep twice: the engine then does not make it (engines 20.10 and 28)."""
    from composecheck.facts.subnets import address, pools

    for pool in pools(network):
        taken = dict(_ends(pool))
        gateway, others = pool.node.get("gateway"), pool.node.get("aux_addresses")
        if gateway is None:
            taken |= _given(network, pool._replace(node=pool.node.replace(_without_others(pool.node))))
        for key, node in (
            *((("gateway", gateway),) if gateway is not None else ()),
            *((("aux_addresses", node) for node in others.mapping.values()) if others is not None else ()),
        ):
            found = address(node.value)
            if found is None:
                continue
            if found in taken:
                what, place = taken[found]
                yield Finding(
                    node.span,
                    f"'{key}' of network '{network.key}' is {found}, which is {what} '{network.key}'",
                    remedy="give it another address of the subnet",
                    related=(Related(place.span, "taken here"),),
                )
            taken[found] = (_KEPT[key], node)


def _without_others(node: Node) -> dict[str, Node]:
    return {key: value for key, value in node.mapping.items() if key != "aux_addresses"}


def _ends(pool: Pool) -> Iterator[tuple[Address, tuple[str, Node]]]:
    subnet, place = pool.subnet, pool.place
    if subnet.version == 4 and subnet.prefixlen < 31:
        yield subnet.network_address, ("the first of the subnet of network", place)
        yield subnet.broadcast_address, ("the last of the subnet of network", place)


def _reserved(network: Network) -> dict[Address, tuple[str, Node]]:
    """Return the addresses that a network keeps, what each is, and where that is written."""
    from composecheck.facts.subnets import pools

    found: dict[Address, tuple[str, Node]] = {}
    for pool in pools(network):
        found |= dict(_ends(pool))
        found |= _given(network, pool)
    return found


def _given(network: Network, pool: Pool) -> dict[Address, tuple[str, Node]]:
    from composecheck.facts.subnets import address

    found: dict[Address, tuple[str, Node]] = {}
    others, gateway = pool.node.get("aux_addresses"), pool.node.get("gateway")
    for node in others.mapping.values() if others is not None else ():
        known = address(node.value)
        if known is not None:
            found[known] = (_KEPT["aux_addresses"], node)
    known = address(gateway.value) if gateway is not None else None
    if gateway is not None and known is not None:
        found[known] = (_KEPT["gateway"], gateway)
    elif (
        gateway is None
        and network.driver in _BRIDGES
        and pool.node.get("ip_range") is None
        and pool.subnet.num_addresses > 2
        and "driver_opts" not in network.node.mapping
    ):
        found[pool.subnet[1]] = (_KEPT["gateway"], pool.place)
    return found
