"""Which containers follow which: what a start keeps of those that stand, makes anew, adds and removes.

The order of what goes and the numbers of what comes are those of Compose (pkg/compose/convergence.go).
"""

from __future__ import annotations

from typing import NamedTuple

from composecheck import identity
from composecheck.engine.docker.standing import is_orphan
from composecheck.errors import EngineError
from composecheck.model.links import namespaces, volumes_from
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from composecheck.engine.docker.standing import Standing
    from composecheck.engine.protocol import Renewal
    from composecheck.model.project import Project, Service

_SHARED = {"network_mode": "network", "ipc": "memory", "pid": "processes"}


class Place(NamedTuple):
    """A container that a start is about, by its number.

    `former` is the one that stands, None where there is none; `why` says why a new one takes its place, ""
    where it is kept.
    """

    number: int
    former: Standing | None = None
    why: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether it stands, and is what the file says."""
        return self.former is not None and not self.why


class Supply(NamedTuple):
    """What containers are held against: the images and the networks as they are."""

    images: Callable[[Service], Collection[str]]  # the ids by which the image of a service is known
    network: Callable[[str], str]  # the id of a network by its name, "" where it is not there


class Succession:
    """What becomes of the containers of a project in one start of some services.

    `surplus` are those of these services that are more than the file has, `orphans` those of services that
    the file no longer has.
    """

    def __init__(
        self,
        project: Project,
        names: Collection[str],
        standing: Collection[Standing],
        renewal: Renewal,
        supply: Supply,
    ) -> None:
        self._project = project
        self._standing = standing
        self._renewal = renewal
        self._supply = supply
        self.places: dict[str, tuple[Place, ...]] = {}
        self.surplus: dict[str, list[Standing]] = {}
        self.orphans = [each for each in standing if is_orphan(project, each)]
        self._names = frozenset(names)
        for name in names:
            self._place(project.services[name])

    def place(self, service: str, number: int) -> Place:
        """Return a container's place by its number."""
        return next(each for each in self.places[service] if each.number == number)

    def numbers(self, service: str) -> list[int]:
        """Return the numbers of a service's containers, those that stood first."""
        return [each.number for each in self.places.get(service, ())]

    @property
    def replaced(self) -> Iterator[Standing]:
        """Those in whose place a new one comes."""
        for places in self.places.values():
            yield from (each.former for each in places if each.former is not None and each.why)

    def outside(self, service: str) -> str:
        """Return the id of a container of a service that is not in this start; EngineError for none."""
        found = [each for each in self._standing if each.service == service]
        if not found:
            raise EngineError(f"service '{service}', which it needs, has no container, and is not started")
        return found[0].id

    def _place(self, service: Service) -> None:
        if service.name in self.places:
            return
        for _, parent in _parents(service):  # first: what it shares decides on it
            if parent in self._names:
                self._place(self._project.services[parent])
        own = [each for each in self._standing if each.service == service.name]
        why = {each.id: self._why(service, each) for each in own}
        twice = {each.id for n, each in enumerate(own) if any(o.number == each.number for o in own[:n])}
        order = sorted(own, key=lambda each: (each.id in twice, bool(why[each.id]), each.number))
        kept = [each for each in order[: service.replicas] if each.id not in twice]
        following = max((each.number for each in own), default=0) + 1
        added = range(following, following + service.replicas - len(kept))
        self.places[service.name] = (
            *(Place(each.number, each, why[each.id]) for each in kept),
            *(Place(number) for number in added),
        )
        self.surplus[service.name] = [each for each in own if each not in kept]

    def _why(self, service: Service, here: Standing) -> str:
        """Return why a container is to be made anew, "" where it is not."""
        strategy = self._renewal.strategy(service.name)
        if strategy != "changed":
            return "as asked for" if strategy == "always" else ""
        for what, parent in _parents(service):
            if self._known(parent) is None:
                return f"it shares the {what} of service '{parent}', whose container is a new one"
        hashes = identity.service_hashes(self._project, service, lambda name: self._known(name) or "")
        if here.labels.get(identity.CONFIG_HASH) not in hashes:
            return "its configuration has changed"
        if here.labels.get(identity.IMAGE) not in self._supply.images(service):
            return "its image has changed"
        return self._lost_network(service, here) or self._lost_volume(service, here)

    def _known(self, parent: str) -> str | None:
        """Return the id of the container whose namespaces are shared, None where that will be a new one."""
        if parent not in self.places:
            found = [each for each in self._standing if each.service == parent]
            return found[0].id if found else None
        first = next(iter(self.places[parent]), None)
        return first.former.id if first is not None and first.former is not None and not first.why else None

    def _lost_network(self, service: Service, here: Standing) -> str:
        """Return which network of its service a container has lost, "" for none."""
        keys = service.networks if service.network_mode is None else ()
        networks = self._project.networks
        for name in sorted({networks[key].name for key in keys if key in networks}):
            if name not in here.networks:
                return f"it is not connected to network '{name}'"
            if here.networks[name] and here.networks[name] != self._supply.network(name):
                return f"it was connected to a network '{name}' that has been removed since"
        return ""

    def _lost_volume(self, service: Service, here: Standing) -> str:
        """Return which volume of its service a container does not mount, "" for none."""
        for mount in service.volumes:
            volume = self._project.volumes.get(mount.source or "") if mount.type == "volume" else None
            if volume is not None and volume.name not in here.volumes:
                return f"it does not mount volume '{volume.name}'"
        return ""


def _parents(service: Service) -> Iterator[tuple[str, str]]:
    """Yield what a container shares with those of other services, and with which."""
    for namespace in namespaces(service):
        if namespace.key in _SHARED:
            yield _SHARED[namespace.key], namespace.service
    for source in volumes_from(service):
        if source.service is not None:
            yield "volumes", source.service


def claims(project: Project, service: Service) -> set[str]:
    """Return what of ports and addresses the file gives a service's containers, as `Standing` has it."""
    found = {
        f"{port.protocol} {number}"
        for port in service.ports
        if port.published is not None
        for number in range(port.published[0], port.published[1] + 1)
    }
    for key, attachment in service.networks.items():
        if attachment.ipv4_address and key in project.networks:
            found.add(f"{project.networks[key].name} {attachment.ipv4_address}")
    return found


def restarted(project: Project, names: Iterable[str], service: str) -> list[str]:
    """Return the services whose containers stop before those of a service are made anew (`restart: true`)."""
    found: list[str] = []
    for name in names:
        edges: Mapping[str, object] = project.services[name].depends_on
        if service in edges and project.services[name].depends_on[service].restart:
            found.append(name)
    return found
