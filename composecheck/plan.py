"""A start foreseen: the order, what each service waits for, and the bounds of every time.

The start algorithm itself runs twice on the simulated engine: once where everything takes the
least that the files allow, once where it takes the most. Nothing is guessed: what the files set
no limit to (how long a job takes, what only an image could tell) is infinity. Times are seconds
after the containers exist; what the machine needs to pull, build, create and start comes on top.
"""

from __future__ import annotations

from typing import NamedTuple

from composecheck.engine.simulated.engine import (
    ASSUMED,
    NEVER,
    Behaviour,
    SimulatedEngine,
    best,
    known_image,
)
from composecheck.facts import Facts
from composecheck.facts.restart import restart_policy
from composecheck.facts.schedule import effective, probing
from composecheck.lint import require_accepted
from composecheck.model.project import DEFAULT_START_INTERVAL
from composecheck.named import TYPE_CHECKING
from composecheck.start import Run, Settings, drive, select
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from composecheck.event import Event
    from composecheck.facts.guards import Guard
    from composecheck.model.project import Image, Project, Service
    from composecheck.start import Goal, Wait
    from composecheck.text.source import Span


class Bounds(NamedTuple):
    """The earliest and the latest moment in seconds; infinity where nothing sets a limit."""

    earliest: float
    latest: float

    def __str__(self) -> str:
        if self.earliest == self.latest:
            return format_duration(self.earliest)
        return f"{format_duration(self.earliest)} .. {format_duration(self.latest)}"


class Edge(NamedTuple):
    """One dependency: what `up` waits for, and its guard as the files tell it."""

    wait: Wait

    @property
    def guard(self) -> Guard:
        """What makes the dependency safe."""
        return self.wait.guard

    @property
    def unguarded(self) -> bool:
        """Whether the two services race, and are held apart by the soft wait at most."""
        return self.guard.is_missing and self.wait.dependency.implicit is None and self.wait.kind != "nothing"


class Fails(NamedTuple):
    """Why a service does not become ready, in the words of `up`; empty where it does.

    At best: it never does. At worst: its time, or that of what it needs, can run out.
    """

    best: str = ""
    worst: str = ""


class Step(NamedTuple):
    """One service of a plan: when it starts and is ready, and what it waits for before.

    `goal` is what makes it ready: see `composecheck.start.Goal`; "image" where only its image
    can tell. A bound is infinity where nothing limits it, and where `fails` says that it is never.
    """

    service: Service
    goal: Literal["completion", "readiness", "healthcheck", "ports", "running", "image", "provider"]
    starts: Bounds
    ready: Bounds
    edges: tuple[Edge, ...]
    fails: Fails = Fails()


class Link(NamedTuple):
    """One service of a critical path, and the moment at which the next one had waited for it.

    ready    it was ready, or had completed; of the last one, when it is
    started  its process ran, and no more was asked
    unready  it was not ready yet: the soft wait was over, or the x-retry used up
    never    it is not started, or fails: `up` fails with it
    """

    service: str
    until: Literal["ready", "started", "unready", "never"]
    moment: float


class Remark(NamedTuple):
    """What somebody who reads a plan should know, and the place that it is about."""

    service: str
    message: str
    span: Span


class Plan(NamedTuple):
    """A start foreseen; `steps` in the order in which the services start when all goes well.

    `best` and `worst` are the critical paths, from the first service to the one that is ready
    last; at worst that is one that fails, or that nothing sets a limit to, if there is one.
    """

    project: str
    settings: Settings
    steps: tuple[Step, ...]
    total: Bounds
    best: tuple[Link, ...]
    worst: tuple[Link, ...]
    remarks: tuple[Remark, ...]


def plan(
    project: Project,
    names: Iterable[str] = (),
    settings: Settings | None = None,
    facts: Facts | None = None,
) -> Plan:
    """Return how the named services (all for none) and their dependencies will start.

    `facts` are those of the project's check, where there was one. Raises UsageError as `select` does, and for
    a project that is not accepted.
    """
    require_accepted(project)
    settings = settings or Settings()
    facts = facts or Facts(project)
    services = select(project, names)
    known = {name: known_image(facts.images, project.services[name]) for name in services}
    early = _Foreseen(facts, services, known, settings._replace(bound="earliest"))
    late = _Foreseen(facts, services, known, settings._replace(bound="latest"))
    steps = tuple(_step(project.services[name], early, late) for name in early.order)
    total = Bounds(early.end, late.end)
    needs = {name: Bounds(early.needs(name), late.needs(name)) for name in services}
    remarks = tuple(remark for step in steps for remark in _remarks(step, needs, known, settings))
    return Plan(project.name, settings, steps, total, early.path(), late.path(), remarks)


class _Foreseen:
    """One run on the simulated engine, and when what happened in it."""

    def __init__(
        self, facts: Facts, services: tuple[str, ...], known: dict[str, Image | None], settings: Settings
    ) -> None:
        images = {name: _assumed(image) for name, image in known.items()}
        self.run = Run(facts, services, images, settings)
        self.behaviours: dict[str, Behaviour] = {}
        for name, image in images.items():
            goal = self.run.goal(name)
            # A job that its policy starts again after success has no end to come to.
            ends = goal.kind == "completion" and not restart_policy(facts.services[name]).after_success
            self.behaviours[name] = (
                best(ends=ends) if settings.bound == "earliest" else _worst(facts.services[name], image, goal)
            )
        self.starts = dict.fromkeys(services, NEVER)
        self.ready = dict.fromkeys(services, NEVER)
        self.fails: dict[str, Event] = {}
        self.order: dict[str, None] = {}
        for event in drive(SimulatedEngine(self.behaviours, images), self.run):
            self._note(event)
        self.order |= dict.fromkeys(services)

    def _note(self, event: Event) -> None:
        name = event.service
        if event.kind in ("released", "completed"):
            self.order.setdefault(name)
            self.starts[name] = min(self.starts[name], event.time)
        if event.kind in ("ready", "completed"):
            self.ready[name] = min(self.ready[name], event.time)
        if event.kind in ("failed", "blocked"):
            self.fails[name] = event

    @property
    def end(self) -> float:
        """When all are ready, but for those that may fail; infinity where `up` fails."""
        ready = [moment for name, moment in self.ready.items() if name not in self.fails]
        return NEVER if self.run.lost else max(ready, default=0.0)

    def needs(self, name: str) -> float:
        """Return how long a service needs from its start until it is ready."""
        if self.starts[name] < NEVER:
            return self.ready[name] - self.starts[name]
        settings, behaviour = self.run.settings, self.behaviours[name]
        asked = {
            "completion": behaviour.exits,
            "readiness": behaviour.answers,
            "healthcheck": behaviour.healthy,
            "ports": max(settings.settle, settings.soft_wait),
            "running": settings.settle,
        }[self.run.goal(name).kind]
        return 0.0 if asked is None else asked

    def path(self) -> tuple[Link, ...]:
        """Return the chain of services that the end came from, first to last."""
        name = self._last()
        if name is None:
            return ()
        link = Link(name, "never" if name in self.fails else "ready", self.ready[name])
        path = [link]
        while (cause := self.run.cause(name)) is not None:
            failed = self.fails.get(name)
            moment = self.starts[name] if failed is None else failed.time
            name = cause.dependency.service
            if cause.kind == "started" and moment == self.starts[name] == 0.0:
                break  # a start at once is no wait
            ready = self.ready[name] <= moment
            path.append(
                Link(name, "started" if cause.kind == "started" else "ready" if ready else "unready", moment)
            )
        return tuple(reversed(path))

    def _last(self) -> str | None:
        """Return the first service that makes `up` fail, else the last that is ready."""
        for name, event in self.fails.items():
            if event.kind == "failed" and not self.run.optional(name):
                return name
        position = {name: n for n, name in enumerate(self.order)}
        # Of those that nothing bounds, the one that does start: the others only wait for such.
        return max(
            (name for name in self.ready if self.starts[name] < NEVER and name not in self.fails),
            key=lambda name: (self.ready[name], self.starts[name], position[name]),
            default=None,
        )


def _assumed(image: Image | None) -> Image:
    """Return the image to reckon with: no file tells what ports it exposes, nor what one is not known has."""
    image = ASSUMED if image is None else image
    return image._replace(assumed=(*image.assumed, "ports"))


def _worst(service: Service, image: Image, goal: Goal) -> Behaviour:
    """Return the behaviour that becomes ready at the last moment before it would have failed."""
    healthcheck, probe = effective(service, image), service.readiness
    healthy = probing(healthcheck).latest if healthcheck is not None else NEVER
    answers = NEVER
    if goal.kind == "readiness" and probe is not None and probe.failure_threshold is not None:
        answers = probe.initial_delay + probe.failure_threshold * (probe.period + probe.timeout)
    return Behaviour(healthy=healthy, answers=answers)


def _step(service: Service, best: _Foreseen, worst: _Foreseen) -> Step:
    name = service.name
    goal = worst.run.goal(name)
    return Step(
        service,
        "provider" if service.provider is not None else "image" if goal.assumed else goal.kind,
        Bounds(best.starts[name], worst.starts[name]),
        Bounds(best.ready[name], worst.ready[name]),
        tuple(Edge(wait) for wait in worst.run.waits(name)),
        Fails(*(each.fails[name].text if name in each.fails else "" for each in (best, worst))),
    )


def _remarks(
    step: Step, needs: dict[str, Bounds], known: dict[str, Image | None], settings: Settings
) -> Iterator[Remark]:
    name = step.service.name
    budgets: list[Remark] = []
    for edge in step.edges:
        dependency = edge.wait.dependency
        if edge.unguarded or (edge.guard.verdict == "unknown" and edge.wait.kind != "nothing"):
            yield Remark(name, f"{edge.guard.reason}; {_instead(edge, settings)}", dependency.key_place())
        if edge.wait.attempts is not None:
            budgets += _budget(step, edge, needs[dependency.service])
    yield from budgets
    if step.fails.worst and not budgets:
        when = "it is never ready" if step.fails.best else "at worst it is never ready"
        yield Remark(name, f"{when}: {step.fails.best or step.fails.worst}", step.service.key_place())
    if step.ready.latest == NEVER and step.starts.latest < NEVER:
        reason, place = _unbounded(step)
        yield Remark(name, f"unbounded: {reason}", place)
    healthcheck = effective(step.service, known[name])
    if step.goal == "healthcheck" and healthcheck is not None:
        times = probing(healthcheck)
        if times.start_period and times.start_interval is None and times.interval > DEFAULT_START_INTERVAL:
            yield Remark(name, _START_INTERVAL, step.service.key_place("healthcheck"))


def _unbounded(step: Step) -> tuple[str, Span]:
    """Return why nothing limits how long a service takes to become ready, and where that stands."""
    service = step.service
    if step.goal == "provider":
        return "how long its provider takes, no file tells", service.key_place("provider")
    if step.goal == "completion":
        return "how long it runs until it ends, no file tells", service.key_place()
    if step.goal == "readiness":
        return "its x-readiness has no failureThreshold", service.key_place("x-readiness")
    return "only its image can tell whether it has a healthcheck", service.key_place()


_START_INTERVAL = (
    "an engine from version 25 on probes every 5s within the start_period, and may see it earlier"
)


def _instead(edge: Edge, settings: Settings) -> str:
    """Return what `up` does where no guard is known to hold."""
    if edge.wait.kind == "soft":
        return f"up waits for it, {format_duration(settings.soft_wait)} at most"
    if edge.wait.kind == "started":
        return "up does not wait either"
    return "up waits for it"


def _budget(step: Step, edge: Edge, needs: Bounds) -> Iterator[Remark]:
    """Hold an x-retry against how long its dependency needs."""
    attempts = edge.wait.attempts
    retry = edge.wait.dependency.retry or step.service.retry
    if attempts is None or retry is None:
        return
    end = attempts.early[-1]
    if needs.latest <= end:
        return
    name = edge.wait.dependency.service
    if needs.earliest > attempts.late[-1]:
        fact = f"'{name}' cannot be ready before {format_duration(needs.earliest)}"
    elif needs.latest < NEVER:
        fact = f"'{name}' can need up to {format_duration(needs.latest)}"
    else:
        fact = f"nothing limits how long '{name}' needs"
    then = "then it is not started" if edge.wait.dependency.required else "then it is started all the same"
    message = f"the x-retry gives up after {format_duration(end)}, and {fact}; {then}"
    yield Remark(step.service.name, message, retry.place)
