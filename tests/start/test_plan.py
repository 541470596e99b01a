"""What a plan says: bounds that the engine keeps, the order, the critical path."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import jsonschema
import pytest

from composecheck.cli import main
from composecheck.plan import plan
from composecheck.project import Healthcheck, Probe, Retry
from composecheck.schemas_folder import schema_path
from composecheck.start import Settings

from .projects import NODE, completed, health, healthy, needs, project, service

PLANS = Path(__file__).parent / "plans"
NO_CHECK = Healthcheck(NODE, ("NONE",))


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


def test_x_retry_ends_a_wait_without_a_bound():
    retry = Retry(NODE, attempts=3, jitter=0.1)
    stack = project(db=service(image="db"), api=service(needs("db"), retry=retry, healthcheck=health()))
    assert bounds(stack, "api")[:2] == (0, pytest.approx(1.7))  # 0.5 and 1, each with its jitter


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
    assert found.best == ("slow", "api")  # 10s against 1s
    assert found.worst == ("quick", "api")  # 33s against 200s


def test_an_attempt_that_is_over_is_not_what_a_later_start_comes_from():
    slow, db = (service(healthcheck=health(interval=interval)) for interval in (20.0, 2.0))
    api = service(healthy("slow"), needs("db"), retry=Retry(NODE), healthcheck=health())
    stack = project(slow=slow, db=db, api=api)
    assert plan(stack).best == ("slow", "api")


def test_the_worst_path_ends_at_what_has_no_bound():
    stack = project(
        db=service(healthcheck=health()), job=service(healthy("db")), api=service(completed("job"))
    )
    assert plan(stack).worst == ("db", "job")


def test_an_edge_without_a_guard_is_remarked_at_its_line():
    stack = project(db=service(healthcheck=health()), api=service(needs("db"), healthcheck=health()))
    remarks = [remark.message for remark in plan(stack).remarks]
    assert remarks == ["nothing waits until 'db' is ready; up waits for it, 10s at most"]


def test_an_x_retry_too_short_for_its_dependency_is_remarked():
    db, never = service(healthcheck=health(interval=3.0)), service(healthcheck=health(interval=90.0))
    api = service(needs("db"), retry=Retry(NODE, attempts=4), healthcheck=health())
    said = [[r.message for r in plan(project(db=each, api=api)).remarks] for each in (db, never)]
    assert said == [
        ["the x-retry gives up after 3.5s, and 'db' can need up to 12s"],
        ["the x-retry gives up after 3.5s, and 'db' cannot be ready before 1m30s"],
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
    jsonschema.validate(found, json.loads(schema_path("plan.schema.json").read_text("utf-8")))
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
