"""The names by which services find each other in a network, and those that two of them have.

The engine's DNS knows a container in a network by its aliases, among them the service's name, by its own
name and by its hostname, each also with the network's name behind it: `db.shop_default` (measured on
engines 20.10 and 28). Case does not matter. Its `domainname` is known to itself alone.
"""

from __future__ import annotations

from composecheck.facts.networks import network_name
from composecheck.model.links import external_links, links
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.addresses import is_itself

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Literal, Protocol

    from composecheck.facts.networks import Networks
    from composecheck.model.attributes import Part
    from composecheck.model.project import Project, Service
    from composecheck.text.source import Span

    Kind = Literal["service", "container_name", "generated", "hostname", "alias"]

    class Table(Protocol):
        """What is claimed first, among services that can be active together."""

        def first(self, thing: object, service: Service) -> Any:
            """Return the first claim."""
            ...

        def add(self, thing: object, service: Service, claim: object) -> None:
            """Add a claim."""
            ...


# What a container calls the machine that it runs on.
MACHINE = "host.docker.internal"
_NOWHERE: frozenset[str] = frozenset()
# Of more containers than these nobody writes the names.
_MOST_NUMBERED = 20


class Name(NamedTuple):
    """A name of a service, and in which networks it is known, by the engine's names.

    A `generated` one is that of a container to which the file gives none; it counts from 1. What is written
    stands at `path` in `part`.
    """

    service: Service
    kind: Kind
    text: str
    networks: frozenset[str]
    part: Part
    path: tuple[str | int, ...] = ()

    @property
    def place(self) -> Span:
        """Where the name is written."""
        return self.part.place(*self.path)

    @property
    def key_place(self) -> Span:
        """Where the key is that gives the name: that of the service, where it is its own."""
        return self.part.key_place(*self.path)


class Holder(NamedTuple):
    """Who has a name, and in which networks (by the engine's names) it is known; None: in none."""

    service: Service
    networks: frozenset[str] | None


class Clash(NamedTuple):
    """Two services that have one name in a network; the second one's is the one to change."""

    network: str
    first: Name
    second: Name


def separator(project: Project) -> str:
    """Return what Compose puts between the parts of a generated name; before version 2 it was "_"."""
    text = project.environment.get("COMPOSE_COMPATIBILITY", "").strip().lower()
    return "_" if text in ("1", "t", "true", "y") else "-"


def container_name(project: Project, service: Service, replica: int) -> str:
    """Return the name of a service's container; replicas count from 1."""
    mark = separator(project)
    return service.container_name or f"{project.name}{mark}{service.name}{mark}{replica}"


class Directory:
    """Who is found by a name, and where.

    `written` are the names that files give, in lower case, and who has them; `holders` tells of the others
    too.
    """

    __slots__ = ("_addresses", "_names", "_networks", "_project", "_start", "_written")

    def __init__(self, project: Project, networks: Networks) -> None:
        """`project` holds all services, those that profiles leave out, too."""
        self._project = project
        self._networks = networks
        self._names: dict[str, tuple[Name, ...]] = {}
        self._written: dict[str, list[Holder]] | None = None
        self._addresses: dict[str, set[str]] | None = None
        self._start = f"{project.name}{separator(project)}".lower()

    def of(self, service: Service) -> tuple[Name, ...]:
        """Return the names of a service; where it has no network of its own, they are known in none."""
        return (*self.written_of(service), *self._generated_of(service))

    def written_of(self, service: Service) -> tuple[Name, ...]:
        """Return the names of a service that files give."""
        if service.name not in self._names:
            self._names[service.name] = tuple(self._given(service))
        return self._names[service.name]

    def _generated_of(self, service: Service) -> Iterator[Name]:
        if service.container_name or service.provider is not None:
            return
        networks = self._networks_of(service)
        for replica in range(1, min(service.replicas, _MOST_NUMBERED) + 1):
            text = container_name(self._project, service, replica)
            yield Name(service, "generated", text, networks, service)

    def _networks_of(self, service: Service) -> frozenset[str]:
        return _NOWHERE if service.network_mode else self._networks.joined(service)

    def _given(self, service: Service) -> Iterator[Name]:
        networks = self._networks_of(service)
        yield Name(service, "service", service.name, networks, service)
        if service.container_name:
            path = ("container_name",)
            yield Name(service, "container_name", service.container_name, networks, service, path)
        if service.hostname:
            yield Name(service, "hostname", service.hostname, networks, service, ("hostname",))
        for key, attachment in service.networks.items() if not service.network_mode else ():
            if attachment.aliases:
                network = frozenset((network_name(self._project, key),))
                for number, alias in enumerate(attachment.aliases):
                    if alias:
                        yield Name(service, "alias", alias, network, attachment, ("aliases", number))

    @property
    def written(self) -> Mapping[str, Sequence[Holder]]:
        """The names that files give, in lower case, and who has them."""
        if self._written is None:
            self._written = {}
            for service in self._project.services.values():
                own: dict[str, frozenset[str]] = {}
                for name in self.written_of(service):
                    text = name.text.lower()
                    own[text] = own[text] | name.networks if text in own else name.networks
                nowhere = bool(service.network_mode)
                for text, networks in own.items():
                    self._written.setdefault(text, []).append(Holder(service, None if nowhere else networks))
        return self._written

    def holders(self, host: str) -> Sequence[Holder]:
        """Return who is found by a host, in lower case; nobody by an address."""
        holders = self.written.get(host)
        if holders is None and host.startswith(self._start):
            holders = self._generated(host)
        return holders or (self._qualified(host) if "." in host else ())

    def _generated(self, host: str) -> Sequence[Holder]:
        """Return whose containers Compose gives a name that it makes itself."""
        name, number = _taken_apart(self._project, host, separator(self._project))
        return [
            holder
            for holder in self.written.get(name, ())
            if holder.service.name.lower() == name and _has(holder.service, number)
        ]

    def _qualified(self, host: str) -> Sequence[Holder]:
        """Return who has the first part of a host in the network that the rest of it names."""
        name, _, network = host.rstrip(".").partition(".")
        return [
            holder
            for holder in self.holders(name)
            if holder.networks is not None and network in {each.lower() for each in holder.networks}
        ]

    def owners(self, host: str) -> set[str]:
        """Return the services that are found by a host or have it as an address."""
        host = host.lower().rstrip(".")
        if self._addresses is None:
            self._addresses = {}
            for service in self._project.services.values():
                for address in addresses(service):
                    self._addresses.setdefault(address.lower(), set()).add(service.name)
        return self._addresses.get(host.strip("[]"), set()) | {
            holder.service.name for holder in self.holders(host)
        }

    def is_own(self, host: str, service: Service) -> bool:
        """Return whether a container reaches itself by a host."""
        if is_itself(host) or service.name in self.owners(host):
            return True
        domain = f"{service.hostname}.{service.domainname}"
        return bool(service.hostname and service.domainname) and host.lower().rstrip(".") == domain.lower()

    def reaching(self, service: Service, target: Service) -> Iterator[str]:
        """Yield the names and addresses by which a service reaches another, whatever network they share."""
        for name in self.of(target):
            yield name.text
            yield from (f"{name.text}.{network}" for network in sorted(name.networks))
        yield from addresses(target)
        yield from (link.alias for link in links(service) if link.target == target.name)


def given_hosts(service: Service) -> dict[str, str]:
    """Return the names, in lower case, that only a service knows; "" for one that is no service."""
    names: dict[str, str] = {}
    if service.links:
        names.update((link.alias.lower(), link.target) for link in links(service))
    if service.external_links:
        names.update((link.alias.lower(), "") for link in external_links(service))
    names.update((host.lower(), "") for host in service.extra_hosts)
    return names


def addresses(service: Service) -> Iterator[str]:
    """Yield the addresses that a service has in its networks."""
    for attachment in service.networks.values():
        for address in (attachment.ipv4_address, attachment.ipv6_address):
            if address:
                yield address


def generated(project: Project, host: str) -> Service | None:
    """Return the service whose container Compose gives a name that no file gives, None for no such name."""
    name, number = _taken_apart(project, host, separator(project))
    service = project.services.get(name)
    return service if service is not None and _has(service, number) else None


def resembling(project: Project, host: str) -> Service | None:
    """Return the service whose container a host would be, if Compose made names in another way or more."""
    names = [_taken_apart(project, host, mark)[0] for mark in "-_"]
    return next((project.services[name] for name in names if name in project.services), None)


def _taken_apart(project: Project, host: str, mark: str) -> tuple[str, int]:
    """Return the service and the number that a generated name is made of; "" and 0 for no such name."""
    start = f"{project.name}{mark}"
    name, _, number = host.removeprefix(start).rpartition(mark)
    numbered = number.isascii() and number.isdecimal() and not number.startswith("0") and len(number) < 9
    return (name, int(number)) if host.startswith(start) and numbered else ("", 0)


def _has(service: Service, number: int) -> bool:
    """Return whether a service has a container of a number, whose name Compose makes."""
    return not service.container_name and service.provider is None and 0 < number <= service.replicas


def clashes(
    project: Project, directory: Directory, services: Iterable[Service], taken: Table
) -> Iterator[Clash]:
    """Yield each name that two services have in one network, once for each place.

    The kinds come in the order in which one would rather keep them. What Compose generates is left out,
    since a rule of its own speaks of it.
    """
    reached = [service for service in services if service.replicas and not service.network_mode]
    names: dict[tuple[str, str], set[str]] = {}
    reported = set()
    kinds: tuple[Kind, ...] = ("service", "container_name", "hostname", "alias")
    for kind in kinds:
        for service in reached:
            for name in directory.written_of(service):
                if name.kind != kind:
                    continue
                text = name.text.lower()
                for key in service.networks:
                    network = network_name(project, key)
                    if network not in name.networks:
                        continue
                    texts = names.setdefault((service.name, network), set())
                    if text in texts:
                        continue
                    texts.add(text)
                    first: Name | None = taken.first((network, text), service)
                    taken.add((network, text), service, name)
                    place = (service.name, name.place)
                    if first is not None and place not in reported:
                        reported.add(place)
                        yield Clash(key, first, name)


def described(name: Name) -> str:
    """Return what a name is of its service, to be read after "which is"."""
    if name.kind == "service":
        return f"the name of service '{name.service.name}'"
    words = {"container_name": "the container name", "hostname": "the hostname"}.get(name.kind, "an alias")
    return f"{words} of service '{name.service.name}'"


def same_program(service: Service, other: Service) -> bool:
    """Return whether two services run the same program: several of them may share a name on purpose."""
    return _program(service) == _program(other)


def _program(service: Service) -> tuple[object, ...]:
    build = service.build.as_written() if service.build is not None else None
    return service.image, build, service.command, service.entrypoint
