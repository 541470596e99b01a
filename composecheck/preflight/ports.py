"""Ports of the engine's machine that somebody else has."""

from __future__ import annotations

from collections import defaultdict
from ipaddress import ip_address
from typing import NamedTuple

from composecheck.findings.diagnostic import Diagnostic
from composecheck.model.links import publishes
from composecheck.named import TYPE_CHECKING
from composecheck.text.addresses import ALL, ALL_IPV4, ALL_IPV6

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from composecheck.model.project import Port, Project, Service
    from composecheck.snapshot import Snapshot
    from composecheck.text.source import Span


class Holder(NamedTuple):
    """Who has a port, on which address, and what frees it."""

    address: str
    name: str
    remedy: str


Held = dict[tuple[str, int], list[Holder]]


def taken(project: Project, services: Sequence[Service], snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Yield each entry of `ports` for which somebody else leaves no room."""
    if not any(port.published for service in services for port in service.ports):
        return
    held = _held(project, services, snapshot)
    for service in services:
        if service.replicas < 1 or not publishes(service):
            continue
        # "8000-8010:8000-8010" is eleven ports, of which one finding tells.
        conflicts: dict[Span, list[tuple[Port, int, Holder]]] = {}
        for port in service.ports:
            conflict = _conflict(port, service.replicas, held)
            if conflict is not None:
                conflicts.setdefault(_place(port), []).append((port, *conflict))
        for place, found in conflicts.items():
            yield _finding(service, place, found)


def _held(project: Project, services: Iterable[Service], snapshot: Snapshot) -> Held:
    """Return who else has which port; the services' own containers are nobody else."""
    own = {service.name for service in services}
    held: defaultdict[tuple[str, int], list[Holder]] = defaultdict(list)
    published: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for container in snapshot.containers:
        mine = container.project == project.name and container.service in own
        labels = (
            f" (service '{container.service}' of project '{container.project}')" if container.project else ""
        )
        for port in container.ports:
            key, address = (port.protocol, port.number), canonical(port.address)
            published[key].append(address)
            if not mine:
                remedy = f"stop it (`docker stop {container.name}`)"
                held[key].append(Holder(address, f"container '{container.name}'{labels}", remedy))
    for listener in snapshot.listeners:
        key, address = (listener.protocol, listener.number), canonical(listener.address)
        # The engine itself, or a helper of it, listens for the containers.
        if not any(overlap(address, other) for other in published.get(key, ())):
            held[key].append(Holder(address, listener.holder, "stop it"))
    return dict(held)


def _conflict(
    port: Port, replicas: int, held: Mapping[tuple[str, int], list[Holder]]
) -> tuple[int, Holder] | None:
    """Return the number that is taken and by whom, None where there is room; 0 is any port that is free."""
    if port.published is None or not port.published[0]:
        return None
    first, last = port.published
    address = canonical(port.host_ip or "")
    in_the_way: tuple[int, Holder] | None = None
    # That one port is too few for several replicas, the files alone say.
    free, wanted = 0, replicas if first < last else 1
    for number in range(first, last + 1):
        holders = held.get((port.protocol, number), ())
        holder = next((each for each in holders if overlap(address, each.address)), None)
        if holder is None:
            free += 1
            if free >= wanted:
                return None
        else:
            in_the_way = in_the_way or (number, holder)
    return in_the_way


def _finding(service: Service, place: Span, found: Sequence[tuple[Port, int, Holder]]) -> Diagnostic:
    port, number, holder = found[0]
    first, last = port.published or (number, number)
    shown = _shown(port, number)
    if first < last:
        message = (
            f"service '{service.name}' has no room in host ports {_shown(port, first)}-{last}: "
            f"{number} is in use by {holder.name}"
        )
    else:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        message = f"service '{service.name}': host port {shown}{more} is in use by {holder.name}"
    return Diagnostic(
        "port-in-use",
        "error",
        message,
        place,
        remedy=f"{holder.remedy}, or publish another port, or only '{port.target}' and let the engine choose",
        service=service.name,
    )


def _shown(port: Port, number: int) -> str:
    address = canonical(port.host_ip or "")
    host = f"[{address}]:" if ":" in address else f"{address}:" if address else ""
    return f"{host}{number}{'' if port.protocol == 'tcp' else '/' + port.protocol}"


def _place(port: Port) -> Span:
    return port.place("published")


def canonical(text: str) -> str:
    """Return an address in its one form, "" for all of them."""
    text = text.strip("[]")
    if ":" not in text:
        return text
    try:
        address = ip_address(text)
    except ValueError:
        return text  # the loader says so
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def overlap(one: str, other: str) -> bool:
    """Return whether two addresses, each a wildcard or one of the machine's, have one in common."""
    if one == other or ALL in (one, other):
        return True
    if (":" in one) != (":" in other):
        return False
    return bool({one, other} & {ALL_IPV4, ALL_IPV6})
