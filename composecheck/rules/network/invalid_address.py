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

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.subnets import AddressText
    from composecheck.model.details import Pool
    from composecheck.model.project import Network, Service
    from composecheck.text.source import Span

RULE = Rule(
    ("error", "warning"),
    needs=("ipv4_address", "ipv6_address", "dns", "ipam", "link_local_ips", "mac_address"),
    on_values=True,
    template=True,
    since="0.1",
)

_MAC = re.compile(
    r"[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2}|(?:\1[0-9a-f]{2}){14})?"
    r"|(?:[0-9a-f]{4}\.){2}(?:[0-9a-f]{4}\.)?[0-9a-f]{4}|(?:[0-9a-f]{4}\.){9}[0-9a-f]{4}",
    re.ASCII | re.IGNORECASE,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each text that stands where an address is meant, and is none."""
    for service in facts.services.values():
        for written in _addresses(service):
            yield from _checked(written, f"service '{service.name}'", service.name)
        for text, place in _macs(service):
            if not _MAC.fullmatch(text):
                yield Finding(
                    place,
                    f"'{text}' of service '{service.name}' is no MAC address",
                    remedy="write six pairs of hexadecimal digits, '02:42:ac:11:00:02'",
                    service=service.name,
                )
    for network in facts.project.networks.values():
        if not network.external:
            for entry in network.ipam.config:
                yield from _pool(network, entry)


def _addresses(service: Service) -> Iterator[AddressText]:
    from composecheck.facts.subnets import AddressText, static_addresses

    for text, place in service.entries("dns"):
        yield AddressText("dns", text, place)
    for attachment in service.networks.values():
        yield from static_addresses(attachment)
        for text, place in attachment.entries("link_local_ips"):
            yield AddressText("link_local_ips", text, place)


def _macs(service: Service) -> Iterator[tuple[str, Span]]:
    """Yield the MAC addresses of a service and its attachments."""
    if service.mac_address:
        yield service.mac_address, service.place("mac_address")
    for attachment in service.networks.values():
        if attachment.mac_address:
            yield attachment.mac_address, attachment.place("mac_address")


def _checked(written: AddressText, owner: str, service: str | None = None) -> Iterator[Finding]:
    if not written.text:
        return
    address = written.address
    version = {"ipv4_address": 4, "ipv6_address": 6}.get(written.key)
    what = f"'{written.key}' of {owner} is '{written.text}'"
    if address is None:
        example = "fd00::10" if version == 6 else "172.28.0.10"
        remedy = f"write a whole address, such as '{example}'"
        yield Finding(written.place, f"{what}, which is no IP address", remedy, service)
    elif version is not None and address.version != version:
        yield Finding(
            written.place,
            f"{what}, which is an IPv{address.version} address",
            remedy=f"write it under 'ipv{address.version}_address'",
            service=service,
        )


def _pool(network: Network, entry: Pool) -> Iterator[Finding]:
    from composecheck.facts.subnets import kept_addresses

    owner = f"network '{network.key}'"
    for key in ("subnet", "ip_range"):
        text = getattr(entry, key)
        if text:
            yield from _subnet(entry, key, text, owner)
    for written in kept_addresses(entry):
        yield from _checked(written, owner)


def _subnet(entry: Pool, key: str, text: str, owner: str) -> Iterator[Finding]:
    """Yield a finding where a text is no subnet, or is an address within one."""
    from composecheck.facts.subnets import address, subnet

    addresses = subnet(text)
    what = f"'{key}' of {owner} is '{text}'"
    if addresses is None:
        yield Finding(
            entry.place(key),
            f"{what}, which is no subnet",
            remedy="write it with its prefix, such as '172.28.0.0/16'",
        )
    elif address(text.partition("/")[0]) != addresses.network_address:
        yield Finding(
            entry.place(key),
            f"{what}, which is an address in '{addresses}'",
            remedy=f"write '{addresses}'",
            severity="warning",
        )
