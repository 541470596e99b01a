"""When a service is ready, and when it can no longer become so."""

from __future__ import annotations

import pytest

from composecheck.engine.simulated import NEVER, Behaviour
from composecheck.event import Event
from composecheck.facts import Facts
from composecheck.model.project import Healthcheck, Image, Port, Probe
from composecheck.start import Run, Settings, decide

from .projects import NODE, completed, health, healthy, needs, project, service, start, texts, times

ONE = project(app=service())


def end(stack, **more):
    """The outcome, the moment of the last conclusion, and its text."""
    run, events = start(stack, **more)
    last = [e for e in events if e.kind in ("ready", "completed", "failed")][-1]
    return run.outcome, last.kind, last.time, last.text


def test_a_service_without_a_probe_has_to_run_on():
    assert end(ONE) == ("ready", "ready", 1.0, "it ran on for 1s")


def test_x_readiness_comes_before_the_healthcheck():
    app = service(readiness=Probe(tcp=(1,)), healthcheck=health())
    found = end(project(app=app), behaviours={"app": Behaviour(answers=0.4, healthy=9)})
    assert found == ("ready", "ready", 0.4, "its x-readiness answered")


def test_x_readiness_that_fails_too_often_fails_the_service():
    app = service(readiness=Probe(tcp=(1,), failure_threshold=3))
    found = end(project(app=app), behaviours={"app": Behaviour(ready=NEVER)})
    assert found == ("failed", "failed", 3.0, "its x-readiness did not answer")


def test_a_port_of_the_image_is_probed_and_never_fails():
    images = {"app": Image(ports=(80, 443))}
    assert end(ONE, images=images)[2:] == (0.0, "port 80 or 443 answered")
    found = end(ONE, images=images, behaviours={"app": Behaviour(ready=NEVER)})
    assert found == ("ready", "ready", 10.0, "it runs; port 80 or 443 did not answer within 10s")


def test_a_published_port_is_probed_before_what_the_image_exposes():
    published = Port(NODE, target=8080, protocol="tcp"), Port(NODE, target=53, protocol="udp")
    images = {"app": Image(ports=(80,))}
    app = service(ports=published)
    assert end(project(app=app), images=images)[3] == "port 8080 answered"


def test_ports_of_the_image_say_nothing_of_another_command_that_nobody_needs():
    images = {"app": Image(ports=(80,))}
    worker = service(command=("work",))
    assert end(project(app=worker), images=images)[2:] == (1.0, "it ran on for 1s")
    run = Run(Facts(project(app=worker, web=service(needs("app")))), ["app", "web"], images)
    assert run.goal("app").kind == "ports"


def test_every_replica_has_to_be_ready():
    stack = project(app=service(replicas=3, readiness=Probe(tcp=(1,))))
    run = Run(Facts(stack), ["app"])
    for kind in ("created", "started"):
        for replica in (1, 2, 3):
            run.observe(Event(0.0, "app", kind, replica))
    run.observe(Event(0.0, "app", "released"))
    for replica in (1, 2, 2):
        run.observe(Event(1.0, "app", "probed", replica))
    assert not decide(run, 5.0).concluded
    run.observe(Event(5.0, "app", "probed", 3))
    assert [e.kind for e in decide(run, 5.0).concluded] == ["ready"]


def test_unhealthy_is_final():
    stack = project(app=service(healthcheck=health()))
    found = end(stack, behaviours={"app": Behaviour(ready=NEVER)})
    assert found[:3] == ("failed", "failed", 3.0)
    assert found[3] == "its healthcheck says unhealthy; 'start_period' or more 'retries' give it more time"


def test_unhealthy_does_not_matter_where_nothing_asks_the_healthcheck():
    stack = project(app=service(readiness=Probe(tcp=(1,)), healthcheck=health()))
    found = end(stack, behaviours={"app": Behaviour(ready=NEVER, answers=8)})
    assert found[:3] == ("ready", "ready", 8.0)


def test_an_exit_fails_at_once_with_its_code_and_what_the_engine_said():
    run = Run(Facts(ONE), ["app"])
    for event in (Event(0, "app", "created"), Event(0, "app", "released"), Event(0, "app", "started")):
        run.observe(event)
    run.observe(Event(0.2, "app", "exited", exit_code=137, text="killed: out of memory"))
    decision = decide(run, 0.2)
    assert [(e.kind, e.text) for e in decision.concluded] == [
        ("failed", "exit code 137: killed: out of memory")
    ]


def test_a_job_that_nobody_waits_for_completes():
    assert end(ONE, behaviours={"app": Behaviour(exits=0.5)}) == ("ready", "completed", 0.5, "")


def test_a_job_may_end_after_it_counted_as_running():
    stack = project(app=service(), slow=service(healthcheck=health()))
    run, events = start(stack, behaviours={"app": Behaviour(exits=2), "slow": Behaviour(healthy=5)})
    assert run.outcome == "ready"
    assert times(events, "completed") == {"app": 2.0}


def test_an_end_with_0_before_its_probe_passed_is_a_failure():
    stack = project(app=service(healthcheck=health()))
    found = end(stack, behaviours={"app": Behaviour(exits=0.5)})
    assert found == ("failed", "failed", 0.5, "exit code 0 before its healthcheck said healthy")


def test_a_job_from_an_image_with_a_healthcheck_completes():
    images = {"app": Image(Healthcheck(None, ("CMD", "probe")))}
    assert end(ONE, images=images, behaviours={"app": Behaviour(exits=0.5)})[:2] == ("ready", "completed")


def test_a_job_whose_health_is_waited_for_has_to_be_healthy_first():
    stack = project(app=service(healthcheck=health()), a=service(completed("app")), b=service(healthy("app")))
    run, events = start(stack, behaviours={"app": Behaviour(exits=0.5)})
    assert texts(events, "failed") == {"app": "exit code 0 before its healthcheck said healthy"}
    run, events = start(stack, behaviours={"app": Behaviour(exits=1.5)})
    assert run.outcome == "ready"
    assert times(events, "released") == {"app": 0.0, "b": 1.0, "a": 1.5}


@pytest.mark.parametrize("policy", ["always", "unless-stopped", "on-failure"])
def test_two_restarts_are_a_crash_loop(policy):
    stack = project(app=service(restart=policy))
    found = end(stack, behaviours={"app": Behaviour(exits=0.3, exit_code=3)})
    # It lived twice for 0.3s, and was started again after 0.1s and 0.2s.
    assert found == ("failed", "failed", pytest.approx(0.9), "restarted twice, exit code 3")


def test_one_restart_is_an_accident():
    stack = project(app=service(restart="always"))
    found = end(stack, behaviours={"app": Behaviour(exits=0.3, exit_code=3, lives=1)})
    assert found[:3] == ("ready", "ready", pytest.approx(1.4))


def test_an_exit_is_final_when_the_policy_has_no_restart_left():
    stack = project(app=service(restart="on-failure", max_retries=1))
    found = end(stack, behaviours={"app": Behaviour(exits=0.3, exit_code=3)})
    assert found == ("failed", "failed", pytest.approx(0.7), "exit code 3 after 1 restart")


def test_a_service_that_was_ready_and_dies_fails_the_run():
    stack = project(app=service(readiness=Probe(tcp=(1,))), slow=service(healthcheck=health()))
    run, events = start(stack, behaviours={"app": Behaviour(exits=2), "slow": Behaviour(healthy=9)})
    assert run.outcome == "failed"
    assert texts(events, "failed") == {"app": "exit code 0 after it was ready"}


def test_a_service_that_is_started_again_has_to_become_ready_again():
    stack = project(
        app=service(readiness=Probe(tcp=(1,)), restart="always"), slow=service(healthcheck=health())
    )
    behaviours = {"app": Behaviour(ready=1, exits=2, lives=1), "slow": Behaviour(healthy=2.5)}
    run, events = start(stack, behaviours=behaviours)
    assert [e.time for e in events if (e.service, e.kind) == ("app", "ready")] == [1.0, pytest.approx(3.1)]
    assert run.outcome == "ready"


def test_a_dependent_is_not_started_on_what_was_healthy_and_is_gone():
    stack = project(db=service(healthcheck=health(), restart="always"), job=service(),
                    api=service(healthy("db"), completed("job")))  # fmt: skip
    behaviours = {"db": Behaviour(exits=2.5, exit_code=1, lives=1), "job": Behaviour(exits=2.8)}
    _, events = start(stack, behaviours=behaviours)
    assert times(events, "released")["api"] == pytest.approx(3.6)  # healthy again, not when the job ended


def test_what_is_refused_fails_with_the_engines_words():
    found = end(ONE, behaviours={"app": Behaviour(refused="port is already allocated")})
    assert found == ("failed", "failed", 0.0, "port is already allocated")


def test_what_somebody_else_removes_fails():
    run = Run(Facts(ONE), ["app"])
    for kind in ("created", "released", "started", "removed"):
        run.observe(Event(0.0, "app", kind))
    assert decide(run, 0.0).concluded[0].text == "it was removed by someone else"


def test_a_failure_ends_the_run_and_blocks_what_stands_on_it():
    stack = project(db=service(healthcheck=health()), api=service(healthy("db")), web=service(needs("api")),
                    other=service(healthcheck=health()))  # fmt: skip
    run, events = start(
        stack, behaviours={"db": Behaviour(exits=1.5, exit_code=2), "other": Behaviour(healthy=9)}
    )
    assert run.outcome == "failed"
    assert texts(events, "failed") == {"db": "exit code 2"}
    run, events = start(
        stack, behaviours={"db": Behaviour(exits=0.5, exit_code=2), "other": Behaviour(healthy=9)}
    )
    assert texts(events, "blocked") == {
        "api": "needs 'db' (service_healthy), which failed",
        "web": "needs 'api' (service_started), which is blocked",
    }
    assert events[-1].time == 0.5


def test_nothing_is_started_after_a_failure_of_the_same_moment():
    stack = project(a=service(healthcheck=health()), b=service(), c=service(healthy("a")))
    behaviours = {"b": Behaviour(exits=1.0, exit_code=1)}
    run = Run(Facts(stack), ["a", "b", "c"])
    start_of = [Event(0, name, kind) for kind in ("created", "released", "started") for name in ("a", "b")]
    for event in [
        *start_of,
        Event(0, "c", "created"),
        Event(1, "a", "healthy"),
        Event(1, "b", "exited", exit_code=1),
    ]:
        run.observe(event)
    decision = decide(run, 1.0)
    assert (decision.start, [(e.service, e.kind) for e in decision.concluded]) == ((), [("b", "failed")])
    assert start(stack, behaviours=behaviours)[0].outcome == "failed"


def test_the_deadline_ends_a_run_and_says_what_was_missing():
    stack = project(db=service(healthcheck=health(start_period=60.0)), api=service(healthy("db")))
    run, events = start(stack, behaviours={"db": Behaviour(ready=NEVER)}, deadline=5.0)
    assert run.outcome == "deadline"
    assert run.missing() == {
        "db": "its healthcheck has not said healthy",
        "api": "waits for 'db' to be healthy",
    }
    assert max(e.time for e in events) <= 5.0


def test_an_unchanged_container_that_runs_already_is_taken_as_it_comes():
    stack = project(db=service(healthcheck=health()), api=service(healthy("db")))
    run = Run(Facts(stack), ["db", "api"])
    for kind in ("created", "started", "healthy"):
        run.observe(Event(0.0, "db", kind, text="unchanged"))
        run.observe(Event(0.0, "api", kind, text="unchanged"))
    assert decide(run, 0.0).start == ("db", "api")


def test_an_empty_run_is_ready():
    assert start(project())[0].outcome == "ready"


def test_settings_settle_is_how_long_a_service_has_to_run_on():
    assert end(ONE, settings=Settings(settle=4.0))[2] == 4.0


def test_the_engine_is_asked_to_probe_each_container_until_it_answered():
    asked = []
    from composecheck.engine.simulated import SimulatedEngine
    from composecheck.start import drive

    class Noting(SimulatedEngine):
        def watch(self, service, replica, probe):
            asked.append((service.name, replica, probe))
            super().watch(service, replica, probe)

    probe = Probe(NODE, tcp=(5432,))
    run = Run(Facts(project(db=service(readiness=probe, replicas=2, restart="always"))), ["db"])
    list(drive(Noting({"db": Behaviour(ready=1, exits=0.5, lives=1, exit_code=1)}), run))
    assert asked == [("db", 1, probe), ("db", 2, probe)]


# What a policy grants, and what ends with 0


@pytest.mark.parametrize("attempts", [1, 3, 5])
def test_a_policy_with_an_end_grants_all_of_its_attempts(attempts):
    run = begun(project(job=service(restart="on-failure", max_retries=attempts)), "job")
    for _ in range(attempts):
        run.observe(Event(1.0, "job", "exited", exit_code=1))
        run.observe(Event(1.0, "job", "started"))
    assert failure(run, 1.0) is None
    run.observe(Event(1.0, "job", "exited", exit_code=0))
    assert decide(run, 1.0).concluded[0].kind == "completed"


def test_attempts_that_are_used_up_are_counted():
    stack = project(app=service(restart="on-failure", max_retries=4))
    found = end(stack, behaviours={"app": Behaviour(exits=0.1, exit_code=3)})
    assert (found[0], found[3]) == ("failed", "exit code 3 after 4 restarts")


def test_a_crash_loop_tells_why_it_ended_last():
    run = begun(project(app=service(restart="always")))
    for _ in range(2):
        run.observe(Event(1.0, "app", "exited", exit_code=137, text="out of memory"))
        run.observe(Event(1.0, "app", "started"))
    assert failure(run, 1.0) == "restarted twice, exit code 137: out of memory"


WEB = Port(NODE, target=80, protocol="tcp")
DNS = Port(NODE, target=53, protocol="udp")


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        ((WEB,), "exit code 0 before it answered on a port that it publishes"),
        ((DNS, WEB), "exit code 0 before it answered on a port that it publishes"),
        ((DNS,), "exit code 0 though it publishes a port, as what serves does"),  # which nobody can ask
    ],
)
def test_what_publishes_a_port_and_ends_with_0_unanswered_has_failed(ports, text):
    found = end(project(app=service(ports=ports)), behaviours={"app": Behaviour(ready=NEVER, exits=0.5)})
    assert (found[0], found[3]) == ("failed", text)


def test_so_it_is_after_the_soft_wait():
    stack = project(app=service(ports=(WEB,)), slow=service(healthcheck=health()))
    behaviours = {"app": Behaviour(ready=NEVER, exits=12), "slow": Behaviour(healthy=20)}
    run, events = start(stack, behaviours=behaviours)
    assert run.outcome == "failed"
    assert times(events, "ready") == {"app": 10.0}


def test_what_answered_on_its_port_once_may_end():
    stack = project(app=service(ports=(WEB,)), slow=service(healthcheck=health()))
    run, events = start(stack, behaviours={"app": Behaviour(exits=2), "slow": Behaviour(healthy=5)})
    assert run.outcome == "ready"
    assert times(events, "completed") == {"app": 2.0}


def test_a_job_that_publishes_a_port_and_is_waited_for_completes():
    stack = project(job=service(ports=(WEB,)), app=service(completed("job")))
    assert start(stack, behaviours={"job": Behaviour(ready=NEVER, exits=0.5)})[0].outcome == "ready"


def test_a_server_whose_image_has_a_healthcheck_and_that_publishes_a_port_is_no_job():
    images = {"app": Image(Healthcheck(None, ("CMD", "probe")))}
    behaviours = {"app": Behaviour(ready=NEVER, exits=0.5)}
    assert end(project(app=service(ports=(WEB,))), images=images, behaviours=behaviours)[0] == "failed"


# What somebody else does


def begun(stack, name="app", *, now=0.0, age=0.0):
    """A run in which one service has been created and started."""
    run = Run(Facts(stack), [*stack.services])
    for kind in ("created", "released"):
        run.observe(Event(now, name, kind))
    run.observe(Event(now, name, "started", age=age))
    return run


def failure(run, now):
    return {e.kind: e.text for e in decide(run, now).concluded}.get("failed")


HANDS = [
    ("SIGKILL", 137, [], "it was killed by someone else (SIGKILL, exit code 137)"),
    ("SIGTERM", 143, [], "it was stopped by someone else (SIGTERM, exit code 143)"),
    ("SIGTERM", 0, ["stopped"], "it was stopped by someone else (exit code 0)"),
]


@pytest.mark.parametrize(("signal", "code", "after", "text"), HANDS)
@pytest.mark.parametrize("policy", [None, "always"])
def test_an_end_by_somebody_s_hand_is_told_as_that(signal, code, after, text, policy):
    run = begun(project(app=service(restart=policy)))
    run.observe(Event(0.5, "app", "signalled", text=signal))
    run.observe(Event(0.6, "app", "exited", exit_code=code))
    for kind in after:
        run.observe(Event(0.6, "app", kind))
    assert failure(run, 0.6) is None
    assert decide(run, 0.6).wake == pytest.approx(2.6)
    assert failure(run, 2.6) == text


def test_a_restart_by_hand_is_waited_out_and_no_habit():
    run = begun(project(app=service(healthcheck=health())))
    for moment in (1.0, 2.0, 3.0):
        for kind, more in (
            ("signalled", {"text": "SIGTERM"}),
            ("exited", {"exit_code": 143}),
            ("stopped", {}),
        ):
            run.observe(Event(moment, "app", kind, **more))
        run.observe(Event(moment + 0.5, "app", "started"))
    assert failure(run, 9.0) is None
    run.observe(Event(9.0, "app", "healthy"))
    assert decide(run, 9.0).concluded[0].kind == "ready"


def test_a_signal_that_only_tells_something_is_no_hand_laid_on():
    run = begun(project(app=service()))
    run.observe(Event(0.1, "app", "signalled", text="SIGHUP"))
    run.observe(Event(0.2, "app", "exited", exit_code=1))
    assert failure(run, 0.2) == "exit code 1"


def test_what_is_paused_fails_unless_it_goes_on_soon():
    run = begun(project(app=service(healthcheck=health())))
    run.observe(Event(1.0, "app", "paused"))
    run.observe(Event(1.5, "app", "resumed"))
    assert failure(run, 9.0) is None
    run.observe(Event(9.0, "app", "paused"))
    assert run.missing() == {"app": "it was paused by someone else"}
    assert failure(run, 11.0) == "it was paused by someone else"


def test_what_is_paused_is_not_ready_whatever_it_was():
    stack = project(app=service(readiness=Probe(tcp=(1,))), slow=service(healthcheck=health()))
    run = begun(stack)
    run.observe(Event(0.1, "app", "probed"))
    run.observe(Event(0.1, "app", "ready"))
    for kind in ("created", "released", "started"):
        run.observe(Event(0.2, "slow", kind))
    run.observe(Event(1.0, "app", "paused"))
    run.observe(Event(1.1, "slow", "healthy"))
    run.observe(Event(1.1, "slow", "ready"))
    assert decide(run, 1.1).outcome is None
    assert failure(run, 3.0) is not None


def test_unhealthy_with_a_reason_has_no_advice_to_wait_longer():
    run = begun(project(app=service(healthcheck=health())))
    run.observe(Event(1.0, "app", "unhealthy", text="the program 'curl' is not in the container"))
    assert failure(run, 1.0) == "its healthcheck says unhealthy: the program 'curl' is not in the container"


# What has run for long already


def test_what_has_run_for_longer_than_the_settle_time_is_ready_at_once():
    run = begun(project(app=service()), now=5.0, age=3.0)
    assert [(e.kind, e.time) for e in decide(run, 5.0).concluded] == [("ready", 5.0)]


def test_what_has_run_for_less_has_to_run_on_for_the_rest():
    run = begun(project(app=service()), now=5.0, age=0.4)
    assert decide(run, 5.0).wake == pytest.approx(5.6)


def test_an_old_port_gets_one_look_and_its_dependent_waits_for_no_more():
    stack = project(db=service(ports=(WEB,)), api=service(needs("db")))
    run = begun(stack, "db", now=0.0, age=60.0)
    run.observe(Event(0.0, "api", "created"))
    assert run.probe(Event(0.0, "db", "started", age=60.0)).failure_threshold == 1
    assert decide(run, 0.0).concluded == ()
    run.observe(Event(0.1, "db", "unanswered"))
    (ready,) = decide(run, 0.1).concluded
    assert (ready.kind, ready.text) == ("ready", "it runs; port 80 did not answer")
    run.observe(ready)
    assert decide(run, 0.1).start == ("api",)


def test_an_old_port_that_answers_is_as_ready_as_a_new_one():
    run = begun(project(app=service(ports=(WEB,))), age=60.0)
    run.observe(Event(0.1, "app", "probed"))
    assert decide(run, 0.1).concluded[0].text == "port 80 answered"


def test_a_port_that_is_not_old_is_probed_until_the_soft_wait_is_over():
    run = begun(project(app=service(ports=(WEB,))), now=0.0, age=4.0)
    assert run.probe(Event(0.0, "app", "started", age=4.0)).failure_threshold != 1
    assert decide(run, 0.0).wake == pytest.approx(6.0)


def test_nobody_is_said_to_have_waited_for_what_has_run_for_long():
    stack = project(db=service(readiness=Probe(tcp=(1,))), api=service(needs("db")))
    run = begun(stack, "db", age=60.0)
    run.observe(Event(0.0, "api", "created"))
    (released,) = decide(run, 0.0).concluded
    assert released.text == "'db' has run for longer than a start waits"


def test_what_crashes_every_two_seconds_is_ready_in_between_as_with_compose():
    stack = project(app=service(restart="always"))
    found = end(stack, behaviours={"app": Behaviour(exits=2, exit_code=1)})
    assert found == ("ready", "ready", 1.0, "it ran on for 1s")


def test_what_runs_already_and_is_unhealthy_fails_at_once_as_with_compose():
    stack = project(db=service(healthcheck=health()), api=service(healthy("db")))
    run = begun(stack, "db", age=60.0)
    run.observe(Event(0.0, "db", "unhealthy"))
    assert failure(run, 0.0) is not None
