"""The one loop of a start, the same on every engine."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.start.run import decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.engine.protocol import Engine
    from composecheck.event import Event
    from composecheck.start.run import Run


def drive(engine: Engine, run: Run, deadline: float | None = None) -> Iterator[Event]:
    """Create all services, start each the moment its guards hold, and yield every Event.

    Ends when all are ready, when one that is needed has failed, or at `deadline` (a moment on
    the engine's clock); `run.outcome` then says which. An engine on which nothing can happen any
    more ends it as a deadline would.
    """
    watched: set[tuple[str, int]] = set()
    created = False
    now = engine.clock.now()
    while True:
        decision = decide(run, now)
        for event in decision.concluded:
            run.observe(event)
        for name in decision.start:
            engine.start(run.project.services[name])
        yield from decision.concluded
        if decision.concluded:
            continue
        if decision.outcome is not None:
            run.outcome = decision.outcome
            return
        if deadline is not None and now >= deadline:
            run.outcome = "deadline"
            return
        if not created:  # not before it is known that nothing is hopeless from the beginning
            created = True
            engine.create([run.project.services[name] for name in run.services])
        until = min((moment for moment in (decision.wake, deadline) if moment is not None), default=None)
        seen = engine.next_event(until)
        if seen is not None:
            now = max(now, seen.time)
            run.observe(seen)
            _watch(engine, run, seen, watched)
            yield seen
        elif until is not None:
            now = max(now, until)
        else:
            run.outcome = "deadline"
            return


def provide(engine: Engine, run: Run, deadline: float | None = None) -> Iterator[Event]:
    """Create all services and start none, and yield every Event; ends as `drive` does."""
    missing = {name: run.project.services[name].replicas for name in run.services}
    engine.create([run.project.services[name] for name in run.services])
    while any(missing.values()):
        seen = engine.next_event(deadline)
        if seen is None:
            run.outcome = "deadline"
            return
        run.observe(seen)
        yield seen
        missing[seen.service] -= seen.kind == "created"
        if seen.kind == "refused":
            run.outcome = "failed"
            concluded = [each for each in decide(run, seen.time).concluded if each.kind == "failed"]
            for event in concluded:
                run.observe(event)
            yield from concluded
            return
    run.outcome = "ready"


def _watch(engine: Engine, run: Run, seen: Event, watched: set[tuple[str, int]]) -> None:
    """Have a started container probed, until it has answered once."""
    container = (seen.service, seen.replica)
    if seen.kind == "probed":
        watched.discard(container)
    elif seen.kind == "started" and container not in watched:
        probe = run.probe(seen)
        if probe is not None:
            watched.add(container)
            engine.watch(run.project.services[seen.service], seen.replica, probe)
