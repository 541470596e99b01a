"""What holds for every stack: stated over random ones."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.engine.simulated import NEVER, Behaviour, SimulatedEngine
from composecheck.facts import Facts
from composecheck.model.project import Image, Probe, Retry
from composecheck.plan import plan
from composecheck.start import Run, Settings, decide, drive, select

from .happens_before import assert_same_order, happens_before
from .projects import NODE, completed, health, healthy, needs, project, service, start

MOMENTS = st.floats(0, 15).map(lambda x: round(x, 1))


@st.composite
def stacks(draw):
    """A project whose services depend on earlier ones, what is known of the images, and times."""
    size = draw(st.integers(1, 7))
    services, images, behaviours = {}, {}, {}
    kinds = [draw(st.sampled_from(["job", "checked", "plain"])) for _ in range(size)]
    conditions = {"job": [completed], "checked": [needs, healthy], "plain": [needs]}
    for n, kind in enumerate(kinds):
        edges = []
        for other in draw(st.sets(st.integers(0, n - 1), max_size=3)) if n else ():
            make = draw(st.sampled_from(conditions[kinds[other]]))
            edges.append(make(f"s{other}", required=draw(st.booleans())))
        more = {}
        if kind == "checked":
            more["healthcheck"] = health(interval=draw(st.sampled_from([1.0, 3.0])))
        if kind != "job" and draw(st.booleans()):
            more["readiness"] = Probe(tcp=(1,))
        if kind != "job":
            more["restart"] = draw(st.sampled_from(["no", "no", "on-failure", "always"]))
        if draw(st.integers(0, 3)) == 0:
            more["retry"] = Retry(NODE)
        services[f"s{n}"] = service(*edges, replicas=draw(st.integers(0 if n else 1, 2)), **more)
        images[f"s{n}"] = Image(ports=(80,)) if draw(st.booleans()) else Image()
        behaviours[f"s{n}"] = Behaviour(
            create=draw(MOMENTS) / 10,
            start=draw(MOMENTS) / 10,
            ready=draw(MOMENTS) if draw(st.integers(0, 5)) else NEVER,
            exits=draw(MOMENTS) if kind == "job" or not draw(st.integers(0, 5)) else NEVER,
            exit_code=0 if draw(st.integers(0, 5)) else 3,
            lives=draw(st.sampled_from([None, 1])),
        )
    return project(**services), images, behaviours


@given(stacks())
def test_nothing_starts_before_its_guards_hold(stack):
    found, images, behaviours = stack
    _, events = start(found, images=images, behaviours=behaviours, deadline=500)
    happens_before(found, events, images)


@given(stacks())
def test_events_come_in_the_order_of_time_and_each_run_ends(stack):
    found, images, behaviours = stack
    run, events = start(found, images=images, behaviours=behaviours, deadline=500)
    assert [e.time for e in events] == sorted(e.time for e in events)
    assert run.outcome in ("ready", "failed", "deadline")
    done = {e.service for e in events if e.kind in ("ready", "completed", "failed", "blocked")}
    if run.outcome == "ready":
        assert done == set(run.services)
        assert not run.missing()
    if run.outcome == "failed":
        assert any(e.kind == "failed" and e.text for e in events)
    if run.outcome == "deadline":
        assert all(run.missing().values())


@given(stacks())
def test_a_decision_changes_nothing_and_depends_on_nothing_else(stack):
    """Asked twice it says the same, and a second fold of the same Events leads to the same."""
    found, images, behaviours = stack
    names = select(found)
    # Without jitter, for that is drawn when a Run is made.
    fixed = Settings(bound="earliest")
    facts = Facts(found).told(images)
    first, second = Run(facts, names, images, fixed), Run(facts, names, images, fixed)
    for event in drive(SimulatedEngine(behaviours, images), first, 500):
        second.observe(event)
        assert decide(second, event.time) == decide(second, event.time)
    assert decide(first, 500) == decide(second, 500)


@given(stacks())
def test_a_slower_engine_keeps_the_same_happens_before(stack):
    """What takes longer changes times, and nothing of the order along the guards."""
    found, images, behaviours = stack
    calm, slow = {}, {}
    for name, behaviour in behaviours.items():
        awaited = any(
            other.depends_on[name].condition == "service_completed_successfully"
            for other in found.services.values()
            if name in other.depends_on
        )
        calm[name] = Behaviour(exits=behaviour.exits if awaited else NEVER)
        slow[name] = calm[name]._replace(create=behaviour.create + 1, start=behaviour.start * 2 + 0.5)
    starts = [start(found, images=images, behaviours=each, deadline=500) for each in (calm, slow)]
    assert [run.outcome for run, _ in starts] in (["ready", "ready"], ["failed", "failed"], ["deadline"] * 2)
    if starts[0][0].outcome == "ready":
        assert_same_order(found, starts[0][1], starts[1][1], images)


@given(stacks())
def test_the_best_is_never_later_than_the_worst(stack):
    found, _, _ = stack
    made = plan(found)
    assert {step.service.name for step in made.steps} == set(found.services)
    for step in made.steps:
        assert step.starts.earliest <= step.starts.latest
        assert step.ready.earliest <= step.ready.latest
        assert step.starts.earliest <= step.ready.earliest
    assert made.total.earliest == max(step.ready.earliest for step in made.steps)
    assert made.total.latest == max(step.ready.latest for step in made.steps)


@given(stacks())
def test_a_start_that_succeeds_keeps_within_the_plan(stack):
    """Whatever the services do but fail: creating and starting apart, no time is outside its bounds."""
    found, images, behaviours = stack
    quick = {name: b._replace(create=0.0, start=0.0) for name, b in behaviours.items()}
    run, events = start(found, images=images, behaviours=quick, deadline=500)
    if run.outcome != "ready" or any(e.kind in ("failed", "blocked") or e.exit_code for e in events):
        return  # who fails, and is started again, takes longer than a plan can foresee
    steps = {step.service.name: step for step in plan(found).steps}
    first = {}
    for event in events:
        first.setdefault((event.service, event.kind), event.time)
    for (name, kind), moment in first.items():
        if kind == "released":
            assert steps[name].starts.earliest - 1e-9 <= moment <= steps[name].starts.latest + 1e-9
        if kind == "ready":
            assert steps[name].ready.earliest - 1e-9 <= moment <= steps[name].ready.latest + 1e-9


@pytest.mark.parametrize("shape", [0, 1, 2, 3], ids=["chain", "fan-out", "fan-in", "tree"])
def test_thousands_of_services_take_seconds_at_most(shape):
    size = 2000
    shapes = [
        lambda n: [healthy(f"s{n - 1}")] if n else [],  # a chain
        lambda n: [healthy("s0")] if n else [],  # a fan out
        lambda n: [needs(f"s{other}") for other in range(n)] if n == size - 1 else [],  # a fan in
        lambda n: [needs(f"s{n // 2}"), healthy(f"s{n // 3}")] if n > 2 else [],
    ]
    found = project(**{f"s{n}": service(*shapes[shape](n), healthcheck=health()) for n in range(size)})
    began = time.process_time()
    run, _ = start(found)
    assert run.outcome == "ready"
    assert time.process_time() - began < 5


def test_the_helper_notices_a_start_that_comes_too_early():
    found = project(db=service(healthcheck=health()), api=service(healthy("db")))
    _, events = start(found)
    early = [e for e in events if (e.service, e.kind) != ("db", "healthy")]
    with pytest.raises(AssertionError, match="'api' was released before 'db' was healthy"):
        happens_before(found, early)


def test_the_helper_notices_another_order():
    found = project(db=service(healthcheck=health()), api=service(healthy("db")))
    _, events = start(found)
    with pytest.raises(AssertionError):
        assert_same_order(found, events, [e for e in events if e.service == "db"])
    assert math.isfinite(events[-1].time)
