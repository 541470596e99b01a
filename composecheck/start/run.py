"""One start: the Events folded so far, and the decision that follows from them."""

from __future__ import annotations

import heapq
import math
from typing import NamedTuple

from composecheck.event import Event
from composecheck.facts.guards import awaits_completion
from composecheck.named import TYPE_CHECKING
from composecheck.start.goals import Settings, goal, wait
from composecheck.start.state import NOW, Prospect, State
from composecheck.start.waiting import forgiven, holds, release, used_up
from composecheck.start.words import lacking, why

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    from composecheck.facts import Facts
    from composecheck.model.project import Image, Probe
    from composecheck.start.goals import Goal, Wait
    from composecheck.start.state import Phase

# The phase that each conclusion puts a service into.
_PHASES: dict[str, Phase] = {
    "released": "starting",
    "ready": "ready",
    "completed": "completed",
    "failed": "failed",
    "blocked": "blocked",
}


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

    `facts` are those of the project, told what an engine says of its images where one does. `services`
    is what `select` gives; `images` what each one's image is reckoned to be. Of every service there is
    at most one Prospect, and a heap has them by time: an Event costs what it touches, however many
    services there are. `lost` says that a service that is needed has failed.
    """

    def __init__(
        self,
        facts: Facts,
        services: Iterable[str],
        images: Mapping[str, Image | None] = {},
        settings: Settings | None = None,
    ) -> None:
        self.project = facts.project
        self.settings = settings or Settings()
        self.outcome: Literal["ready", "failed", "deadline"] | None = None
        self.lost = False
        self._states = _states(facts, tuple(services), images, self.settings)
        self._order = tuple(self._states.values())
        self._open = len(self._order)
        self._heap: list[tuple[float, int, int]] = []
        for state in self._order:
            self._review(state)

    @property
    def services(self) -> tuple[str, ...]:
        """The services of this start, each after those that it depends on."""
        return tuple(self._states)

    @property
    def done(self) -> bool:
        """Whether every service is ready, or is not needed."""
        return not self._open

    def goal(self, service: str) -> Goal:
        """Return what makes a service ready."""
        return self._states[service].goal

    def waits(self, service: str) -> tuple[Wait, ...]:
        """Return what a service waits for before it is started."""
        return self._states[service].waits

    def probe(self, started: Event) -> Probe | None:
        """Return the probe that the engine has to carry out for a container that started, if there is one.

        A port that need not answer gets one look where the container has run for longer than a start
        would wait for it.
        """
        state = self._states.get(started.service)
        probe = state.goal.probe if state is not None else None
        if state is None or probe is None or not (state.goal.kind == "ports" and self._is_old(started)):
            return probe
        return probe._replace(failure_threshold=1)

    def _is_old(self, started: Event) -> bool:
        return started.age >= max(self.settings.soft_wait, self.settings.settle)

    def optional(self, service: str) -> bool:
        """Return whether a service is only wanted by what does not require it."""
        return self._states[service].optional

    def cause(self, service: str) -> Wait | None:
        """Return the wait that was the last to be over, or was used up; None where there was none."""
        state = self._states[service]
        if state.phase == "failed" and state.began is None:
            return used_up(state)[1]
        if state.told is None:
            return None
        last = max(range(len(state.waits)), key=state.holds.__getitem__)
        # What had to happen is over when it was told, what had to last when it holds.
        which = last if state.holds[last] > state.told_at else state.told
        return state.waits[which]

    def missing(self) -> dict[str, str]:
        """Return what is yet to be seen of each service that is not ready."""
        return {
            name: lacking(state)
            for name, state in self._states.items()
            if not (state.is_ready or state.is_over)
        }

    def observe(self, event: Event) -> None:
        """Fold in what an engine reports, or what was concluded."""
        state = self._states.get(event.service)
        if state is None:
            return
        phase = _PHASES.get(event.kind)
        if phase is not None:
            self._enter(state, phase, event.time)
        else:
            before = (state.began, state.all_healthy)
            state.fold(event, forgiven=event.kind == "exited" and forgiven(state), old=self._is_old(event))
            if state.phase == "ready" and state.is_disturbed:
                self._enter(state, "starting", event.time)  # it has to become ready again
            elif (state.began, state.all_healthy) != before:
                self._tell(state, event.time)
        self._review(state)
        while self._heap and self._order[self._heap[0][1]].version != self._heap[0][2]:
            heapq.heappop(self._heap)

    def due(self, now: float) -> list[State]:
        """Return the services whose Prospect comes first, if that moment has come."""
        if not self._heap or self._heap[0][0] > now:
            return []
        when, states, places = self._heap[0][0], [], [0]
        while places:  # equal ones hang together at the heap's top
            place = places.pop()
            if place < len(self._heap) and self._heap[place][0] == when:
                _, index, version = self._heap[place]
                if self._order[index].version == version:
                    states.append(self._order[index])
                places += (2 * place + 1, 2 * place + 2)
        return sorted(states, key=lambda state: state.index)

    def wake(self) -> float | None:
        """Return the moment of the first Prospect."""
        return self._heap[0][0] if self._heap else None

    def _enter(self, state: State, phase: Phase, now: float) -> None:
        """Put a service into a phase, and tell its dependents."""
        self._open -= _is_open(state)
        state.phase = phase
        self._open += _is_open(state)
        if state.is_ready:
            state.ready_at = now
        self.lost = self.lost or (phase in ("failed", "blocked") and not state.optional)
        self._tell(state, now)

    def _tell(self, state: State, now: float) -> None:
        """Let the dependents that wait for a service see what it has become."""
        for dependent, n in state.dependents:
            if dependent.phase != "waiting":
                continue
            wait, before = dependent.waits[n], dependent.holds[n]
            if state.phase in ("failed", "blocked") and wait.dependency.required:
                what = "failed" if state.phase == "failed" else "is blocked"
                text = f"needs '{state.service.name}' ({wait.dependency.condition}), which {what}"
                dependent.blocker = dependent.blocker or text
            moment = holds(wait, state, self.settings)
            if moment != before:
                dependent.holds[n] = moment
                dependent.told, dependent.told_at = n, now
                dependent.missing += (moment == math.inf) - (before == math.inf)
            self._review(dependent)

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
        if state.doom is not None:
            return Prospect(state.doom.when, "failed")
        if state.phase != "waiting":
            return state.reached(self.settings)
        return release(state)


def decide(run: Run, now: float) -> Decision:
    """Return what follows, at this moment, from what a Run has observed; changes nothing."""
    prospects = [(state, state.prospect.kind) for state in run.due(now) if state.prospect is not None]
    lost = run.lost or any(kind in ("failed", "blocked") and not s.optional for s, kind in prospects)
    lost = lost and run.settings.bound is None
    if lost:  # nothing is started any more, only told
        prospects = [(state, kind) for state, kind in prospects if kind in ("failed", "blocked")]
    if not prospects:
        return Decision(wake=run.wake(), outcome="failed" if lost else "ready" if run.done else None)
    concluded = tuple(
        Event(
            now,
            state.service.name,
            kind,
            _culprit(state) if kind == "failed" else 1,
            text=why(state, kind, run.settings),
        )
        for state, kind in prospects
    )
    return Decision(tuple(e.service for e in concluded if e.kind == "released"), concluded)


def _culprit(state: State) -> int:
    """Return the replica for which a service fails."""
    return state.doom.replica if state.doom is not None and not state.fault else state.fault_replica


def _is_open(state: State) -> bool:
    return not state.is_ready and not (state.is_over and state.optional)


def _states(
    facts: Facts, services: tuple[str, ...], images: Mapping[str, Image | None], settings: Settings
) -> dict[str, State]:
    """Return each service as it is before anything has happened, with its waits."""
    chosen = [facts.services[name] for name in services]
    edges = [
        dependency for service in chosen if service.replicas for dependency in service.depends_on.values()
    ]
    needed = {dependency.service for dependency in edges}
    ending = {edge.service for edge in edges if awaits_completion(edge)}
    states = {
        service.name: State(
            index,
            service,
            goal(
                service,
                images.get(service.name),
                ends=service.name in ending,
                needed=service.name in needed,
            ),
        )
        for index, service in enumerate(chosen)
    }
    for state in states.values():
        _connect(state, states, facts, settings)
    for state in reversed(states.values()):
        state.optional = bool(state.dependents) and all(
            dependent.optional or not dependent.waits[n].dependency.required
            for dependent, n in state.dependents
        )
    return states


def _connect(state: State, states: Mapping[str, State], facts: Facts, settings: Settings) -> None:
    """Give a service its waits, and its dependencies the knowledge of who waits."""
    waits: list[Wait] = []
    for dependency in state.service.depends_on.values():
        target = states.get(dependency.service)
        if target is None:
            state.notes.append(f"'{dependency.service}' is not in this run, and not required")
            continue
        edge = wait(facts, state.service, dependency, settings, target=target.goal)
        if edge.kind == "never" and dependency.required:
            state.fail(f"it cannot start: {edge.guard.reason}", 1)
        target.health_awaited = target.health_awaited or edge.kind == "healthy"
        target.dependents.append((state, len(waits)))
        waits.append(edge)
    state.waits = tuple(waits)
    state.targets = tuple(states[edge.dependency.service] for edge in waits)
    state.holds = [holds(*pair, settings) for pair in zip(waits, state.targets, strict=True)]
    state.missing += state.holds.count(math.inf)
    state.retries = any(edge.attempts is not None for edge in waits)
