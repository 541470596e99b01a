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

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
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

    readable = {}
    for key, network in facts.project.networks.items():
        if is_local(network):
            yield from _in_network(network, pools(network))
            if not unreadable(network):
                readable[key] = pools(network)
    for service in facts.services.values():
        yield from _in_service(service, readable)


def _in_network(network: Network, pools: list[Pool]) -> Iterator[Finding]:
    from composecheck.facts.subnets import kept_addresses

    for pool in pools:
        yield from _range(network, pool)
        for written in kept_addresses(pool.entry):
            address = written.address
            if address is not None and address not in pool.subnet:
                yield Finding(
                    written.place,
                    f"'{written.key}' of network '{network.key}' is {address}, "
                    f"outside its subnet {pool.subnet}",
                    remedy=f"give it an address in {pool.subnet}",
                    related=(Related(pool.place, "the subnet"),),
                )


def _range(network: Network, pool: Pool) -> Iterator[Finding]:
    """Yield an `ip_range` that is no part of its subnet: engine 28 refuses it, 20.10 does not see it."""
    from composecheck.facts.subnets import subnet

    part = subnet(pool.entry.ip_range)
    if part is None or part.version != pool.subnet.version:
        return
    if part.prefixlen < pool.subnet.prefixlen or part.network_address not in pool.subnet:
        yield Finding(
            pool.entry.place("ip_range"),
            f"'ip_range' of network '{network.key}' is {part}, which is no part of its subnet {pool.subnet}",
            remedy=f"give it a part of {pool.subnet}",
            related=(Related(pool.place, "the subnet"),),
        )


def _in_service(service: Service, pools_by_network: dict[str, list[Pool]]) -> Iterator[Finding]:
    from composecheck.facts.subnets import static_addresses

    for key, attachment in service.networks.items():
        pools = pools_by_network.get(key)
        if not pools:
            continue
        for written in static_addresses(attachment):
            address = written.address
            if address is None or any(address in pool.subnet for pool in pools):
                continue
            subnets = [str(pool.subnet) for pool in pools]
            yield Finding(
                written.place,
                f"service '{service.name}' has the address {address}, "
                f"outside network '{key}' with {listed(subnets)}",
                remedy=f"give it an address in {listed(subnets, 'or')}",
                service=service.name,
                related=tuple(Related(pool.place, "the subnet") for pool in pools),
            )
