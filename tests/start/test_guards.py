"""What a dependent waits for, by the guard of its dependency."""

from __future__ import annotations

import pytest

from composecheck.engine.simulated import NEVER, Behaviour
from composecheck.event import Event
from composecheck.facts import Facts
from composecheck.model.project import Healthcheck, Image, Probe, Retry
from composecheck.start import Run, Settings, decide, select

from .projects import NODE, completed, health, healthy, needs, project, service, start, texts, times

POSTGRES = {"db": Image(ports=(5432,))}


def released(stack, name="api", **more):
    """When a service was released, and why."""
    _, events = start(stack, **more)
    return times(events, "released").get(name), texts(events, "released").get(name)


def test_service_healthy_waits_for_the_healthcheck():
    stack = project(db=service(healthcheck=health()), api=service(healthy("db")))
    assert released(stack, behaviours={"db": Behaviour(ready=1.5)}) == (2.0, "'db' is healthy")


def concluded(stack, *seen):
    """What is concluded when these Events are seen, one a second."""
    run, found = Run(Facts(stack), select(stack)), []
    for each in stack.services.values():
        for replica in range(1, each.replicas + 1):
            run.observe(Event(0.0, each.name, "created", replica))
    for now, (name, kind, replica, *code) in enumerate(seen):
        run.observe(Event(float(now), name, kind, replica, *code))
        while (decision := decide(run, float(now))).concluded:
            for event in decision.concluded:
                run.observe(event)
            found += [(event.service, event.kind, event.time) for event in decision.concluded]
    return found


def test_service_healthy_waits_for_every_replica():
    stack = project(db=service(healthcheck=health(), replicas=2), api=service(healthy("db")))
    begun = [("db", "started", 1), ("db", "started", 2), ("db", "healthy", 2)]
    release = ("api", "released", 3.0)
    assert release in concluded(stack, *begun, ("db", "healthy", 1))
    assert release not in concluded(stack, *begun, ("db", "healthy", 2))


def test_completion_waits_for_every_replica():
    stack = project(job=service(replicas=2), api=service(completed("job")))
    begun = [("job", "started", 1), ("job", "started", 2), ("job", "exited", 2, 0)]
    assert concluded(stack, *begun) == [("job", "released", 0.0)]
    assert ("api", "released", 3.0) in concluded(stack, *begun, ("job", "exited", 1, 0))
    assert ("api", "blocked", 3.0) in concluded(stack, *begun, ("job", "exited", 1, 7))


def test_service_healthy_means_the_healthcheck_whatever_x_readiness_says():
    db = service(healthcheck=health(), readiness=Probe(tcp=(1,)))
    stack = project(db=db, api=service(healthy("db")))
    at, _ = released(stack, behaviours={"db": Behaviour(answers=0.2, healthy=7.0)})
    assert at == 7.0


def test_a_healthcheck_of_the_image_counts():
    stack = project(db=service(image="db"), api=service(healthy("db")))
    images = {"db": Image(Healthcheck(None, ("CMD", "probe"), interval=2.0))}
    assert released(stack, images=images) == (2.0, "'db' is healthy")


def test_completion_waits_for_the_end_of_every_replica():
    stack = project(job=service(replicas=3), api=service(completed("job")))
    assert released(stack, behaviours={"job": Behaviour(exits=5)}) == (5.0, "'job' completed")


def test_a_job_is_tried_again_by_its_policy_until_it_ends_with_0():
    stack = project(job=service(restart="on-failure"), api=service(completed("job")))
    run, events = start(stack, behaviours={"job": Behaviour(exits=1, exit_code=1, lives=1)}, deadline=30)
    assert [e.kind for e in events if e.service == "job"].count("started") == 2
    assert run.outcome == "deadline"
    assert run.missing() == {
        "job": "it runs, and has not completed",
        "api": "waits for 'job' to complete",
    }


@pytest.mark.parametrize(("ready", "moment"), [(0.3, 0.5), (0.5, 0.5), (1.6, 3.5), (3.5, 3.5)])
def test_x_retry_looks_at_the_moments_of_its_schedule(ready, moment):
    # 0, 0.5, 1.5, 3.5: waits of 0.5s, doubled each time.
    stack = project(db=service(), api=service(needs("db"), retry=Retry(NODE, jitter=0.0)))
    at, text = released(stack, images=POSTGRES, behaviours={"db": Behaviour(answers=ready)})
    assert (at, text) == (moment, "'db' is ready")


def test_x_retry_on_the_entry_wins_over_that_of_the_service():
    entry = needs("db", retry=Retry(NODE, wait=2.0, jitter=0.0))
    stack = project(db=service(), api=service(entry, retry=Retry(NODE, jitter=0.0)))
    assert released(stack, images=POSTGRES, behaviours={"db": Behaviour(answers=0.1)})[0] == 2.0


def test_x_retry_that_is_used_up_leaves_the_dependent_unstarted_and_names_its_line():
    db = service(readiness=Probe(tcp=(1,)))
    stack = project(db=db, api=service(needs("db"), retry=Retry(NODE, attempts=3, jitter=0.0)))
    run, events = start(stack, behaviours={"db": Behaviour(ready=NEVER)})
    assert run.outcome == "failed"
    assert texts(events, "failed") == {
        "api": "its x-retry (compose.yml:1:1) is used up: 'db' was not ready after 3 attempts in 1.5s"
    }
    assert "api" not in times(events, "started")


def test_x_retry_finds_what_is_ready_at_its_very_last_attempt():
    stack = project(db=service(), api=service(needs("db"), retry=Retry(NODE, attempts=2, jitter=0.0)))
    run, _ = start(stack, images=POSTGRES, behaviours={"db": Behaviour(answers=0.5)})
    assert run.outcome == "ready"


def test_without_a_guard_a_dependency_with_a_port_is_waited_for():
    stack = project(db=service(), api=service(needs("db")))
    assert released(stack, images=POSTGRES, behaviours={"db": Behaviour(ready=3)}) == (3.0, "'db' is ready")


def test_the_soft_wait_counts_from_the_dependencys_start_and_says_when_it_ran_out():
    stack = project(db=service(), api=service(needs("db")))
    at, text = released(stack, images=POSTGRES, behaviours={"db": Behaviour(start=2, ready=NEVER)})
    assert at == 12.0
    assert text == "'db' was not ready after 10s, started all the same"


def test_a_soft_wait_is_over_when_the_first_of_two_runs_out_and_the_other_is_ready():
    stack = project(a=service(readiness=Probe(tcp=(1,))), b=service(readiness=Probe(tcp=(1,))),
                    api=service(needs("a"), needs("b")))  # fmt: skip
    behaviours = {"a": Behaviour(ready=NEVER), "b": Behaviour(start=8, answers=1)}
    _, events = start(stack, behaviours=behaviours, deadline=100)
    assert times(events, "released")["api"] == 10.0


def test_the_soft_wait_goes_on_while_the_dependency_is_started_again():
    stack = project(db=service(readiness=Probe(tcp=(1,)), restart="always"), api=service(needs("db")))
    at, _ = released(stack, behaviours={"db": Behaviour(ready=20, exits=6, exit_code=1, lives=1)})
    assert at == 10.0


def test_no_soft_wait_is_composes_own_order():
    stack = project(db=service(), api=service(needs("db")))
    at, text = released(stack, images=POSTGRES, behaviours={"db": Behaviour(start=2, ready=9)},
                        settings=Settings(soft_wait=0))  # fmt: skip
    assert (at, text) == (2.0, "'db' started")


def test_a_service_with_nothing_to_probe_is_not_waited_for():
    stack = project(db=service(), api=service(needs("db")))
    assert released(stack, images={"db": Image()}) == (0.0, "'db' started")


def test_a_namespace_is_there_from_the_start():
    stack = project(db=service(), api=service(needs("db", implicit="network_mode")))
    assert released(stack, images=POSTGRES, behaviours={"db": Behaviour(ready=5)})[0] == 0.0


def test_a_restart_policy_is_waited_before_and_then_may_crash_until_its_dependency_is_ready():
    db = service(readiness=Probe(tcp=(1,)))
    stack = project(db=db, api=service(needs("db"), restart="on-failure"))
    run, events = start(stack, behaviours={"db": Behaviour(ready=20), "api": Behaviour(needs=("db",))})
    assert times(events, "released")["api"] == 10.0
    assert sum(e.kind == "exited" for e in events) > 3
    assert run.outcome == "ready"


def test_a_broken_condition_fails_before_anything_is_created():
    stack = project(db=service(healthcheck=Healthcheck(NODE, ("NONE",))), api=service(healthy("db")))
    run, events = start(stack)
    assert run.outcome == "failed"
    assert [(e.service, e.kind) for e in events] == [("api", "failed")]
    assert "the healthcheck of 'db' is disabled" in events[0].text


def test_what_is_not_required_may_fail_and_is_told():
    stack = project(cache=service(healthcheck=health()), api=service(healthy("cache", required=False)))
    run, events = start(stack, behaviours={"cache": Behaviour(ready=NEVER)})
    assert run.outcome == "ready"
    assert times(events, "failed") == {"cache": 3.0}
    assert texts(events, "released")["api"] == "'cache' failed, and is not required"


def test_what_only_an_optional_service_needs_is_optional_too():
    stack = project(base=service(), cache=service(needs("base")), api=service(needs("cache", required=False)))
    run, events = start(stack, behaviours={"base": Behaviour(refused="no such image")})
    assert run.outcome == "ready"
    assert texts(events, "blocked") == {"cache": "needs 'base' (service_started), which failed"}
    assert texts(events, "released")["api"] == "'cache' blocked, and is not required"


def test_a_dependency_that_is_not_in_the_run_is_told():
    stack = project(api=service(needs("cache", required=False)))
    assert released(stack)[1] == "'cache' is not in this run, and not required"


def test_no_replicas_are_not_waited_for():
    stack = project(db=service(healthcheck=health(), replicas=0), api=service(healthy("db")))
    run, events = start(stack)
    assert texts(events, "completed") == {"db": "it has no replicas: nothing to start or to wait for"}
    assert texts(events, "released") == {"api": "'db' has no replicas"}
    assert run.outcome == "ready"


def test_each_starts_the_moment_its_own_guards_hold():
    """There are no waves: web does not wait for slow, which stands on the same level as db."""
    stack = project(db=service(healthcheck=health()), slow=service(healthcheck=health()),
                    api=service(healthy("db")), web=service(healthy("api")),
                    )._replace()  # fmt: skip
    stack = stack._replace(
        services={**stack.services, "api": stack.services["api"].replace(healthcheck=health())}
    )
    _, events = start(stack, behaviours={"slow": Behaviour(healthy=60)})
    assert times(events, "released")["web"] == 2.0


def test_who_connects_to_nothing_is_held_up_by_nothing():
    stack = project(db=service(), api=service(needs("db"), command=("sleep", "infinity")))
    at, text = released(stack, images=POSTGRES, behaviours={"db": Behaviour(start=2, ready=9)})
    assert (at, text) == (2.0, "'db' started")
