"""The two seams between composecheck and what containers run on.

An `Engine` is what a start needs, and lives as long as one; a `Session` is what a Stack needs, and serves
that Stack alone: it prepares an Engine for each start. Whoever fills both can be started by `Stack`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, runtime_checkable

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from composecheck.clock import Clock
    from composecheck.event import Event
    from composecheck.model.project import Image, Probe, Project, Service
    from composecheck.snapshot import Snapshot

    # Gets the name of a thing (a container, "network x", "volume x", an image) and what has become of it.
    Progress = Callable[[str, str], object]


# When a container that stands is made anew.
Strategy = Literal["changed", "always", "never"]


class Engine(Protocol):
    """One start on an engine: requests by service, answered by Events of each of its replicas.

    A request returns at once and never raises for what the engine makes of it: that is an Event. `create`
    comes once and first, for all services; `start` once for each service, when all of its replicas were
    `created`; `watch` when a replica has `started`.
    """

    @property
    def clock(self) -> Clock:
        """The clock of this engine's Events, on which a start's deadline is a moment as well."""
        ...

    def create(self, services: Iterable[Service]) -> None:
        """Ask for everything that services need in order to start, but for running them.

        Each service stands after those that it depends on. Every replica is answered by `created` or
        `refused`. Where an engine numbers no containers before they run, as Swarm, whose services grow from
        no replica on, the service's own answer is that of each replica.
        """
        ...

    def start(self, service: Service) -> None:
        """Ask for the start of a service; every replica is answered by `started` or `refused`."""
        ...

    def watch(self, service: Service, replica: int, probe: Probe) -> None:
        """Carry out a probe until it succeeds once; answered by `probed` or `unanswered`.

        A replica that exits meanwhile and is started again is probed on: it is asked for once only.
        """
        ...

    def next_event(self, until: float | None) -> Event | None:
        """Return the next Event, or None once the clock reaches `until` (None: wait for one).

        Times never go back; what happened until `until` comes before None. An engine on which
        nothing can happen any more returns None at once. Raises EngineError where the engine is gone.
        """
        ...


@runtime_checkable
class Session(Protocol):
    """An engine at hand, for the starts of one project, one after another.

    A start goes from `begin` to `settle`, in this order: `begin`, `preflight`, `survey`, `prepare`, the
    requests of the Engine that `prepare` returns, `farewell` where that failed, `undo` where what it made is
    not to stay, `settle`. `survey` may be called without any start too, and about any project; every method
    that is not in this list may be called at any time. All but those that are said to ask nobody raise
    EngineError where the engine is gone or refuses. Who opens a Session closes it: a Stack closes the one
    that it has connected to, and never one that it was given.
    """

    def begin(self, project: Project, names: Collection[str], progress: Progress, renewal: Renewal) -> None:
        """Begin a start of some services; waits, and says so, until no other start of the project is on.

        `renewal` says what it makes of what stands already. Raises UsageError where a start of this session
        is on. What raises has begun nothing, and is not settled.
        """
        ...

    def preflight(
        self, project: Project, names: Collection[str], progress: Progress, notice: Callable[[str], object]
    ) -> None:
        """Refuse, before anything is made, what this engine cannot do exactly as Compose would.

        Raises UnsupportedError with a line for each such thing. What killed starts left is seen to, and
        what is odd and hinders nothing goes to `notice`.
        """
        ...

    def survey(self, project: Project, names: Collection[str]) -> Snapshot:
        """Return what stands on the engine before a start of some services; nothing is changed."""
        ...

    def preview(
        self, project: Project, names: Collection[str], renewal: Renewal
    ) -> Sequence[tuple[str, str]]:
        """Return what a start of some services would make of each thing, by name; nothing is changed.

        That needs no `begin`. Raises UnsupportedError for what a start would refuse.
        """
        ...

    def prepare(
        self, project: Project, names: Collection[str], progress: Progress, timeout: float | None
    ) -> tuple[Engine, float | None]:
        """Get the images, make the networks and volumes; return the Engine that starts the services.

        With it comes the moment of its clock that is `timeout` seconds after the images were at hand.
        """
        ...

    def image(self, service: Service) -> Image | None:
        """Return what a service's image says of itself, None where it is not known; after `prepare`."""
        ...

    def settle(self, *, stands: bool) -> None:
        """End the start that is on; where what it made `stands`, no other start removes it. Asks nobody."""
        ...

    def hold(self) -> None:
        """Say that what this session's starts made goes with this process, however that ends. Asks nobody."""
        ...

    def farewell(self) -> None:
        """Say that a start has failed: from now on the engine's silence is borne for a while only."""
        ...

    def undo(self, progress: Progress, *, everything: bool = False) -> Left:
        """Remove what the start that is on made, or `everything` that this session's starts did.

        Nothing goes that stood before, nor what somebody else uses; what gave way is brought back. Never
        raises for what the engine does: what could not be removed is what the answer names.
        """
        ...

    @property
    def made(self) -> list[str]:
        """The names of what the start that is on has made. Asks nobody."""
        ...

    def left(self) -> list[str]:
        """Return the names of what this session's starts made and have not removed. Asks nobody."""
        ...

    def down(
        self,
        project: str,
        *,
        volumes: bool = False,
        timeout: float | None = None,
        services: Collection[str] | None = None,
        asked: Collection[str] = (),
        model: Project | None = None,
        progress: Progress,
    ) -> Left:
        """Take a project down, whoever started it: containers and networks, with `volumes` those too.

        `timeout` is the grace at stop in place of each service's own; containers of other services than
        `services` (None: all) are told to `progress` and left. Where some services are `asked` for, only
        theirs go, and only the volumes that they mount. What the file's `model` names and other
        projects share goes with the last of them. Never raises, as `undo`.
        """
        ...

    def replicas(self, service: Service) -> Sequence[int]:
        """Return the numbers of a service's containers in the last start. Asks nobody."""
        ...

    def addresses(self, service: Service, replica: int) -> Sequence[Published]:
        """Return where each published port of a replica is reached."""
        ...

    def logs(self, service: Service, replica: int, lines: int | None = None) -> str:
        """Return what a replica wrote, the last lines or all."""
        ...

    def exec(self, service: Service, replica: int, command: Sequence[str]) -> tuple[int, str]:
        """Run a command in a replica; return its exit code and output."""
        ...

    def trouble(self, service: Service, replica: int, lines: int) -> Trouble | None:
        """Return what was last seen of a replica, with its last log lines, None where nothing was.

        Never raises: it is asked for the text of an error.
        """
        ...

    # What stands, whoever started it

    def standing(self, project: str) -> Sequence[Status]:
        """Return the containers of a project, one-off ones too, by service and number."""
        ...

    def adopt(
        self,
        project: Project,
        names: Collection[str],
        *,
        starting: Collection[str] = (),
        coming: Collection[str] = (),
        timeout: float | None = None,
    ) -> tuple[Engine, float | None]:
        """Return an Engine of the containers that stand, which makes none, and the moment of its deadline.

        Of those that have ended it starts the services in `starting` alone. Those in `coming` count as
        created, whatever stands of them, and are not started. No start has to be on.
        """
        ...

    def stop(self, container: str, grace: float | None) -> None:
        """Stop a container by its id, with the grace that it was made with where none is given."""
        ...

    def kill(self, container: str, signal: str) -> bool:
        """Send a container a signal by its name; return whether it ran."""
        ...

    def end_of(self, container: str) -> int:
        """Return a container's exit code, once it has ended."""
        ...

    def remove(self, container: str) -> None:
        """Remove a container, as it is, with its anonymous volumes."""
        ...

    def follow(
        self, container: str, *, lines: int | None, since: float | None, on: bool, stamps: bool
    ) -> Iterator[str]:
        """Yield the lines that a container wrote, the last ones or all, and where it goes `on`, what comes.

        `since` is in seconds since 1970; with `stamps` each line begins with its time, as RFC 3339 has it.
        """
        ...

    def interact(self, container: str, command: Command | None, streams: Streams) -> int:
        """Run a command in a container, or start the container itself; return the exit code.

        What it writes goes to `streams`, and what can be read there to it. Without any it is only begun.
        """
        ...

    def create_once(self, project: Project, service: Service, slug: str, *, removed: bool) -> str:
        """Create a one-off container of a service as it is given, and return its id; nothing is started.

        `slug` are hexadecimal digits that no other one has; `removed` has the engine remove it at its end.
        """
        ...

    def pull(self, project: Project, service: Service, progress: Progress) -> None:
        """Pull a service's image, whether or not it is at hand."""
        ...

    def build(self, project: Project, service: Service, progress: Progress) -> None:
        """Build a service's image; UnsupportedError where its builder lacks what the file asks for."""
        ...

    def remove_images(self, names: Collection[str], progress: Progress) -> Left:
        """Remove images by name; those that containers use are told and left."""
        ...

    def close(self) -> None:
        """Let go of the engine; what stands there stays. No other method is called afterwards."""
        ...


class Renewal(NamedTuple):
    """What a start makes of what stands already, where that is the start's choice.

    A container of the services that are `named` is made anew as `recreate` says, of the others as
    `dependencies` does: where it differs from the file, always, or never. `grace` is the time at stop in
    place of each service's own.
    """

    named: frozenset[str] = frozenset()
    recreate: Strategy = "changed"
    dependencies: Strategy = "changed"
    renew_volumes: bool = False  # anonymous volumes stay with the former container
    remove_orphans: bool = False  # containers of services that the file no longer has
    grace: float | None = None
    starts: bool = True  # else containers are created, and take the places of others, and that is all

    def strategy(self, service: str) -> Strategy:
        """Return when a service's containers are made anew."""
        return self.recreate if service in self.named else self.dependencies


class Published(NamedTuple):
    """A container's port, and where it is reached from this machine."""

    port: int
    protocol: str
    host: str
    number: int


class Status(NamedTuple):
    """A container of a project as it is now; `since` and `made` are seconds since 1970."""

    id: str
    name: str
    service: str
    number: int
    state: str  # created, running, paused, restarting, exited, dead
    health: str = ""  # starting, healthy, unhealthy; "" where nothing is probed
    probe: ProbeResult | None = None  # the last run of its healthcheck
    exit_code: int | None = None  # of one that has ended
    since: float = 0.0  # when it got into this state
    made: float = 0.0
    restarts: int = 0
    ports: tuple[Published, ...] = ()
    unpublished: tuple[str, ...] = ()  # "80/tcp"
    image: str = ""
    brings: Image | None = None  # what it is given to probe, by its image or the file
    needs: tuple[str, ...] = ()  # the services that its labels say it depends on
    once: bool = False  # made by `run`
    out_of_memory: bool = False

    @property
    def runs(self) -> bool:
        """Whether it has a process."""
        return self.state not in ("created", "exited", "dead")


class Command(NamedTuple):
    """What is to be run in a container, and how."""

    words: tuple[str, ...]
    environment: tuple[str, ...] = ()
    user: str = ""
    folder: str = ""
    privileged: bool = False


class Streams(Protocol):
    """What a program in a container is connected to: a person's terminal, pipes, or nothing."""

    tty: bool
    reads: bool  # whether there is anything to be read for it
    attached: bool

    def read(self) -> bytes:
        """Return what there is for the program to read, b"" at the end."""
        ...

    def write(self, stream: int, data: bytes) -> None:
        """Take what it writes to its output (1) or its errors (2)."""
        ...

    def resized(self, resize: Callable[[int, int], object]) -> object:
        """Have `resize` called with the terminal's height and width, now and whenever they change."""
        ...


class ProbeResult(NamedTuple):
    """One run of a healthcheck, or of an x-readiness probe, whose output says it all."""

    exit_code: int | None
    output: str


class Trouble(NamedTuple):
    """What an engine last saw of one container."""

    state: str  # created, running, restarting, exited, ...
    probes: tuple[ProbeResult, ...]
    logs: tuple[str, ...]


class Left(NamedTuple):
    """What could not be removed, and why, by name; `unreachable` where the engine did not answer.

    `command` is what a person types to remove it; `restored` gave way to a start, and stand as before.
    `spared` where something was left to another run that uses it; `kept` are volumes of a project that
    somebody else has taken down, and so chosen to keep.
    """

    things: dict[str, str] = {}  # noqa: RUF012  # nobody changes it
    unreachable: bool = False
    spared: bool = False
    kept: tuple[str, ...] = ()
    command: str = ""
    restored: tuple[str, ...] = ()
