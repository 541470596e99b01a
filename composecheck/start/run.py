"""One start: the Events folded so far, and the decision that follows from them."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Literal, NamedTuple

from composecheck.event import Event
from composecheck.start.goals import Settings, goal, wait
from composecheck.start.state import NOW, Prospect, State
from composecheck.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from composecheck.event import Concluded
    from composecheck.project import Image, Probe, Project
    from composecheck.start.goals import Goal, Wait
    from composecheck.start.state import Phase

CONCLUDED = frozenset({"released", "ready", "completed", "failed", "blocked"})


class Decision(NamedTuple):
    """What to do now.

    `concluded` is to be observed, and the services in `start` (those released) to be started;
    then the question is to be put again. `wake` is the next moment at which time alone changes
    the answer, None where it never does and while there is something concluded.
    """

    start: tuple[str, ...] = ()
    concluded: tuple[Event, ...] = ()
    wake: float | None = None
    outcome: Literal["ready", "failed"] | None = None


class Run:
    """The state of one start: a fold of Events, from which `decide` follows.

    `services` is what `select` gives; `images` what is known of each one's image. For every
    service that it can still say something of, there is one Prospect, kept in a heap by time: an
    Event costs what it touches, however many services there are.
    """

    def __init__(
        self,
        project: Project,
        services: Iterable[str],
        images: Mapping[str, Image | None] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.project = project
        self.settings = settings or Settings()
        self.outcome: Literal["ready", "failed", "deadline"] | None = None
        self.lost = False  # a service that is needed has failed
        self._states: dict[str, State] = {}
        self._heap: list[tuple[float, int, int]] = []
        self._build(tuple(services), images or {})
        self._order = tuple(self._states.values())
        self._open = len(self._order)
        for state in self._order:
            self._review(state)

    @property
    def services(self) -> tuple[str, ...]:
        """The services of this start, each after those that it depends on."""
        return tuple(self._states)

    def goal(self, service: str) -> Goal:
        """Return what makes a service ready."""
        return self._states[service].goal

    def waits(self, service: str) -> tuple[Wait, ...]:
        """Return what a service waits for before it is started."""
        return self._states[service].waits

    def probe(self, service: str) -> Probe | None:
        """Return the probe that the engine has to carry out for a service, if there is one."""
        state = self._states.get(service)
        return state.goal.probe if state is not None else None

    def cause(self, service: str) -> str | None:
        """Return the dependency whose wait was the last to be over, None where there was none."""
        state = self._states[service]
        if not state.waits:
            return None
        last = max(range(len(state.waits)), key=lambda n: (state.holds[n], n == state.told))
        return state.waits[last].dependency.service

    def missing(self) -> dict[str, str]:
        """Return what is yet to be seen of each service that is not ready."""
        return {
            name: state.lacking()
            for name, state in self._states.items()
            if not (state.is_ready or state.is_over)
        }

    def observe(self, event: Event) -> None:
        """Fold in what an engine reports, or what was concluded."""
        state = self._states.get(event.service)
        if state is None:
            return
        if event.kind in CONCLUDED:
            self._enter(state, "starting" if event.kind == "released" else event.kind, event.time)  # type: ignore[arg-type]
        else:
            before = (state.began, state.all_healthy)
            state.fold(event, forgiven=event.kind == "exited" and self._forgiven(state))
            if state.phase == "ready" and state.running + state.ended < state.service.replicas:
                self._enter(state, "starting", event.time)  # it is started again, and has to get ready again
            elif (state.began, state.all_healthy) != before:
                self._tell(state)
        self._review(state)
        while self._heap and self._order[self._heap[0][1]].version != self._heap[0][2]:
            heapq.heappop(self._heap)

    def due(self, now: float) -> list[State]:
        """Return the services whose Prospect comes first, if that moment has come."""
        if not self._heap or self._heap[0][0] > now:
            return []
        when, found, places = self._heap[0][0], [], [0]
        while places:  # equal ones hang together at the heap's top
            place = places.pop()
            if place < len(self._heap) and self._heap[place][0] == when:
                _, index, version = self._heap[place]
                if self._order[index].version == version:
                    found.append(self._order[index])
                places += (2 * place + 1, 2 * place + 2)
        return sorted(found, key=lambda state: state.index)

    def wake(self) -> float | None:
        """Return the moment of the first Prospect."""
        return self._heap[0][0] if self._heap else None

    @property
    def done(self) -> bool:
        """Whether every service is ready, or is not needed."""
        return not self._open

    def text(self, state: State, kind: Concluded) -> str:
        """Return why something is concluded, for a person."""
        if kind == "ready":
            return state.how(self.settings)
        if kind == "completed":
            return "" if state.service.replicas else "it has no replicas: nothing to start or to wait for"
        if kind == "blocked":
            return state.blocker
        if kind == "failed":
            return state.fault or self._gave_up(state)[1]
        parts = [
            self._over(wait, moment) for wait, moment in zip(state.waits, state.holds, strict=True)
        ] + state.notes
        return "; ".join(parts)

    # How it is built

    def _build(self, services: tuple[str, ...], images: Mapping[str, Image | None]) -> None:
        inside = set(services)
        ends = {
            dependency.service
            for name in services
            for dependency in self.project.services[name].depends_on.values()
            if dependency.condition == "service_completed_successfully"
        }
        for index, name in enumerate(services):
            service = self.project.services[name]
            self._states[name] = State(index, service, goal(service, images.get(name), ends=name in ends))
        known = {name: image for name, image in images.items() if image is not None}
        for state in self._states.values():
            waits: list[Wait] = []
            for dependency in state.service.depends_on.values():
                if dependency.service not in inside:
                    state.notes.append(f"'{dependency.service}' is not in this run, and not required")
                    continue
                target = self._states[dependency.service]
                found = wait(
                    self.project, state.service, dependency, known, self.settings, target=target.goal
                )
                if found.kind == "healthy":
                    target.heeds_health = True
                if found.kind == "never" and dependency.required:
                    state.fail(f"it cannot start: {found.guard.reason}", 1)
                target.dependents.append((state, len(waits)))
                waits.append(found)
            state.waits = tuple(waits)
            state.holds = [self._holds(found) for found in waits]
            state.missing += state.holds.count(math.inf)
        for state in reversed(self._states.values()):
            state.optional = bool(state.dependents) and all(
                dependent.optional or not dependent.waits[n].dependency.required
                for dependent, n in state.dependents
            )

    # How it changes

    def _enter(self, state: State, phase: Phase, now: float) -> None:
        """Put a service into a phase, and tell its dependents."""
        self._open -= self._is_open(state)
        state.phase = phase
        self._open += self._is_open(state)
        if state.is_ready:
            state.ready_at = now
        self.lost = self.lost or (phase in ("failed", "blocked") and not state.optional)
        self._tell(state)

    def _is_open(self, state: State) -> bool:
        return not state.is_ready and not (state.is_over and state.optional)

    def _tell(self, state: State) -> None:
        """Let the dependents that wait for a service see what it has become."""
        for dependent, n in state.dependents:
            if dependent.phase != "waiting":
                continue
            found = dependent.waits[n]
            if state.phase in ("failed", "blocked") and found.dependency.required and not dependent.blocker:
                what = "failed" if state.phase == "failed" else "is blocked"
                dependent.blocker = (
                    f"needs '{state.service.name}' ({found.dependency.condition}), which {what}"
                )
            before, moment = dependent.holds[n], self._holds(found)
            if moment != before:
                dependent.holds[n], dependent.told = moment, n
            dependent.missing += (moment == math.inf) - (before == math.inf)
            if moment != before or dependent.blocker or found.kind == "attempts":
                self._review(dependent)

    def _holds(self, found: Wait) -> float:
        """Return the moment at which a wait is over, infinity while nothing says when."""
        target = self._states[found.dependency.service]
        required = found.dependency.required
        if target.phase in ("failed", "blocked"):
            return math.inf if required else NOW
        if not target.service.replicas:
            return NOW
        match found.kind:
            case "healthy":
                return NOW if target.all_healthy else math.inf
            case "completed":
                return NOW if target.phase == "completed" else math.inf
            case "never":
                return math.inf if required else NOW
        if target.began is None:
            return math.inf
        if found.kind == "soft":
            return NOW if target.is_ready else target.began + found.limit
        return NOW if found.attempts is None else self._attempt(found, target)

    def _attempt(self, found: Wait, target: State) -> float:
        """Return the moment of the attempt of an x-retry that finds the dependency ready."""
        assert found.attempts is not None  # noqa: S101 - for mypy
        assert target.began is not None  # noqa: S101
        bound, moment = self.settings.bound, math.inf
        if target.is_ready:
            moment = found.attempts.first_from(target.ready_at - target.began, latest=bound == "latest")
        if moment == math.inf and (bound or not found.dependency.required):
            moment = found.attempts.late[-1]
        return target.began + moment

    def _gave_up(self, state: State) -> tuple[float, str]:
        """Return when the first x-retry of a service is used up, and what to say then."""
        first, text = math.inf, ""
        for found, moment in zip(state.waits, state.holds, strict=True):
            target = self._states[found.dependency.service]
            if found.attempts is None or moment != math.inf or target.began is None:
                continue
            end = target.began + found.attempts.late[-1]
            if end < first:
                retry = found.dependency.retry or state.service.retry
                place = f" ({retry.node.place})" if retry is not None else ""
                first = end
                text = (
                    f"its x-retry{place} is used up: '{target.service.name}' was not ready after "
                    f"{len(found.attempts.late)} attempts in {format_duration(found.attempts.late[-1])}"
                )
        return first, text

    def _forgiven(self, state: State) -> bool:
        """Return whether a crash is owed to a dependency that was started and is not ready yet.

        That is what a restart policy as a retry plan looks like, and no crash loop.
        """
        targets = (self._states[found.dependency.service] for found in state.waits)
        return any(not target.is_ready and not target.is_over for target in targets)

    def _review(self, state: State) -> None:
        """Work out anew what is to be concluded of a service, and when."""
        prospect = self._prospect(state)
        if prospect == state.prospect:
            return
        state.prospect = prospect
        state.version += 1
        if prospect is not None:
            heapq.heappush(self._heap, (prospect.when, state.index, state.version))

    def _prospect(self, state: State) -> Prospect | None:
        if state.is_over:
            return None
        if state.fault:
            return Prospect(NOW, "failed")
        if state.phase != "waiting":
            return state.reached(self.settings)
        if state.blocker:
            return Prospect(NOW, "blocked")
        if not state.service.replicas:
            return Prospect(NOW, "completed")
        if state.missing:
            end = math.inf if not state.service.retry and not _retries(state) else self._gave_up(state)[0]
            return Prospect(end, "failed") if end < math.inf else None
        return Prospect(max(state.holds, default=NOW), "released")

    def _over(self, found: Wait, moment: float) -> str:
        """Return in words how a wait came to its end."""
        target = self._states[found.dependency.service]
        name = f"'{target.service.name}'"
        if target.phase in ("failed", "blocked"):
            return f"{name} {target.phase}, and is not required"
        if not target.service.replicas:
            return f"{name} has no replicas"
        if found.kind == "healthy":
            return f"{name} is healthy"
        if found.kind == "completed" or target.phase == "completed":
            return f"{name} completed"
        if found.kind == "started":
            return f"{name} started"
        if found.kind == "never":
            return f"{name} is not required, and cannot be waited for: {found.guard.reason}"
        if target.is_ready:
            return f"{name} is ready"
        waited = format_duration(moment - target.began) if target.began is not None else ""
        return f"{name} was not ready after {waited}, started all the same"


def _retries(state: State) -> bool:
    return any(found.attempts is not None for found in state.waits)


def decide(run: Run, now: float) -> Decision:
    """Return what follows, at this moment, from what a Run has observed; changes nothing."""
    due = run.due(now)
    lost = run.lost or any(_lost(state) for state in due)
    if lost:
        due = [state for state in due if state.prospect and state.prospect.kind in ("failed", "blocked")]
    if not due:
        outcome: Literal["ready", "failed"] | None = "failed" if lost else "ready" if run.done else None
        return Decision(wake=run.wake(), outcome=outcome)
    concluded = tuple(
        Event(now, state.service.name, kind, replica, text=run.text(state, kind))
        for state in due
        if (kind := state.prospect.kind if state.prospect else None)
        for replica in (state.fault_replica if kind == "failed" else 1,)
    )
    return Decision(tuple(e.service for e in concluded if e.kind == "released"), concluded)


def _lost(state: State) -> bool:
    return not state.optional and state.prospect is not None and state.prospect.kind in ("failed", "blocked")
