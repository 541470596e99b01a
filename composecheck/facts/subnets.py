"""The address pools of a project's networks, as far as its files say them.

Imported by the rules about addresses alone: a project without any does not pay for it.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import NamedTuple

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from composecheck.model.attributes import Part
    from composecheck.model.details import Pool as Entry
    from composecheck.model.project import Attachment, Network, Project, Service
    from composecheck.text.source import Span

    Address = IPv4Address | IPv6Address
    Subnet = IPv4Network | IPv6Network

# The drivers whose pools the engine hands out itself, all from one address space.
_LOCAL = ("", "default", "bridge", "macvlan", "ipvlan")


class Pool(NamedTuple):
    """One entry of `ipam.config` with a subnet that can be read."""

    entry: Entry
    subnet: Subnet

    @property
    def place(self) -> Span:
        """Where the subnet is written."""
        return self.entry.place("subnet")


class AddressText(NamedTuple):
    """A text that stands where an address is meant: the key that it stands under, and its place."""

    key: str
    text: str
    place: Span

    @property
    def address(self) -> Address | None:
        """The address; None where the text is none."""
        return address(self.text)


def static_addresses(attachment: Attachment) -> Iterator[AddressText]:
    """Yield the addresses that a service asks for in a network."""
    return _written(attachment, "ipv4_address", "ipv6_address")


def kept_addresses(entry: Entry) -> Iterator[AddressText]:
    """Yield the addresses of a pool that a network keeps: the gateway, and those in `aux_addresses`."""
    yield from _written(entry, "gateway")
    for name, text in entry.aux_addresses.items():
        if text:
            yield AddressText("aux_addresses", text, entry.place("aux_addresses", name))


def _written(part: Part, *keys: str) -> Iterator[AddressText]:
    for key in keys:
        text = getattr(part, key)
        if text:
            yield AddressText(key, text, part.place(key))


def address(text: str | None) -> Address | None:
    """Return an address, None for what is none."""
    try:
        return ip_address(text) if text is not None else None
    except ValueError:
        return None


def subnet(text: str | None) -> Subnet | None:
    """Return a subnet in CIDR notation, None for what is none; its host bits may be set."""
    try:
        return ip_network(text, strict=False) if text is not None and "/" in text else None
    except ValueError:
        return None


def is_local(network: Network) -> bool:
    """Return whether the engine hands out a network's addresses, and its pools are written here."""
    return (
        not network.external and (network.driver or "") in _LOCAL and network.ipam.driver in (None, "default")
    )


def pools(network: Network) -> list[Pool]:
    """Return the pools whose subnet can be read."""
    entries = ((entry, subnet(entry.subnet)) for entry in network.ipam.config)
    return [Pool(entry, addresses) for entry, addresses in entries if addresses is not None]


def unreadable(network: Network) -> bool:
    """Return whether a network has a subnet that cannot be read, or an entry that names none."""
    return len(pools(network)) < len(network.ipam.config)


def made(
    project: Project, services: Mapping[str, Service]
) -> tuple[list[Network], list[tuple[str, list[Network]]]]:
    """Return the networks that active services join, and by profile those that it adds, each once.

    `services` are all that are looked at: the active ones alone, or those of the profiles too.
    """
    active = {key for service in project.services.values() for key in service.networks}
    by_profile: dict[str, set[str]] = {}
    for name in services.keys() & project.disabled.keys():
        service = services[name]
        added = service.networks.keys() - active
        for profile in service.profiles if added else ():
            by_profile.setdefault(profile, set()).update(added)
    first = _by_name(project, active)
    return list(first.values()), [
        (profile, [network for name, network in _by_name(project, keys).items() if name not in first])
        for profile, keys in sorted(by_profile.items())
    ]


def _by_name(project: Project, keys: Iterable[str]) -> dict[str, Network]:
    """Return networks by the engine's names: two keys may stand for one."""
    networks = project.networks
    return {networks[key].name: networks[key] for key in sorted(keys) if key in networks}
