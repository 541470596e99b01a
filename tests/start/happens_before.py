"""What a start has to do before what, read off its Events, and whether two starts agree on it.

An order of Events holds two kinds of facts. Some are owed to the algorithm: a dependent started
after what its guard waits for. Others are owed to chance: which of two unrelated services was
quicker. The first are the happens-before along the guards, and the same on every engine.
"""

from __future__ import annotations

from composecheck.facts import Facts
from composecheck.start import Run

# What has to be seen of a dependency before the dependent is started, by kind of wait. A soft wait
# may run out, so that of it only the dependency's own start is certain.
BEFORE = {
    "healthy": ("healthy",),
    "completed": ("completed",),
    "attempts": ("ready", "completed"),
    "soft": ("started",),
    "started": ("started",),
}


def happens_before(project, events, images=None, settings=None):
    """Return the facts as ("db", "healthy", "api"): db was seen healthy, then api was released.

    AssertionError where Events contradict a guard: a service was released before what its guard
    waits for had been seen of all replicas.
    """
    services = list(dict.fromkeys(event.service for event in events))
    run = Run(Facts(project).told(images or {}), services, images or {}, settings)
    released = {e.service: n for n, e in enumerate(events) if e.kind == "released"}
    facts = set()
    for name, at in released.items():
        started = [n for n, e in enumerate(events) if e.service == name and e.kind == "started"]
        unchanged = any(e.service == name and e.text == "unchanged" for e in events)
        assert unchanged or all(n > at for n in started), f"'{name}' was started before its release"
        for wait in run.waits(name):
            other = wait.dependency.service
            replicas = project.services[other].replicas
            ended = [e for e in events if e.service == other and e.kind in ("failed", "blocked")]
            if not replicas or wait.kind == "never" or (ended and not wait.dependency.required):
                continue
            # An x-retry for what is not required may be used up, and the start goes on.
            soft = wait.kind == "attempts" and not wait.dependency.required
            kinds = BEFORE["soft" if soft else wait.kind]
            seen = {e.replica for e in events[:at] if e.service == other and e.kind in kinds}
            whole = "completed" in kinds  # concluded of the service, not seen of a replica
            assert len(seen) == (1 if whole else replicas), (
                f"'{name}' was released before '{other}' was {wait.kind}: {sorted(seen)} of {replicas}"
            )
            facts.add((other, wait.kind, name))
    return facts


def assert_same_order(project, events_a, events_b, images=None, settings=None):
    """Two starts of a project keep the same happens-before along its guards."""
    first = happens_before(project, events_a, images, settings)
    second = happens_before(project, events_b, images, settings)
    assert first == second
    for kinds in (("ready", "completed"), ("failed",)):  # a job may end after it counted as running
        assert {e.service for e in events_a if e.kind in kinds} == {
            e.service for e in events_b if e.kind in kinds
        }, f"the starts differ in what is {kinds[0]}"
