"""A start on an engine that runs nothing: containers behave as told, on a clock that only it moves.

What it models of Docker's engine: the schedule of health
probes (moby, daemon/health.go), restart policies and their pauses (restartmanager).
"""

from __future__ import annotations

import heapq
import math
from functools import partial
from typing import NamedTuple

from composecheck.clock import VirtualClock
from composecheck.event import Event
from composecheck.facts.schedule import assumed, effective, probing, restart_pause, restarts_again
from composecheck.model.project import Healthcheck, Image
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from composecheck.event import Observed
    from composecheck.facts.images import Images
    from composecheck.model.project import Probe, Service

NEVER = math.inf
STOPPED = 143  # the exit code of what SIGTERM ends


class Behaviour(NamedTuple):
    """How a service's containers behave; times in seconds, NEVER for what does not happen.

    From `ready` after its start on, until `sick`, a container answers its probes, each of which
    takes `probe`. `healthy` and `answers` say outright when the healthcheck and the x-readiness
    (or a port) are first seen to succeed, whatever the schedule of the probes.
    """

    create: float = 0.0  # how long the engine takes
    start: float = 0.0
    ready: float = 0.0
    sick: float = NEVER
    probe: float = 0.0
    healthy: float | None = None
    answers: float | None = None
    exits: float = NEVER  # how long it lives
    exit_code: int = 0
    lives: int | None = None  # how many of its lives end so; None is each
    needs: tuple[str, ...] = ()  # services that must answer when it starts, else it exits at once with 1
    refused: str = ""  # why the engine does not start it


Key = tuple[str, int]

# The image of which nothing is known, where a healthcheck is waited for.
ASSUMED = Image(assumed=("healthcheck",))


def best(*, ends: bool) -> Behaviour:
    """Return the behaviour that is ready, or `ends`, as soon as that can be seen."""
    return Behaviour(exits=0.0 if ends else NEVER)


def known_image(images: Images, service: Service) -> Image | None:
    """Return what the files tell of a service's image, None where its health is left open."""
    healthcheck = images.healthcheck(service)
    return None if healthcheck == "unknown" else Image(healthcheck)


class Container:
    """One replica: how it behaves, and what it is at."""

    __slots__ = (
        "behaviour",
        "ended",
        "gone",
        "life",
        "pause",
        "probe",
        "replica",
        "running",
        "service",
        "since",
        "status",
        "streak",
    )

    def __init__(self, service: Service, replica: int, behaviour: Behaviour) -> None:
        self.service = service
        self.replica = replica
        self.behaviour = behaviour
        self.life = 0  # the number of its starts
        self.running = False
        self.gone = False  # it has been removed
        self.ended: int | None = None  # the exit code of its last life
        self.since = 0.0
        self.pause = 0.0
        self.probe: Probe | None = None  # until it has answered
        self.status = "starting"
        self.streak = 0


class World:
    """The containers that stand on a simulated engine, and what is due to happen to them."""

    __slots__ = ("_agenda", "_count", "clock", "containers")

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.containers: dict[Key, Container] = {}
        self._agenda: list[tuple[float, int, Container, Callable[[], Event | None]]] = []
        self._count = 0

    def plan(self, seconds: float, container: Container, happen: Callable[[], Event | None]) -> None:
        """Have something happen to a container after so many seconds, unless it is gone by then."""
        if seconds < NEVER:
            self._count += 1  # what is due at one moment happens in the order in which it was asked for
            heapq.heappush(self._agenda, (self.clock.now() + seconds, self._count, container, happen))

    def next_event(self, until: float | None) -> Event | None:
        """Return the next Event, with the clock moved to it; None where none comes by `until`."""
        while self._agenda and (until is None or self._agenda[0][0] <= until):
            moment, _, container, happen = heapq.heappop(self._agenda)
            self.clock.advance_to(moment)
            event = None if container.gone else happen()
            if event is not None:
                return event
        if until is not None:
            self.clock.advance_to(until)
        return None

    def remove(self, key: Key) -> None:
        """Remove a container, whatever it is at."""
        self.stop(key)
        self.containers.pop(key).gone = True

    def bring_back(self, key: Key, container: Container, *, runs: bool) -> None:
        """Have a container that gave way stand again, and run on where it did."""
        self.containers[key] = container
        container.running, container.gone = runs, False
        container.since = self.clock.now()

    def stop(self, key: Key) -> None:
        """Stop a container, which then stands and does nothing."""
        container = self.containers[key]
        if container.running:
            container.running, container.ended, container.since = False, STOPPED, self.clock.now()
        container.life += 1  # nothing that was due to this life happens any more


class SimulatedEngine:
    """An Engine whose services behave as `behaviours` say, by name; others are ready at once.

    `images` says what the services' images bring along. What stands in the `world` already is taken as it
    is, as by Docker's engine, but that of the services in `anew`, by the reason. `made` are the containers
    that this start created, `restarted` those that stood before and that it has started again, `gave_way`
    those that it has removed, and whether they ran.
    """

    def __init__(
        self,
        behaviours: Mapping[str, Behaviour] | None = None,
        images: Mapping[str, Image | None] | None = None,
        world: World | None = None,
        anew: Mapping[str, str] | None = None,
    ) -> None:
        self.made: list[Key] = []
        self.restarted: list[Key] = []
        self.gave_way: dict[Key, tuple[Container, bool]] = {}
        self._anew = anew or {}
        self._behaviours = behaviours or {}
        self._images = images or {}
        self._world = world or World()
        self._containers: dict[Key, Container] = {}  # those of this start

    @property
    def clock(self) -> VirtualClock:
        """The clock of the world, which only `next_event` moves."""
        return self._world.clock

    def container(self, key: Key) -> Container | None:
        """Return a container of this start."""
        return self._containers.get(key)

    def create(self, services: Iterable[Service]) -> None:
        """Make containers after the time that each takes; one that stands is found at once."""
        for service in services:
            surplus = [k for k in self._world.containers if k[0] == service.name and k[1] > service.replicas]
            for key in surplus:
                self._give_way(key)
            for replica in range(1, service.replicas + 1):
                self._create(service, replica)

    def _give_way(self, key: Key) -> None:
        former = self._world.containers[key]
        self.gave_way[key] = (former, former.running)
        self._world.remove(key)

    def _create(self, service: Service, replica: int) -> None:
        key = (service.name, replica)
        container, why = self._world.containers.get(key), self._anew.get(service.name, "")
        if container is not None and not why:
            self._containers[key] = container
            self._in(0.0, container, lambda: self._event(container, "created", text="unchanged"))
            return
        behaviour = self._behaviours.get(service.name, Behaviour())
        made = self._containers[key] = Container(service, replica, behaviour)
        self.made.append(key)
        if container is None:
            why = ""
            self._world.containers[key] = made
        self._in(behaviour.create, made, lambda: self._event(made, "created", text=why))

    def start(self, service: Service) -> None:
        """Start a service's containers after the time that this takes."""
        for replica in range(1, service.replicas + 1):
            self._start((service.name, replica))

    def _start(self, key: Key) -> None:
        container = self._containers[key]
        if self._world.containers.get(key) is not container:  # its former has stood up to now
            self._give_way(key)
            self._world.containers[key] = container
        if container.running:
            self._take_over(container)
        elif container.behaviour.refused:
            refused = container.behaviour.refused
            self._in(0.0, container, lambda: self._event(container, "refused", text=refused))
        else:
            if key not in self.made:
                self.restarted.append(key)
            self._in(container.behaviour.start, container, lambda: self._begin(container))

    def _take_over(self, container: Container) -> None:
        """Tell of a container that ran before: its health first, lest somebody waits for what is known."""
        health: dict[str, Observed] = {"healthy": "healthy", "unhealthy": "unhealthy"}
        status = health.get(container.status)
        if status is not None:
            self._in(0.0, container, lambda: self._event(container, status))
        age = self.clock.now() - container.since
        self._in(0.0, container, lambda: self._event(container, "started", text="running", age=age))

    def watch(self, service: Service, replica: int, probe: Probe) -> None:
        """Probe a running container until it answers."""
        container = self._containers[service.name, replica]
        container.probe = probe
        if container.running:
            self._watch(container)

    def next_event(self, until: float | None) -> Event | None:
        """Return the next Event of this start's containers, None where none comes by `until`."""
        while (event := self._world.next_event(until)) is not None:
            if (event.service, event.replica) in self._containers:
                return event
        return None

    def _in(self, seconds: float, container: Container, happen: Callable[[], Event | None]) -> None:
        self._world.plan(seconds, container, happen)

    def _event(
        self,
        container: Container,
        kind: Observed,
        *,
        exit_code: int | None = None,
        text: str = "",
        age: float = 0.0,
    ) -> Event:
        return Event(self.clock.now(), container.service.name, kind, container.replica, exit_code, text, age)

    def _begin(self, container: Container) -> Event:
        behaviour = container.behaviour
        container.life += 1
        container.running, container.ended = True, None
        container.since = self.clock.now()
        container.status, container.streak = "starting", 0
        life = container.life
        if not all(self._answers(name) for name in behaviour.needs):
            self._in(0.0, container, lambda: self._end(container, life, 1))
        elif behaviour.lives is None or life <= behaviour.lives:
            self._in(behaviour.exits, container, lambda: self._end(container, life, behaviour.exit_code))
        self._check(container)
        if container.probe is not None:
            self._watch(container)
        return self._event(container, "started")

    def _answers(self, service: str) -> bool:
        """Return whether a service answers now, or has ended as a job does."""
        found = [c for (name, _), c in self._world.containers.items() if name == service]
        return all(self._well(c, self.clock.now() - c.since) if c.running else c.life > 0 for c in found)

    @staticmethod
    def _well(container: Container, age: float) -> bool:
        return container.behaviour.ready <= age < container.behaviour.sick

    def _end(self, container: Container, life: int, exit_code: int) -> Event | None:
        if container.life != life or not container.running:
            return None
        container.running, container.ended = False, exit_code
        if restarts_again(container.service, exit_code, life - 1):
            container.pause = restart_pause(self.clock.now() - container.since, container.pause)
            self._in(container.pause, container, lambda: self._begin(container))
        return self._event(container, "exited", exit_code=exit_code)

    def _check(self, container: Container) -> None:
        """Have the engine probe a container's health, on its own schedule."""
        service, behaviour, life = container.service, container.behaviour, container.life
        image = self._images.get(service.name)
        healthcheck, healthy = effective(service, image), behaviour.healthy
        if assumed(service, image):
            healthcheck = service.healthcheck or Healthcheck(None)
            healthy = behaviour.ready if healthy is None else healthy  # nobody knows when it is probed
        if healthcheck is None:
            return
        times = probing(healthcheck)
        takes = min(behaviour.probe, times.timeout)

        def begin() -> None:
            age = self.clock.now() - container.since
            well = self._well(container, age) and behaviour.probe < times.timeout
            self._in(takes, container, lambda: end(age, well=well))

        def end(began: float, *, well: bool) -> Event | None:
            if container.life != life or not container.running:
                return None
            before = container.status
            counts = not well and not (before == "starting" and began < times.start_period)
            container.streak = 0 if well else container.streak + counts
            if well:
                container.status = "healthy"
            elif container.streak >= times.retries:
                container.status = "unhealthy"
            # No probe says anything new of one that is well for good, or ill for good.
            ill = behaviour.ready == NEVER or began >= behaviour.sick
            if not (
                behaviour.sick == NEVER
                if container.status == "healthy"
                else ill and container.status == "unhealthy"
            ):
                age = self.clock.now() - container.since
                pause = times.pause(age) if container.status == "starting" else times.interval
                self._in(pause, container, begin)
            changed = container.status != before
            return self._event(container, "healthy" if well else "unhealthy") if changed else None

        if healthy is not None:
            self._in(healthy, container, lambda: end(healthy, well=True))
        else:
            self._in(times.pause(0.0), container, begin)

    def _watch(self, container: Container) -> None:
        """Carry out a probe of our own, as it says when."""
        probe, behaviour, life = container.probe, container.behaviour, container.life
        if probe is None:
            return

        def tell(kind: Observed) -> Event | None:
            if container.life != life or not container.running:
                return None
            container.probe = None
            return self._event(container, kind)

        if behaviour.answers is not None:
            self._in(behaviour.answers, container, lambda: tell("probed"))
            return
        behind = self.clock.now() - container.since
        late = behaviour.ready - behind - probe.initial_delay
        failures = 0 if late <= 0 else NEVER if late == NEVER else math.ceil(late / probe.period)
        limit = probe.failure_threshold
        if limit is not None and failures >= limit:
            seconds = probe.initial_delay + (limit - 1) * probe.period + probe.timeout
            self._in(seconds, container, lambda: tell("unanswered"))
        elif failures < NEVER:
            seconds = probe.initial_delay + failures * probe.period + behaviour.probe
            self._in(seconds, container, lambda: tell("probed"))


class Adoption(SimulatedEngine):
    """The engine of what stands in a `world`, which makes nothing; see `Session.adopt`."""

    def __init__(
        self,
        images: Mapping[str, Image | None],
        world: World,
        *,
        starting: Collection[str],
        coming: Collection[str],
    ) -> None:
        super().__init__(images=images, world=world)
        self._starting = starting
        self._coming = coming

    def create(self, services: Iterable[Service]) -> None:
        """Tell that the containers are there."""
        for service in services:
            for replica in range(1, service.replicas + 1):
                key = (service.name, replica)
                container = self._world.containers.get(key)
                if service.name in self._coming or container is None:
                    container = Container(service, replica, Behaviour())
                self._containers[key] = container
                self._in(0.0, container, partial(self._event, container, "created", text="unchanged"))

    def _start(self, key: Key) -> None:
        container = self._containers[key]
        if key[0] in self._coming:
            return
        if container.running or (key[0] in self._starting and container.behaviour.refused):
            super()._start(key)
        elif key[0] in self._starting:
            self._in(container.behaviour.start, container, lambda: self._begin(container))
        elif container.ended is not None:
            self._in(0.0, container, lambda: self._event(container, "started"))
            self._in(0.0, container, lambda: self._ending(container))

    def _ending(self, container: Container) -> Event:
        code = container.ended or 0
        if restarts_again(container.service, code, 0):  # as somebody has stopped it
            return self._event(container, "refused", text=f"it has ended with exit code {code}")
        return self._event(container, "exited", exit_code=code)
