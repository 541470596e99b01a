"""The address pools of a project's networks, as far as its files say them.

Imported by the rules about addresses alone: a project without any does not pay for it.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from composecheck.model.project import Network, Project, Service
    from composecheck.text.node import Node

    Address = IPv4Address | IPv6Address
    Subnet = IPv4Network | IPv6Network

# The drivers whose pools the engine hands out itself, all from one address space.
_LOCAL = ("", "default", "bridge", "macvlan", "ipvlan")


class Pool(NamedTuple):
    """One entry of `ipam.config` with a subnet that can be read."""

    node: Node
    subnet: Subnet

    @property
    def place(self) -> Node:
        """Where the subnet is written."""
        return self.node.get("subnet") or self.node


def address(text: object) -> Address | None:
    """Return an address, None for what is none."""
    try:
        return ip_address(text) if isinstance(text, str) else None
    except ValueError:
        return None


def subnet(text: object) -> Subnet | None:
    """Return a subnet in CIDR notation, None for what is none; its host bits may be set."""
    try:
        return ip_network(text, strict=False) if isinstance(text, str) and "/" in text else None
    except ValueError:
        return None


def is_local(network: Network) -> bool:
    """Return whether the engine hands out a network's addresses, and its pools are written here."""
    named = "default" if network.ipam.driver is None else network.ipam.driver
    return not network.external and (network.driver or "") in _LOCAL and named == "default"


def entries(network: Network) -> list[Node]:
    """Return what stands in a network's `ipam.config`."""
    return [pool.node for pool in network.ipam.config]


def pools(network: Network) -> list[Pool]:
    """Return the pools whose subnet can be read."""
    found = []
    for node in entries(network):
        written = node.get("subnet")
        known = subnet(written.value) if written is not None else None
        if known is not None:
            found.append(Pool(node, known))
    return found


def unreadable(network: Network) -> bool:
    """Return whether a network has a subnet that cannot be read, or an entry that names none."""
    return len(pools(network)) < len(entries(network))


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
        more = service.networks.keys() - active
        for profile in service.profiles if more else ():
            by_profile.setdefault(profile, set()).update(more)
    first = _by_name(project, active)
    return list(first.values()), [
        (profile, [each for name, each in _by_name(project, keys).items() if name not in first])
        for profile, keys in sorted(by_profile.items())
    ]


def _by_name(project: Project, keys: Iterable[str]) -> dict[str, Network]:
    """Return networks by the engine's names: two keys may stand for one."""
    known = project.networks
    return {known[key].name: known[key] for key in sorted(keys) if key in known}
