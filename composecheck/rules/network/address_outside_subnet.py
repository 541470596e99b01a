"""A static address is in none of its network's subnets.

## What it does
Reports an `ipv4_address` or `ipv6_address` outside the subnets that the network's `ipam.config` gives,
and a `gateway` or an entry of `aux_addresses` outside the subnet beside it.

## Why is this bad?
`docker compose config` takes it, and the engine refuses to make the network or to start the
container.

## Example
```yaml
services:
  dns:
    image: dns:1
    networks:
      back:
        ipv4_address: 172.29.0.53  # address-outside-subnet
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
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.subnets import Pool
    from composecheck.model.project import Network, Service

RULE = Rule(("error",), needs=("ipam",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each address that no subnet of its network holds."""
    from composecheck.facts.subnets import is_local, pools, unreadable

    known = {}
    for key, network in facts.project.networks.items():
        if is_local(network):
            yield from _in_network(network, pools(network))
            if not unreadable(network):
                known[key] = pools(network)
    for service in facts.services.values():
        yield from _in_service(service, known)


def _in_network(network: Network, pools: list[Pool]) -> Iterator[Finding]:
    from composecheck.facts.subnets import address

    for pool in pools:
        yield from _range(network, pool)
        gateway, others = pool.node.get("gateway"), pool.node.get("aux_addresses")
        for what, node in (
            *((("gateway", gateway),) if gateway is not None else ()),
            *((("aux_addresses", node) for node in others.mapping.values()) if others is not None else ()),
        ):
            found = address(node.value)
            if found is not None and found not in pool.subnet:
                yield Finding(
                    node.span,
                    f"'{what}' of network '{network.key}' is {found}, outside its subnet {pool.subnet}",
                    remedy=f"give it an address in {pool.subnet}",
                    related=(Related(pool.place.span, "the subnet"),),
                )


def _range(network: Network, pool: Pool) -> Iterator[Finding]:
    """Yield an `ip_range` that is no part of its subnet: engine 28 refuses it, 20.10 does not see it."""
    from composecheck.facts.subnets import subnet

    node = pool.node.get("ip_range")
    found = subnet(node.value) if node is not None else None
    if node is None or found is None or found.version != pool.subnet.version:
        return
    if found.prefixlen < pool.subnet.prefixlen or found.network_address not in pool.subnet:
        yield Finding(
            node.span,
            f"'ip_range' of network '{network.key}' is {found}, which is no part of its subnet {pool.subnet}",
            remedy=f"give it a part of {pool.subnet}",
            related=(Related(pool.place.span, "the subnet"),),
        )


def _in_service(service: Service, known: dict[str, list[Pool]]) -> Iterator[Finding]:
    from composecheck.facts.subnets import address

    for key, attachment in service.networks.items():
        pools = known.get(key)
        for word in ("ipv4_address", "ipv6_address") if pools else ():
            node = attachment.node.get(word)
            found = address(node.value) if node is not None else None
            if node is None or found is None or any(found in pool.subnet for pool in pools or ()):
                continue
            subnets = [str(pool.subnet) for pool in pools or ()]
            yield Finding(
                node.span,
                f"service '{service.name}' has the address {found}, "
                f"outside network '{key}' with {listed(subnets)}",
                remedy=f"give it an address in {listed(subnets, 'or')}",
                service=service.name,
                related=tuple(Related(pool.place.span, "the subnet") for pool in pools or ()),
            )
