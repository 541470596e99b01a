"""An address, or a subnet, is none.

## What it does
Reports an `ipv4_address`, `ipv6_address`, entry of `link_local_ips` or of `dns`, `mac_address`, and
in a network's `ipam.config` a `subnet`, `ip_range`, `gateway` or entry of `aux_addresses` that cannot
be read; and a `subnet` or `ip_range` whose address has bits beside its prefix (`10.0.0.5/24`), as a
warning, since engines before 25 take it.

## Why is this bad?
`docker compose config` takes any text. `up` fails once it gets to the network or the container, with
whatever it has started until then.

## Example
```yaml
services:
  web:
    image: nginx:1
    dns: [dns.example]  # invalid-address
    networks:
      back:
        ipv4_address: 172.28.0.256  # invalid-address
networks:
  back:
    ipam:
      config:
        - subnet: 172.28.0.0  # invalid-address
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    dns: [192.0.2.53]
    networks:
      back:
        ipv4_address: 172.28.0.254
networks:
  back:
    ipam:
      config:
        - subnet: 172.28.0.0/24
```
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Network, Service
    from composecheck.text.node import Node

RULE = Rule(
    ("error", "warning"),
    needs=("ipv4_address", "ipv6_address", "dns", "ipam", "link_local_ips", "mac_address"),
    since="0.1",
)

_MAC = re.compile(
    r"[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2}|(?:\1[0-9a-f]{2}){14})?"
    r"|(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.)?[0-9a-f]{4}|(?:[0-9a-f]{4}\.){9}[0-9a-f]{4}",
    re.ASCII | re.IGNORECASE,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each address that is none."""
    for service in facts.services.values():
        for word, node in _addresses(service):
            yield from _checked(word, node, f"service '{service.name}'", service.name)
        for node in _macs(service):
            if isinstance(node.value, str) and node.value and not _MAC.fullmatch(node.value):
                yield _finding(
                    f"'{node.value}' of service '{service.name}' is no MAC address",
                    node,
                    "write six pairs of hexadecimal digits, '02:42:ac:11:00:02'",
                    service.name,
                )
    for network in facts.project.networks.values():
        if not network.external:
            yield from _network(network)


def _addresses(service: Service) -> Iterator[tuple[str, Node]]:
    """Yield the addresses of a service, each with the key that it stands under."""
    dns = service.node.get("dns")
    for node in dns.items if dns is not None else ():
        yield "dns", node
    for attachment in service.networks.values():
        values = attachment.node.mapping
        for key in ("ipv4_address", "ipv6_address"):
            if key in values:
                yield key, values[key]
        for node in values["link_local_ips"].items if "link_local_ips" in values else ():
            yield "link_local_ips", node


def _macs(service: Service) -> Iterator[Node]:
    owners: Iterable[Node] = (service.node, *(each.node for each in service.networks.values()))
    for owner in owners:
        if "mac_address" in owner.mapping:
            yield owner.mapping["mac_address"]


def _checked(key: str, node: Node, owner: str, service: str | None) -> Iterator[Finding]:
    from composecheck.facts.subnets import address

    if not isinstance(node.value, str) or not node.value:
        return
    found = address(node.value)
    version = {"ipv4_address": 4, "ipv6_address": 6}.get(key)
    if found is None:
        yield _finding(f"'{key}' of {owner} is '{node.value}', which is no IP address", node, "", service)
    elif version is not None and found.version != version:
        message = f"'{key}' of {owner} is '{node.value}', which is an IPv{found.version} address"
        yield _finding(message, node, f"write it under 'ipv{found.version}_address'", service)


def _network(network: Network) -> Iterator[Finding]:
    from composecheck.facts.subnets import entries, subnet

    owner = f"network '{network.key}'"
    for entry in entries(network):
        for key in ("subnet", "ip_range"):
            node = entry.get(key)
            if node is None or not isinstance(node.value, str) or not node.value:
                continue
            found = subnet(node.value)
            if found is None:
                message = f"'{key}' of {owner} is '{node.value}', which is no subnet"
                yield _finding(message, node, "write it with its prefix, such as '172.28.0.0/16'", None)
            elif node.value.partition("/")[0] != str(found.network_address):
                from composecheck.facts.subnets import address

                if address(node.value.partition("/")[0]) != found.network_address:
                    message = f"'{key}' of {owner} is '{node.value}', which is an address in '{found}'"
                    finding = _finding(message, node, f"write '{found}'", None)
                    yield finding._replace(severity="warning")
        gateway, others = entry.get("gateway"), entry.get("aux_addresses")
        if gateway is not None:
            yield from _checked("gateway", gateway, owner, None)
        for node in others.mapping.values() if others is not None else ():
            yield from _checked("aux_addresses", node, owner, None)


def _finding(message: str, node: Node, remedy: str, service: str | None) -> Finding:
    return Finding(node.span, message, remedy=remedy, service=service)
