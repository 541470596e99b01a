"""The names by which services find each other in a network, and those that two of them have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.model.project import Project, Service
    from composecheck.text.node import Node

Kind = Literal["name", "container_name", "hostname", "alias"]


class Name(NamedTuple):
    """A name of a service in a network, and where that is written."""

    service: Service
    kind: Kind
    node: Node
    text: str


class Clash(NamedTuple):
    """Two services that have one name in a network; the second one's is the one to change."""

    network: str
    first: Name
    second: Name


class Table(Protocol):
    """What is claimed first, among services that can be active together."""

    def first(self, thing: object, service: Service) -> Any:
        """Return the first claim."""
        ...

    def add(self, thing: object, service: Service, claim: object) -> None:
        """Add a claim."""
        ...


def clashes(project: Project, services: Iterable[Service], taken: Table) -> Iterator[Clash]:
    """Yield each name that two services have in one network, once for each place.

    The engine's DNS knows a container in a network by its aliases, among them the service's name,
    by its own name and by its hostname (measured on engines 20.10 and 28); case does not matter. The
    kinds come in the order in which one would rather keep them.
    """
    there = [service for service in services if service.replicas and not service.network_mode]
    own: dict[tuple[str, str], set[str]] = {}
    told = set()
    kinds: tuple[Kind, ...] = ("name", "container_name", "hostname", "alias")
    for kind in kinds:
        for service in there:
            for key in service.networks:
                network = project.networks[key].name if key in project.networks else key
                known = own.setdefault((service.name, network), set())
                for name in _names(service, kind, key):
                    text = name.text.lower()
                    if text in known:
                        continue
                    known.add(text)
                    first: Name | None = taken.first((network, text), service)
                    taken.add((network, text), service, name)
                    place = (service.name, name.node.span)
                    if first is not None and place not in told:
                        told.add(place)
                        yield Clash(key, first, name)


def _names(service: Service, kind: Kind, network: str) -> Iterator[Name]:
    if kind == "name":
        yield Name(service, kind, service.node, service.name)
    elif kind == "alias":
        aliases = service.networks[network].node.get("aliases")
        for node in aliases.items if aliases is not None else ():
            if isinstance(node.value, str) and node.value:
                yield Name(service, kind, node, node.value)
    else:
        written = service.node.get(kind)
        if written is not None and isinstance(written.value, str) and written.value:
            yield Name(service, kind, written, written.value)


def said(name: Name) -> str:
    """Return what a name is of its service, to be read after "which is"."""
    if name.kind == "name":
        return f"the name of service '{name.service.name}'"
    words = {"container_name": "the container name", "hostname": "the hostname"}.get(name.kind, "an alias")
    return f"{words} of service '{name.service.name}'"


def alike(one: Service, other: Service) -> bool:
    """Return whether two services run the same program: several of them may share a name on purpose."""
    keys = ("image", "build", "command", "entrypoint")
    return all(_plain(one, key) == _plain(other, key) for key in keys)


def _plain(service: Service, key: str) -> object:
    node = service.node.get(key)
    return node.plain() if node is not None else None
