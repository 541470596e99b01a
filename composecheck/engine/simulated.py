"""An engine that runs nothing: containers behave as told, on a clock that only it moves.

It predicts (`composecheck plan`), shows a start where there is no Docker Engine, and lets the start
algorithm be tested without waiting. What it models of Docker's engine: the schedule of health
probes (moby, daemon/health.go), restart policies and their pauses (restartmanager).
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, NamedTuple

from composecheck.clock import VirtualClock
from composecheck.event import Event
from composecheck.facts.schedule import effective, probing, restart_pause, restarts_again
from composecheck.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from composecheck.event import Observed
    from composecheck.model.project import Image, Probe, Project, Service

NEVER = math.inf


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


class _Container:
    __slots__ = (
        "behaviour",
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
        self.since = 0.0
        self.pause = 0.0
        self.probe: Probe | None = None  # until it has answered
        self.status = "starting"
        self.streak = 0


class SimulatedEngine:
    """An Engine whose services behave as `behaviours` say, by name; others are ready at once."""

    def __init__(
        self,
        behaviours: Mapping[str, Behaviour] | None = None,
        images: Mapping[str, Image | None] | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self._behaviours = behaviours or {}
        self._images = images or {}
        self._snapshot = snapshot
        self._containers: dict[tuple[str, int], _Container] = {}
        self._agenda: list[tuple[float, int, Callable[[], Event | None]]] = []
        self._count = 0

    def image(self, service: Service) -> Image | None:
        """Return what was said of the service's image."""
        return self._images.get(service.name)

    def survey(self, _project: Project, _services: Collection[str]) -> Snapshot:
        """Return what was said of the engine; an empty one has room for everything."""
        return self._snapshot if self._snapshot is not None else Snapshot()

    def create(self, service: Service, replica: int) -> None:
        """Make a container after the time that this takes."""
        behaviour = self._behaviours.get(service.name, Behaviour())
        container = self._containers[service.name, replica] = _Container(service, replica, behaviour)
        self._in(behaviour.create, lambda: self._event(container, "created"))

    def start(self, service: Service, replica: int) -> None:
        """Start a container after the time that this takes."""
        container = self._containers[service.name, replica]
        if container.behaviour.refused:
            self._in(0.0, lambda: self._event(container, "refused", text=container.behaviour.refused))
        else:
            self._in(container.behaviour.start, lambda: self._begin(container))

    def watch(self, service: Service, replica: int, probe: Probe) -> None:
        """Probe a running container until it answers."""
        container = self._containers[service.name, replica]
        container.probe = probe
        if container.running:
            self._watch(container)

    def next_event(self, until: float | None) -> Event | None:
        """Return the next Event, with the clock moved to it; None where none comes by `until`."""
        while self._agenda and (until is None or self._agenda[0][0] <= until):
            moment, _, happen = heapq.heappop(self._agenda)
            self.clock.advance_to(moment)
            event = happen()
            if event is not None:
                return event
        if until is not None:
            self.clock.advance_to(until)
        return None

    def _in(self, seconds: float, happen: Callable[[], Event | None]) -> None:
        if seconds < NEVER:
            self._count += 1  # what is due at one moment happens in the order in which it was asked for
            heapq.heappush(self._agenda, (self.clock.now() + seconds, self._count, happen))

    def _event(
        self, container: _Container, kind: Observed, *, exit_code: int | None = None, text: str = ""
    ) -> Event:
        return Event(self.clock.now(), container.service.name, kind, container.replica, exit_code, text)

    def _begin(self, container: _Container) -> Event:
        behaviour = container.behaviour
        container.life += 1
        container.running = True
        container.since = self.clock.now()
        container.status, container.streak = "starting", 0
        life = container.life
        if not all(self._answers(name) for name in behaviour.needs):
            self._in(0.0, lambda: self._end(container, life, 1))
        elif behaviour.lives is None or life <= behaviour.lives:
            self._in(behaviour.exits, lambda: self._end(container, life, behaviour.exit_code))
        self._check(container)
        if container.probe is not None:
            self._watch(container)
        return self._event(container, "started")

    def _answers(self, service: str) -> bool:
        """Return whether a service answers now, or has ended as a job does."""
        found = [c for (name, _), c in self._containers.items() if name == service]
        return all(self._well(c, self.clock.now() - c.since) if c.running else c.life > 0 for c in found)

    @staticmethod
    def _well(container: _Container, age: float) -> bool:
        return container.behaviour.ready <= age < container.behaviour.sick

    def _end(self, container: _Container, life: int, exit_code: int) -> Event | None:
        if container.life != life or not container.running:
            return None
        container.running = False
        if restarts_again(container.service, exit_code, life - 1):
            container.pause = restart_pause(self.clock.now() - container.since, container.pause)
            self._in(container.pause, lambda: self._begin(container))
        return self._event(container, "exited", exit_code=exit_code)

    def _check(self, container: _Container) -> None:
        """Have the engine probe a container's health, on its own schedule."""
        healthcheck = effective(container.service, self.image(container.service))
        if healthcheck is None:
            return
        life, behaviour, times = container.life, container.behaviour, probing(healthcheck)
        takes = min(behaviour.probe, times.timeout)

        def begin() -> None:
            age = self.clock.now() - container.since
            well = self._well(container, age) and behaviour.probe < times.timeout
            self._in(takes, lambda: end(age, well=well))

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
                self._in(times.pause(age) if container.status == "starting" else times.interval, begin)
            changed = container.status != before
            return self._event(container, "healthy" if well else "unhealthy") if changed else None

        if behaviour.healthy is not None:
            self._in(behaviour.healthy, lambda: end(behaviour.healthy or 0.0, well=True))
        else:
            self._in(times.pause(0.0), begin)

    def _watch(self, container: _Container) -> None:
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
            self._in(behaviour.answers, lambda: tell("probed"))
            return
        behind = self.clock.now() - container.since
        late = behaviour.ready - behind - probe.initial_delay
        failures = 0 if late <= 0 else NEVER if late == NEVER else math.ceil(late / probe.period)
        limit = probe.failure_threshold
        if limit is not None and failures >= limit:
            seconds = probe.initial_delay + (limit - 1) * probe.period + probe.timeout
            self._in(seconds, lambda: tell("unanswered"))
        elif failures < NEVER:
            self._in(probe.initial_delay + failures * probe.period + behaviour.probe, lambda: tell("probed"))
