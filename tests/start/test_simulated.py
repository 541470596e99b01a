"""What the simulated engine takes over from Docker's: probes, restarts, and time."""

from __future__ import annotations

import pytest

from composecheck.engine.simulated import NEVER, Behaviour, SimulatedEngine
from composecheck.model.project import Probe

from .projects import NODE, health, service


def lives(behaviour, until, probe=None, **more):
    """What one started container does until a moment."""
    engine = SimulatedEngine({"app": behaviour})
    app = service(**more).replace(name="app")
    engine.create([app])
    engine.start(app)
    if probe is not None:
        engine.watch(app, 1, probe)
    events = iter(lambda: engine.next_event(until), None)
    return [(round(e.time, 3), e.kind) for e in events if e.kind != "created"]


def test_creating_and_starting_take_their_time():
    engine = SimulatedEngine({"app": Behaviour(create=0.5, start=0.25)})
    app = service().replace(name="app")
    engine.create([app])
    assert engine.next_event(None).time == 0.5
    engine.start(app)
    assert engine.next_event(None)[:3] == (0.75, "app", "started")


def test_time_moves_only_as_far_as_it_is_asked_to():
    engine = SimulatedEngine()
    assert engine.next_event(7.5) is None
    assert engine.clock.now() == 7.5
    assert engine.next_event(None) is None  # nothing can happen any more
    assert engine.clock.now() == 7.5


def test_health_is_probed_an_interval_after_the_start_and_after_each_end():
    found = lives(Behaviour(ready=2.0, probe=0.5), 20, healthcheck=health(interval=1.0))
    assert found == [(0, "started"), (3.0, "healthy")]  # from 1 to 1.5 too early, from 2.5 on in time


def test_failures_within_the_start_period_do_not_count():
    found = lives(Behaviour(ready=NEVER), 60, healthcheck=health(start_period=10.0))
    assert found == [(0, "started"), (12.0, "unhealthy")]  # the probes that begin at 10, 11 and 12 count


def test_the_start_interval_holds_within_the_start_period():
    found = lives(
        Behaviour(ready=1.2), 60, healthcheck=health(interval=30.0, start_period=60.0, start_interval=0.5)
    )
    assert found == [(0, "started"), (1.5, "healthy")]


def test_a_probe_longer_than_its_timeout_fails():
    found = lives(Behaviour(probe=5.0), 60, healthcheck=health(interval=1.0, timeout=2.0, retries=2))
    assert found == [(0, "started"), (6.0, "unhealthy")]


def test_what_is_unhealthy_can_recover():
    found = lives(Behaviour(ready=5.5), 60, healthcheck=health())
    assert found == [(0, "started"), (3.0, "unhealthy"), (6.0, "healthy")]


def test_what_is_healthy_can_fall_ill():
    found = lives(Behaviour(sick=5.5), 60, healthcheck=health())
    assert found == [(0, "started"), (1.0, "healthy"), (8.0, "unhealthy")]


def test_a_restart_begins_a_new_life_with_new_probes():
    found = lives(Behaviour(exits=1.5, exit_code=1, lives=1), 60, restart="always", healthcheck=health())
    assert found == [(0, "started"), (1.0, "healthy"), (1.5, "exited"), (1.6, "started"), (2.6, "healthy")]


def test_pauses_between_restarts_double():
    found = lives(Behaviour(exits=0.0, exit_code=1), 1.0, restart="on-failure")
    assert [moment for moment, kind in found if kind == "started"] == [0, 0.1, 0.3, 0.7]


def test_without_a_policy_an_end_is_the_end():
    assert lives(Behaviour(exits=1), 60) == [(0, "started"), (1, "exited")]


def test_what_needs_another_ends_at_once_until_that_answers():
    engine = SimulatedEngine({"db": Behaviour(ready=0.25), "app": Behaviour(needs=("db",))})
    for name, policy in (("db", "no"), ("app", "always")):
        container = service(restart=policy).replace(name=name)
        engine.create([container])
        engine.start(container)
    events = [e for e in iter(lambda: engine.next_event(9), None) if e.service == "app"]
    assert [(round(e.time, 3), e.kind) for e in events][1:] == [
        (0, "started"), (0, "exited"), (0.1, "started"), (0.1, "exited"), (0.3, "started"),
    ]  # fmt: skip


@pytest.mark.parametrize(("ready", "moment"), [(0.0, 0.5), (0.5, 0.5), (0.6, 2.5), (2.5, 2.5), (4.6, 6.5)])
def test_a_probe_is_carried_out_once_each_period(ready, moment):
    probe = Probe(NODE, tcp=(1,), period=2.0, initial_delay=0.5)
    assert lives(Behaviour(ready=ready), 60, probe)[-1] == (moment, "probed")


def test_a_probe_gives_up_after_its_failures():
    probe = Probe(NODE, tcp=(1,), period=2.0, timeout=1.0, failure_threshold=3)
    assert lives(Behaviour(ready=4.0), 60, probe)[-1] == (4.0, "probed")
    assert lives(Behaviour(ready=4.1), 60, probe)[-1] == (5.0, "unanswered")
