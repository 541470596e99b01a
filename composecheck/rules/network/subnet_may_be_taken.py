"""A network has a subnet of its own that the engine may have given to another network.

## What it does
Reports a `subnet` among those that the engine numbers networks from by itself, beside a network of the
project that it does number: Docker takes the first of `172.18.0.0/16` to `172.31.0.0/16` that is free,
then blocks of `192.168.0.0/16`, for which this is a note. It is an error to take of `172.17.0.0/16`,
which is the engine's own `bridge`, unless that was moved. `default` is numbered too, where a service
uses it.

## Why is this bad?
Networks are made in no order. If the engine numbers the other one first, the project fails with "Pool
overlaps with other one on this address space": on one day in two, or on the machine that has as many
networks already.

## Example
```yaml
services:
  web:
    image: nginx:1
    networks: [default, back]
networks:
  back:
    ipam:
      config:
        - subnet: 172.18.0.0/16  # subnet-may-be-taken
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks: [default, back]
networks:
  back:
    ipam:
      config:
        - subnet: 10.80.0.0/24
```

## Example
```yaml
services:
  web:
    image: nginx:1
    networks: [back]
networks:
  back:
    ipam:
      config:
        - subnet: 172.17.0.0/24  # subnet-may-be-taken
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks: [back]
networks:
  back:
    ipam:
      config:
        - subnet: 10.80.0.0/24
```
"""

from __future__ import annotations

from ipaddress import IPv4Network

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.facts import Facts
    from composecheck.facts.subnets import Pool
    from composecheck.model.project import Network

RULE = Rule(("warning", "error", "note"), needs=("ipam",), confidence="likely", since="0.1")
_REMEDY = "take a subnet that the engine gives nobody by itself, such as '10.80.0.0/24'"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each subnet that another network may have; the engine's pools are moby's defaults."""
    from composecheck.facts.subnets import made

    active, added = made(facts.project, facts.services)
    always = next((network for network in active if _is_numbered(network)), None)
    yield from _findings(active, always, None)
    # Those that are active stand beside what any profile adds, but are told of once.
    waiting = active if always is None else []
    for profile, networks in added:
        numbered = always or next((network for network in networks if _is_numbered(network)), None)
        yield from _findings(networks, numbered, profile)
        if numbered is not None and waiting:
            yield from _findings(waiting, numbered, profile)
            waiting = []


def _findings(
    networks: Iterable[Network], numbered: Network | None, profile: str | None
) -> Iterator[Finding]:
    """Yield what is wrong with the subnets of networks beside one that the engine numbers."""
    from composecheck.facts.subnets import is_local, pools

    # libnetwork, ipamutils: all of the local scope; measured on engines 20.10 and 28.
    bridge, first, last = (IPv4Network(text) for text in ("172.17.0.0/16", "172.16.0.0/12", "192.168.0.0/16"))
    for network in networks:
        for pool in pools(network) if is_local(network) else ():
            subnet = pool.subnet
            if not isinstance(subnet, IPv4Network):
                continue
            if subnet.overlaps(bridge):
                yield _taken(network, pool)
            elif numbered is not None and subnet.overlaps(last):
                yield _finding(network, pool, numbered, profile)._replace(confidence="possible")
            elif numbered is not None and subnet.overlaps(first) and subnet[-1] > bridge[-1]:
                yield _finding(network, pool, numbered, profile)


def _is_numbered(network: Network) -> bool:
    """Return whether the engine chooses a network's IPv4 addresses, from its local pools."""
    from composecheck.facts.subnets import is_local, pools, unreadable

    return (
        is_local(network)
        and not unreadable(network)
        and not any(isinstance(pool.subnet, IPv4Network) for pool in pools(network))
        and network.enable_ipv4 is not False
    )


def _taken(network: Network, pool: Pool) -> Finding:
    return Finding(
        pool.place,
        f"subnet {pool.subnet} of network '{network.key}' overlaps with 172.17.0.0/16, "
        "which is the engine's own network 'bridge'",
        remedy=_REMEDY,
        severity="error",
    )


def _finding(network: Network, pool: Pool, numbered: Network, profile: str | None) -> Finding:
    return Finding(
        pool.place,
        f"subnet {pool.subnet} of network '{network.key}' may be taken by network '{numbered.key}', "
        "which the engine numbers itself" + (f" (with profile '{profile}')" if profile else ""),
        remedy=_REMEDY,
        related=(Related(numbered.key_place(), "no subnet of its own"),),
    )
