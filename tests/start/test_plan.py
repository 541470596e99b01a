"""What a plan says: bounds that the engine keeps, the order, the critical path."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import jsonschema
import pytest

from composecheck.cli import main
from composecheck.engine.simulated import NEVER, Behaviour
from composecheck.loading.schema_fast import read_schema
from composecheck.model.project import Healthcheck, Port, Probe, Retry, Service
from composecheck.plan import Bounds, plan
from composecheck.report.plan_text import render
from composecheck.start import Settings
from composecheck.text.node import Node

from .projects import NODE, completed, health, healthy, needs, project, service, start, texts, times

PLANS = Path(__file__).parent / "plans"
NO_CHECK = Healthcheck(NODE, ("NONE",))


def chain(path):
    """A critical path in words."""
    return [f"{link.service} {link.until} {link.moment:g}" for link in path]


def bounds(found, name, **more):
    """When a service starts, and when it is ready."""
    step = next(step for step in plan(found, **more).steps if step.service.name == name)
    return (*step.starts, *step.ready)


def test_at_best_the_first_probe_at_worst_the_last_that_counts():
    stack = project(db=service(healthcheck=health(interval=10.0, timeout=5.0, retries=3)))
    assert bounds(stack, "db") == (0, 0, 10, 45)


def test_a_probe_that_straddles_the_end_of_the_start_period_costs_a_timeout_more():
    times = {"interval": 10.0, "timeout": 5.0, "retries": 3}
    assert bounds(project(db=service(healthcheck=health(start_period=12.0, **times))), "db") == (0, 0, 10, 62)
    assert bounds(project(db=service(healthcheck=health(start_period=8.0, **times))), "db") == (0, 0, 10, 53)


def test_what_the_file_leaves_out_is_the_engines_default():
    stack = project(db=service(healthcheck=Healthcheck(NODE, ("CMD", "probe"))))
    assert bounds(stack, "db") == (0, 0, 30, 180)


def test_bounds_add_up_along_the_guards():
    stack = project(a=service(healthcheck=health()), b=service(healthy("a"), healthcheck=health()))
    assert bounds(stack, "b") == (1, 6, 2, 12)


def test_how_long_a_job_takes_has_no_bound():
    stack = project(job=service(), api=service(completed("job"), healthcheck=health()))
    assert bounds(stack, "job") == (0, 0, 0, inf)
    assert bounds(stack, "api") == (0, inf, 1, inf)


def test_an_image_that_nobody_has_looked_at_has_no_bound_but_its_soft_wait_has():
    stack = project(db=service(image="db"), api=service(needs("db"), healthcheck=health()))
    assert bounds(stack, "db") == (0, 0, 0, inf)
    assert bounds(stack, "api") == (0, 10, 1, 16)
    assert bounds(stack, "api", settings=Settings(soft_wait=3)) == (0, 3, 1, 9)
    assert bounds(stack, "api", settings=Settings(soft_wait=0)) == (0, 0, 1, 6)


def test_without_a_healthcheck_a_port_may_answer_and_need_not():
    assert bounds(project(db=service(healthcheck=NO_CHECK)), "db") == (0, 0, 0, 10)


def test_x_readiness_is_bounded_by_its_failures():
    probe = Probe(NODE, tcp=(1,), initial_delay=2.0, period=3.0, timeout=1.0)
    assert bounds(project(db=service(readiness=probe)), "db") == (0, 0, 2, inf)
    assert bounds(project(db=service(readiness=probe._replace(failure_threshold=5))), "db") == (0, 0, 2, 22)


def test_what_an_x_retry_that_can_be_used_up_waits_for_is_at_worst_not_started():
    retry = Retry(NODE, attempts=3, jitter=0.1)
    stack = project(db=service(image="db"), api=service(needs("db"), retry=retry, healthcheck=health()),
                    web=service(needs("api")), other=service(healthcheck=health(interval=60.0)))  # fmt: skip
    found = plan(stack)
    assert {step.service.name: (*step.starts,) for step in found.steps} == {
        "db": (0, 0), "api": (0, inf), "web": (1, inf), "other": (0, 0)
    }  # fmt: skip
    assert found.total == (60, inf)
    assert {step.service.name: step.fails for step in found.steps if step.fails.worst} == {
        "api": ("", "its x-retry (compose.yml:1:1) is used up: 'db' was not ready after 3 attempts in 1.7s"),
        "web": ("", "needs 'api' (service_started), which failed"),
    }
    assert chain(found.worst) == ["db unready 1.7", "api never inf"]
    assert bounds(stack, "other")[3] == 183  # what has nothing to do with it keeps its bounds


def test_what_an_x_retry_never_finds_is_never_started_as_up_would_have_it():
    retry = Retry(NODE, attempts=2, wait=1.0, jitter=0.0)
    stack = project(b=service(healthcheck=health(interval=10.0)), a=service(needs("b"), retry=retry))
    run, events = start(stack)
    found = plan(stack)
    step = found.steps[-1]
    assert run.outcome == "failed"
    assert step.fails.best == texts(events, "failed")["a"]
    assert (step.starts, step.ready, found.total) == ((inf, inf), (inf, inf), (inf, inf))
    said = render(found)
    assert said.startswith("project 'test': 2 services, up fails, for 'a' is never ready\n")
    assert "  2  a        never    never       image tells  b (x-retry)\n" in said
    assert "\n  b not ready 1s -> a never\n" in said


def test_an_x_retry_on_what_is_not_required_ends_in_a_start():
    retry = Retry(NODE, attempts=3, jitter=0.0)
    api = service(needs("db", required=False), retry=retry, healthcheck=health())
    stack = project(db=service(image="db"), api=api)
    assert bounds(stack, "api") == (0, 1.5, 1, 7.5)
    assert plan(stack).remarks[-1].message == (
        "the x-retry gives up after 1.5s, and nothing limits how long 'db' needs; "
        "then it is started all the same"
    )


def test_how_long_a_dependency_needs_counts_from_its_start_whenever_that_is():
    db = service(completed("job"), healthcheck=health())
    stack = project(job=service(), db=db, api=service(needs("db"), retry=Retry(NODE)))
    assert not [remark for remark in plan(stack).remarks if "x-retry" in remark.message]


SLOW = health(interval=1.0, retries=60)


@pytest.mark.parametrize(
    ("soft_wait", "api", "worst"),
    [
        (0.0, service(needs("db"), healthcheck=health()), ["api ready 6"]),  # it starts at once
        (10.0, service(needs("db", implicit="network_mode"), healthcheck=health()), ["api ready 6"]),
        (10.0, service(needs("db"), healthcheck=health(retries=90)), ["db unready 10", "api ready 190"]),
        (200.0, service(needs("db"), healthcheck=health()), ["db ready 120", "api ready 126"]),
        (10.0, service(healthy("db"), healthcheck=health()), ["db ready 120", "api ready 126"]),
    ],
)
def test_the_critical_path_says_what_the_next_one_waited_for(soft_wait, api, worst):
    quick = service(healthcheck=health())
    stack = project(db=service(healthcheck=SLOW), api=api)
    if len(worst) == 1:
        stack = project(db=quick, api=api)
    assert chain(plan(stack, settings=Settings(soft_wait=soft_wait)).worst) == worst


def test_a_start_that_is_waited_for_late_is_part_of_the_critical_path():
    api = service(healthy("db"), healthcheck=health())
    web = service(needs("api"), healthcheck=health(retries=9))
    stack = project(db=service(healthcheck=health()), api=api, web=web)
    found = plan(stack, settings=Settings(soft_wait=0))
    assert chain(found.best) == ["db ready 1", "api started 1", "web ready 2"]
    assert "\n  db 1s .. 6s -> api started 1s .. 6s -> web 2s .. 24s\n" in render(found)


def test_the_order_is_that_of_the_starts():
    stack = project(web=service(healthy("api")), api=service(healthy("db"), healthcheck=health()),
                    db=service(healthcheck=health()), cache=service())  # fmt: skip
    assert [step.service.name for step in plan(stack).steps] == ["db", "cache", "api", "web"]


def test_the_critical_path_goes_back_from_the_last_that_is_ready():
    slow, quick = health(interval=10.0), health(interval=1.0, retries=100)
    stack = project(slow=service(healthcheck=slow), quick=service(healthcheck=quick),
                    api=service(healthy("slow"), healthy("quick"), healthcheck=health()))  # fmt: skip
    found = plan(stack)
    assert found.total == (11, 206)
    assert chain(found.best) == ["slow ready 10", "api ready 11"]  # 10s against 1s
    assert chain(found.worst) == ["quick ready 200", "api ready 206"]  # 33s against 200s


def test_an_attempt_that_is_over_is_not_what_a_later_start_comes_from():
    slow, db = (service(healthcheck=health(interval=interval)) for interval in (20.0, 2.0))
    api = service(healthy("slow"), needs("db"), retry=Retry(NODE), healthcheck=health())
    stack = project(slow=slow, db=db, api=api)
    assert chain(plan(stack).best) == ["slow ready 20", "api ready 21"]


def test_the_worst_path_ends_at_what_has_no_bound():
    stack = project(
        db=service(healthcheck=health()), job=service(healthy("db")), api=service(completed("job"))
    )
    assert chain(plan(stack).worst) == ["db ready 6", "job ready inf"]


def test_an_edge_without_a_guard_is_remarked_at_its_line():
    stack = project(db=service(healthcheck=health()), api=service(needs("db"), healthcheck=health()))
    remarks = [remark.message for remark in plan(stack).remarks]
    assert remarks == ["nothing waits until 'db' is ready; up waits for it, 10s at most"]


def test_an_x_retry_too_short_for_its_dependency_is_remarked():
    db, never = service(healthcheck=health(interval=3.0)), service(healthcheck=health(interval=90.0))
    api = service(needs("db"), retry=Retry(NODE, attempts=4), healthcheck=health())
    said = [[r.message for r in plan(project(db=each, api=api)).remarks] for each in (db, never)]
    assert said == [
        ["the x-retry gives up after 3.5s, and 'db' can need up to 12s; then it is not started"],
        ["the x-retry gives up after 3.5s, and 'db' cannot be ready before 1m30s; then it is not started"],
    ]


def test_a_long_interval_in_a_start_period_is_remarked_for_newer_engines():
    db = service(healthcheck=health(interval=30.0, start_period=60.0))
    assert "probes every 5s" in plan(project(db=db)).remarks[0].message
    assert not plan(project(db=service(healthcheck=health(start_period=60.0)))).remarks


def test_no_replicas_take_no_time():
    stack = project(
        db=service(replicas=0, healthcheck=health()), api=service(healthy("db"), healthcheck=health())
    )
    assert bounds(stack, "api") == (0, 0, 1, 6)


def test_without_replicas_nothing_is_waited_for_on_either_side():
    """As in Compose, which does not look at a condition on such a service either."""
    db = service(replicas=0, healthcheck=NO_CHECK)
    stack = project(db=db, api=service(healthy("db"), healthcheck=health()),
                    idle=service(completed("api"), replicas=0))  # fmt: skip
    run, _ = start(stack)
    found = plan(stack)
    assert run.outcome == "ready"
    assert bounds(stack, "api") == (0, 0, 1, 6)  # nothing waits until it completes
    assert bounds(stack, "idle") == (0, 0, 0, 0)
    assert [edge.wait.kind for step in found.steps for edge in step.edges] == ["nothing", "nothing"]
    assert "db (not waited for)" in render(found)
    assert not found.remarks


def provided(*depends_on, **more):
    """A service that a program of its own sets up."""
    node = Node({"provider": NODE}, NODE.span, NODE.key_span)
    return Service("", node, depends_on={d.service: d for d in depends_on}, **more)


def test_a_provider_has_returned_before_its_dependents_start_and_has_no_image():
    stack = project(cloud=provided(), api=service(needs("cloud"), healthcheck=health()))
    found = plan(stack)
    assert bounds(stack, "cloud") == (0, 0, 0, inf)
    assert bounds(stack, "api") == (0, inf, 1, inf)
    assert found.steps[0].goal == "provider"
    assert [remark.message for remark in found.remarks] == [
        "unbounded: how long its provider takes, no file tells"
    ]
    assert "image" not in render(found)


@pytest.mark.parametrize("policy", ["always", "unless-stopped"])
def test_a_job_that_its_policy_starts_again_after_success_never_ends(policy):
    stack = project(job=service(restart=policy), api=service(completed("job"), healthcheck=health()))
    found = plan(stack)
    assert bounds(stack, "api") == (inf, inf, inf, inf)
    assert "starts it again after success" in found.remarks[-1].message


def test_published_ports_stand_in_the_file_and_others_only_an_image_tells():
    ports = (Port(NODE, target=80), Port(NODE, target=53, protocol="udp"))
    web, worker = service(ports=ports, healthcheck=NO_CHECK), service(healthcheck=NO_CHECK)
    found = plan(project(web=web, worker=worker, api=service(needs("web"), healthcheck=health())))
    assert {step.service.name: (step.goal, *step.ready) for step in found.steps} == {
        "web": ("ports", 0, 10),
        "worker": ("image", 0, 10),
        "api": ("healthcheck", 1, 16),
    }
    assert [remark.message for remark in found.remarks] == [
        "nothing waits until 'web' is ready; up waits for it, 10s at most"
    ]
    run, events = start(project(web=web), behaviours={"web": Behaviour(answers=NEVER)})
    assert (run.outcome, times(events, "ready")) == ("ready", {"web": 10.0})  # what the plan says at worst


def test_published_ports_of_an_image_that_may_have_a_healthcheck_are_no_bound():
    found = plan(project(web=service(image="web", ports=(Port(NODE, target=80),))))
    assert (found.steps[0].goal, *found.total) == ("image", 0, inf)


def test_what_nothing_bounds_even_at_best_is_said_in_words():
    found = plan(project(db=service(healthcheck=health())))._replace(total=Bounds(inf, inf))
    assert render(found).startswith("project 'test': 1 service, and no bound on when they are ready\n")


def test_nothing_to_start_is_a_plan_too():
    assert plan(project()).total == (0, 0)


def run(capsys, *arguments):
    """The exit code and what was printed."""
    code = main(list(arguments))
    return code, capsys.readouterr()


def test_the_text_is_a_table_with_the_path_and_the_remarks(capsys, monkeypatch):
    monkeypatch.chdir(PLANS)
    code, said = run(capsys, "-f", "shop.yml", "plan")
    assert code == 0
    assert said.out == (PLANS / "shop.txt").read_text("utf-8")


def test_the_json_keeps_its_schema(capsys, monkeypatch):
    monkeypatch.chdir(PLANS)
    code, said = run(capsys, "-f", "shop.yml", "plan", "--format", "json", "--soft-wait", "3s")
    found = json.loads(said.out)
    jsonschema.validate(found, read_schema("plan.schema.json"))
    assert code == 0
    assert found["soft_wait"] == 3
    api = next(each for each in found["services"] if each["service"] == "api")
    assert api["starts"] == {"earliest": 0.5, "latest": None}
    assert [(edge["service"], edge["guard"]["by"], edge["until"]) for edge in api["waits_for"]] == [
        ("db", "healthcheck", "healthy"),
        ("migrate", "completion", "completed"),
        ("cache", None, "soft"),
        ("search", "x-retry", "attempts"),
    ]
    assert api["waits_for"][2]["at_most"] == 3
    assert (api["waits_for"][0]["file"], api["waits_for"][0]["line"]) == ("shop.yml", 11)


def test_named_services_bring_only_what_they_need(capsys, monkeypatch):
    monkeypatch.chdir(PLANS)
    _, said = run(capsys, "-f", "shop.yml", "plan", "--format", "json", "migrate")
    assert [each["service"] for each in json.loads(said.out)["services"]] == ["db", "migrate"]


def test_a_file_with_errors_is_not_planned(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yml").write_text("services: {a: {image: x, depends_on: [b]}}\n")
    code, said = run(capsys, "plan")
    assert (code, said.out) == (2, "")
    assert "'b'" in said.err


def test_an_unknown_service_is_a_usage_error(capsys, monkeypatch):
    monkeypatch.chdir(PLANS)
    code, said = run(capsys, "-f", "shop.yml", "plan", "apj")
    assert code == 2
    assert "no such service: 'apj'; did you mean 'api'?" in said.err
