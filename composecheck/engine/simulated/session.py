"""An engine that runs nothing, as a Stack sees it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TypeVar

from composecheck import identity
from composecheck.engine.protocol import Left, Published, Renewal, Status
from composecheck.engine.simulated.engine import (
    ASSUMED,
    Adoption,
    Behaviour,
    SimulatedEngine,
    World,
    best,
    known_image,
)
from composecheck.errors import EngineError, UsageError
from composecheck.facts.guards import awaits_completion, awaits_health
from composecheck.facts.images import Images
from composecheck.facts.schedule import effective
from composecheck.model.project import Image
from composecheck.named import TYPE_CHECKING
from composecheck.snapshot import Snapshot
from composecheck.text.addresses import EVERY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from composecheck.engine.protocol import Command, Progress, Streams, Trouble
    from composecheck.engine.simulated.engine import Container, Key
    from composecheck.model.project import Dependency, Port, Project, Service

T = TypeVar("T")
# The first port that an engine chooses, as IANA has it for those that nobody is given.
FIRST_PORT = 49152


class _Start:
    """What one start made: names as the Docker Engine has them."""

    __slots__ = ("engine", "networks", "on", "project", "volumes")

    def __init__(self, project: Project) -> None:
        self.project = project
        self.engine = SimulatedEngine()
        self.networks: list[str] = []
        self.volumes: list[str] = []
        self.on = True

    def container(self, key: Key) -> str:
        """Return a container's name."""
        return identity.container_name(self.project, self.project.services[key[0]], key[1])

    @property
    def names(self) -> list[str]:
        """The names of all of it."""
        return [
            *map(self.container, self.engine.made),
            *(f"network {name}" for name in self.networks),
            *(f"volume {name}" for name in self.volumes),
        ]


class Simulated:
    """A Session of an engine that runs nothing, and whose time passes at once.

    A service behaves as `behaviours` say, by its name. Every other one is ready as soon as its files let that
    be seen, as in the best case of a plan: its healthcheck succeeds at the first probe, its x-readiness and
    its ports answer at once, and where something waits for its completion it ends at once with 0. `images`
    says what the image of a service brings along; of any other image that is known which the files tell, and
    one of which they tell nothing has a healthcheck where something waits for it. `snapshot` is what stands
    on the engine and is in a start's way.

    A port that the file gives a number has that number on 127.0.0.1, or on the address that the file names;
    of a range each replica has the next one. The ports that an engine would choose are counted from 49152,
    in the order of the file. Logs are empty, and there is nobody to run a command.
    """

    def __init__(
        self,
        behaviours: Mapping[str, Behaviour] | None = None,
        images: Mapping[str, Image | None] | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        self._behaviours = _of("behaviours", behaviours or {}, Behaviour)
        self._images = _of("images", images or {}, Image, type(None))
        if not isinstance(snapshot, Snapshot | None):
            raise UsageError(f"'snapshot' is not a Snapshot: {snapshot!r}")
        self._snapshot = snapshot or Snapshot()
        self._world = World()
        self._starts: list[_Start] = []
        self._begun: Images | None = None  # those of the project that is started
        self._renewal = Renewal()

    # A start, step by step

    def begin(
        self,
        project: Project,
        _names: Collection[str],
        _progress: Progress,
        renewal: Renewal = Renewal(),  # noqa: B008  # a value
    ) -> None:
        """Begin a start; UsageError where one is on, and for the behaviour of a service that there is not."""
        if self._on():
            raise UsageError(f"a start of project '{project.name}' is on already")
        for name in self._behaviours:
            if name not in project.services and name not in project.disabled:
                raise UsageError(f"no such service: '{name}', whose behaviour is given")
        if self._begun is None or self._begun.project is not project:
            self._begun = Images(project)
        self._starts.append(_Start(project))
        self._renewal = renewal

    def preflight(
        self,
        project: Project,
        names: Collection[str],
        progress: Progress,
        notice: Callable[[str], object],
    ) -> None:
        """Refuse nothing: what a container is given makes no difference to one that does not run."""

    def survey(self, _project: Project, _names: Collection[str]) -> Snapshot:
        """Return what was said of the engine; an empty one has room for everything."""
        return self._snapshot

    def preview(self, project: Project, names: Collection[str], renewal: Renewal) -> list[tuple[str, str]]:
        """Return what a start would make of each container."""
        self._renewal = renewal
        services = [project.services[name] for name in names]
        anew = dict(self._anew(project, services))
        return [
            (identity.container_name(project, service, replica), self._fate((service.name, replica), anew))
            for service in services
            for replica in self.replicas(service)
        ]

    def _fate(self, key: Key, anew: Mapping[str, str]) -> str:
        container = self._world.containers.get(key)
        if container is None:
            return "would be created"
        if key[0] in anew:
            return f"would be made anew: {anew[key[0]]}"
        return "unchanged" if container.running else "would be started"

    def prepare(
        self, project: Project, names: Collection[str], progress: Progress, timeout: float | None
    ) -> tuple[SimulatedEngine, float | None]:
        """Note the networks and volumes, and have each service behave as it is told."""
        start = self._starts[-1]
        services = [project.services[name] for name in names]
        standing = set(self.left())
        for kind, made, wanted in (
            ("network", start.networks, project.networks_of(services)),
            ("volume", start.volumes, project.volumes_of(services)),
        ):
            for each in wanted:
                if not each.external and f"{kind} {each.name}" not in standing:
                    made.append(each.name)
                    progress(f"{kind} {each.name}", "created")
        images = {service.name: self.image(service) for service in services}
        jobs = self._awaited(awaits_completion)
        behaviours = {service.name: self._behaviour(service, jobs) for service in services}
        anew = dict(self._anew(project, services))
        start.engine = SimulatedEngine(behaviours, images, self._world, anew)
        return start.engine, None if timeout is None else self._world.clock.now() + timeout

    def _anew(self, project: Project, services: Collection[Service]) -> Iterator[tuple[str, str]]:
        """Yield the services whose containers are made anew, as by Docker's engine, each with the reason."""
        first = {name: each for (name, _), each in self._world.containers.items()}
        for service in services:
            former, strategy = first.get(service.name), self._renewal.strategy(service.name)
            if former is None or strategy == "never":
                continue
            if strategy == "always":
                yield service.name, "as asked for"
            elif identity.service_hash(project, former.service) != identity.service_hash(project, service):
                yield service.name, "its configuration has changed"

    def _behaviour(self, service: Service, jobs: Collection[str]) -> Behaviour:
        ends = service.name in jobs or service.provider is not None
        return self._behaviours.get(service.name, best(ends=ends))

    def image(self, service: Service) -> Image | None:
        """Return what was said of a service's image, else what the files tell of it."""
        if service.name in self._images:
            return self._images[service.name]
        image = known_image(self._known, service)
        return ASSUMED if image is None and service.name in self._awaited(awaits_health) else image

    def _awaited(self, by: Callable[[Dependency], bool]) -> set[str]:
        """Return the services for which another one waits in a way."""
        waiting = [service for service in self._known.project.services.values() if service.replicas]
        return {edge.service for service in waiting for edge in service.depends_on.values() if by(edge)}

    @property
    def _known(self) -> Images:
        if self._begun is None:
            raise RuntimeError("begin comes before images")
        return self._begun

    def settle(self, *, stands: bool) -> None:
        """End the start that is on; one that made nothing is forgotten."""
        for start in self._on():
            start.on = False
            if stands:
                for other in self._starts:
                    if other is not start:
                        gone = start.engine.gave_way
                        other.engine.made[:] = [key for key in other.engine.made if key not in gone]
                start.engine.gave_way.clear()
            if not stands and not start.names:
                self._starts.remove(start)

    # The end

    def hold(self) -> None:
        """Do nothing: what is only thought of goes with its process."""

    def farewell(self) -> None:
        """Do nothing: this engine is never silent."""

    def undo(self, progress: Progress, *, everything: bool = False) -> Left:
        """Remove what was made, containers first, and stop what was only started again."""
        restored: list[str] = []
        for start in list(self._starts) if everything else self._on():
            for key in start.engine.restarted:
                if key in self._world.containers:
                    self._world.stop(key)
                    progress(start.container(key), "stopped")
            start.engine.restarted.clear()
            self._remove(start, start.engine.made, progress)
            for key, (former, ran) in start.engine.gave_way.items():
                self._world.bring_back(key, former, runs=ran)
                restored.append(start.container(key))
                progress(start.container(key), "as before")
            self._remove_resources(start, progress, volumes=True)
            self._starts.remove(start)
        return Left(restored=tuple(restored))

    def _on(self) -> list[_Start]:
        return [start for start in self._starts if start.on]

    def _remove(self, start: _Start, keys: Collection[Key], progress: Progress) -> None:
        for key in list(keys):
            made = start.engine.container(key)
            if self._world.containers.get(key) is made:  # and not its former
                self._world.remove(key)
            start.engine.made.remove(key)
            progress(start.container(key), "removed")

    def _remove_resources(self, start: _Start, progress: Progress, *, volumes: bool) -> None:
        kinds = [("network", start.networks), *([("volume", start.volumes)] if volumes else [])]
        for kind, names in kinds:
            for name in names:
                progress(f"{kind} {name}", "removed")
            names.clear()

    @property
    def made(self) -> list[str]:
        """The names of what the start that is on has made."""
        return [name for start in self._on() for name in start.names]

    def left(self) -> list[str]:
        """Return the names of what starts made and have not removed."""
        return [name for start in self._starts for name in start.names]

    def down(
        self,
        project: str,
        *,
        volumes: bool = False,
        timeout: float | None = None,  # noqa: ARG002  # nothing has to be stopped
        services: Collection[str] | None = None,
        asked: Collection[str] = (),
        model: Project | None = None,  # noqa: ARG002  # nothing is shared with other projects
        progress: Progress,
    ) -> Left:
        """Take a project down, as far as this session has started it."""
        for start in self._starts:
            if start.project.name != project:
                continue
            made = [key for key in start.engine.made if not asked or key[0] in asked]
            orphans = [key for key in made if services is not None and key[0] not in services]
            for key in orphans:
                progress(start.container(key), f"left: the file has no service '{key[0]}'")
            self._remove(start, [key for key in made if key not in orphans], progress)
            if not orphans and not start.engine.made:
                self._remove_resources(start, progress, volumes=volumes)
        return Left()

    def close(self) -> None:
        """Do nothing: there is no connection."""

    # One container

    def replicas(self, service: Service) -> range:
        """Return the numbers of a service's containers."""
        return range(1, service.replicas + 1)

    def addresses(self, service: Service, replica: int) -> list[Published]:
        """Return where each published port would be reached."""
        self._check(service, replica)
        return [
            Published(port.target, port.protocol, _host(port), number)
            for port, number in zip(service.ports, self._numbers()[service.name, replica], strict=True)
        ]

    def _numbers(self) -> dict[Key, list[int]]:
        """Return the number of each port of each container."""
        services = self._known.project.services.values()
        ports = [port for service in services for port in service.ports]
        named = {number for port in ports if port.published for number in _range(port)}
        free = (number for number in count(FIRST_PORT) if number not in named)
        return {
            (service.name, replica): [_number(port, replica, free) for port in service.ports]
            for service in services
            for replica in range(1, service.replicas + 1)
        }

    def logs(self, service: Service, replica: int, lines: int | None = None) -> str:  # noqa: ARG002
        """Return nothing, for nothing was written."""
        self._check(service, replica)
        return ""

    def exec(self, service: Service, replica: int, command: Sequence[str]) -> tuple[int, str]:
        """Raise UsageError: there is nobody to run a command."""
        self._check(service, replica)
        raise UsageError(
            f"service '{service.name}' is simulated, and runs nothing: '{' '.join(command)}' needs an engine"
        )

    def trouble(self, service: Service, replica: int, lines: int) -> Trouble | None:  # noqa: ARG002
        """Return None: there is nothing to be seen but the Events."""
        return None

    def _check(self, service: Service, replica: int) -> None:
        if (service.name, replica) not in self._world.containers:
            raise EngineError(f"service '{service.name}' has no container {replica} in this run")

    # What stands, whoever started it

    def standing(self, project: str) -> list[Status]:
        """Return the containers of a project; the moments are those of the simulated clock."""
        named = [start for start in self._starts if start.project.name == project]
        return [
            self._status(named[-1], key, container)
            for key, container in sorted(self._world.containers.items())
            if named
        ]

    def _status(self, start: _Start, key: Key, container: Container) -> Status:
        ended = container.ended if not container.running else None
        state = "running" if container.running else "created" if ended is None else "exited"
        probed = container.running and effective(container.service, self.image(container.service)) is not None
        return Status(
            id=start.container(key),
            name=start.container(key),
            service=key[0],
            number=key[1],
            state=state,
            health=container.status if probed else "",
            exit_code=ended,
            since=container.since,
            ports=tuple(self.addresses(container.service, key[1])),
            image=identity.image_name(start.project, container.service),
            brings=self.image(container.service),
            needs=tuple(container.service.depends_on),
        )

    def adopt(
        self,
        project: Project,
        names: Collection[str],
        *,
        starting: Collection[str] = (),
        coming: Collection[str] = (),
        timeout: float | None = None,
    ) -> tuple[Adoption, float | None]:
        """Take the containers as they stand."""
        images = {name: self.image(project.services[name]) for name in names}
        engine = Adoption(images, self._world, starting=starting, coming=coming)
        return engine, None if timeout is None else self._world.clock.now() + timeout

    def stop(self, container: str, grace: float | None) -> None:  # noqa: ARG002  # it stops at once
        """Stop a container."""
        self._world.stop(self._key(container))

    def kill(self, container: str, signal: str) -> bool:
        """End a container by SIGKILL or SIGTERM; another signal makes no difference to it."""
        key = self._key(container)
        ran = self._world.containers[key].running
        if signal in ("SIGKILL", "SIGTERM"):
            self._world.stop(key)
        return ran

    def end_of(self, container: str) -> int:
        """Let time pass until a container has ended; EngineError where it never does."""
        found = self._world.containers[self._key(container)]
        while found.running:
            if self._world.next_event(None) is None:
                raise EngineError(f"container '{container}' never ends")
        return found.ended or 0

    def remove(self, container: str) -> None:
        """Remove a container."""
        key = self._key(container)
        self._world.remove(key)
        for start in self._starts:
            start.engine.made[:] = [each for each in start.engine.made if each != key]

    def follow(
        self,
        container: str,
        *,
        lines: int | None,  # noqa: ARG002
        since: float | None,  # noqa: ARG002
        on: bool,  # noqa: ARG002
        stamps: bool,  # noqa: ARG002
    ) -> Iterator[str]:
        """Return nothing, for nothing was written."""
        self._key(container)
        return iter(())

    def interact(
        self,
        container: str,
        command: Command | None,  # noqa: ARG002
        streams: Streams,  # noqa: ARG002
    ) -> int:
        """Raise UsageError: there is nobody to run a command."""
        raise UsageError(f"container '{container}' is simulated, and runs nothing")

    def create_once(
        self,
        project: Project,  # noqa: ARG002
        service: Service,
        slug: str,  # noqa: ARG002
        *,
        removed: bool,  # noqa: ARG002
    ) -> str:
        """Raise UsageError: there is nobody to run a command."""
        raise UsageError(f"service '{service.name}' is simulated, and runs nothing")

    def pull(self, project: Project, service: Service, progress: Progress) -> None:
        """Say that it is there: no image is needed to run nothing."""
        progress(identity.image_name(project, service), "pulled")

    def build(self, project: Project, service: Service, progress: Progress) -> None:
        """Say that it is there: no image is needed to run nothing."""
        progress(identity.image_name(project, service), "built")

    def remove_images(self, names: Collection[str], progress: Progress) -> Left:
        """Say that they are gone."""
        for name in names:
            progress(f"image {name}", "removed")
        return Left()

    def _key(self, container: str) -> Key:
        for start in self._starts:
            for key in self._world.containers:
                if key[0] in start.project.services and start.container(key) == container:
                    return key
        raise EngineError(f"no such container: '{container}'")


def _of(name: str, values: Mapping[str, T], *kinds: type) -> Mapping[str, T]:
    """Return values by services' names; UsageError for what is no such thing."""
    if not isinstance(values, Mapping):
        raise UsageError(f"'{name}' are by services' names: {values!r}")
    for service, value in values.items():
        if not isinstance(value, kinds):
            raise UsageError(f"'{name}' has for '{service}' what is no {kinds[0].__name__}: {value!r}")
    return values


def _host(port: Port) -> str:
    return port.host_ip if port.host_ip and port.host_ip not in EVERY else "127.0.0.1"


def _range(port: Port) -> range:
    first, last = port.published or (0, -1)
    return range(first, last + 1)


def _number(port: Port, replica: int, free: Iterator[int]) -> int:
    numbers = _range(port)
    return numbers[min(replica, len(numbers)) - 1] if numbers else next(free)
