"""Subnets that other networks of the engine, or routes of its machine, have already."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from composecheck.facts.subnets import is_local, pools, subnet
from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts.subnets import Pool, Subnet
    from composecheck.model.project import Network, Project, Service
    from composecheck.snapshot import Snapshot


class Range(NamedTuple):
    """The addresses of a subnet as numbers that can be sorted, and whose it is."""

    version: int
    first: int
    last: int
    written: str
    owner: str
    remedy: str = ""


def overlapping(project: Project, services: Sequence[Service], snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Yield each subnet of a network that is to be made and that overlaps with what is there."""
    there = {network.name for network in snapshot.networks or ()}
    made = [n for n in project.networks_of(services) if n.name not in there and is_local(n)]
    wanted = [(network, pool) for network in made for pool in pools(network)]
    if not wanted:
        return
    networks = sorted(_networks(snapshot))
    starts = [(each.version, each.first) for each in networks]
    routes = list(_routes(snapshot))
    for network, pool in wanted:
        own = _range(pool.subnet, "")
        # The engine's networks do not overlap with each other: the last that begins before the end.
        at = bisect_right(starts, (own.version, own.last))
        if at and _overlap(networks[at - 1], own):
            yield _refused(network, pool, networks[at - 1])
            continue
        # The interfaces of a macvlan are in the network of the machine, as they are meant to be.
        if (network.driver or "bridge") in ("bridge", "default"):
            for route in routes:
                if _overlap(route, own):
                    yield _hidden(network, pool, route)
                    break


def _networks(snapshot: Snapshot) -> Iterator[Range]:
    for network in snapshot.networks or ():
        of = f" of project '{network.project}'" if network.project else ""
        for text in network.subnets if network.local else ():
            known = subnet(text)
            if known is not None:
                # What the engine brings along cannot be removed.
                remedy = f", or `docker network rm {network.name}`" if network.name != "bridge" else ""
                yield _range(known, f"network '{network.name}'{of}", remedy)


def _routes(snapshot: Snapshot) -> Iterator[Range]:
    for route in snapshot.routes:
        known = subnet(route.subnet)
        if known is not None and known.prefixlen:  # the default route leads everywhere
            yield _range(known, f"a route of this machine by '{route.interface}'")


def _range(known: Subnet, owner: str, remedy: str = "") -> Range:
    first, last = int(known.network_address), int(known.broadcast_address)
    return Range(known.version, first, last, str(known), owner, remedy)


def _overlap(one: Range, other: Range) -> bool:
    return one.version == other.version and one.first <= other.last and other.first <= one.last


def _refused(network: Network, pool: Pool, other: Range) -> Diagnostic:
    return Diagnostic(
        "subnet-in-use",
        "error",
        f"subnet {pool.subnet} of network '{network.key}' overlaps with {other.written} of {other.owner}",
        pool.place,
        remedy=f"give it another subnet, or none and let the engine choose{other.remedy}",
    )


def _hidden(network: Network, pool: Pool, route: Range) -> Diagnostic:
    return Diagnostic(
        "subnet-in-use",
        "warning",
        f"subnet {pool.subnet} of network '{network.key}' overlaps with {route.written}, {route.owner}",
        pool.place,
        remedy="give it another subnet: once it is there, this machine no longer reaches those addresses",
    )
