"""A check, a plan and a start know the same of an image, and what the configuration adds of its own."""

from __future__ import annotations

import pytest

from composecheck import Behaviour, PreflightError, Simulated, Stack, check, load
from composecheck.cli import main
from composecheck.model.project import Image
from composecheck.plan import plan

STACK = """name: shop
services:
  api:
    image: acme/api:1
    depends_on: [db]
  db:
    image: redis:7
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s, start_period: 60s}
"""
NEVER_ASKS = (
    "images: {acme-api: {images: [acme/api], kind: application, dependent: [{on: [redis], asks: never}]}}"
)
DEMANDS = "images: {acme-api: {images: [acme/api], kind: database, required: [[ACME_PASSWORD]]}}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a function that writes the project and its configuration."""
    monkeypatch.chdir(tmp_path)

    def write(configuration, text=STACK):
        (tmp_path / ".composecheck.yaml").write_text(configuration)
        (tmp_path / "compose.yml").write_text(text)
        return tmp_path

    return write


def started(stack):
    """When each service was released."""
    return {event.service: event.time for event in stack.up().events if event.kind == "released"}


def guard(project, facts=None):
    (step,) = (step for step in plan(project, facts=facts).steps if step.service.name == "api")
    return step.edges[0].guard.kind


def test_what_the_configuration_knows_of_a_dependent_counts_for_check_plan_and_start(folder, capsys):
    folder(NEVER_ASKS)
    report = check()
    assert guard(report.project, report.facts) == guard(load()) == "order-only"
    assert main(["plan"]) == 0
    assert "db (started, order-only)" in capsys.readouterr().out
    slow = {"db": Behaviour(ready=40.0)}
    at_once = {"api": 0.0, "db": 0.0}
    assert started(Stack(engine=Simulated(slow))) == at_once
    assert started(Stack.of(load(), engine=Simulated(slow))) == at_once
    assert started(Stack.of(report.project, report.settings, engine=Simulated(slow))) == at_once


def test_a_dependent_that_nobody_knows_is_held_back_a_little(folder):
    folder("images: {}")
    assert guard(load()) == "none"
    assert started(Stack(engine=Simulated({"db": Behaviour(ready=40.0)}))) == {"db": 0.0, "api": 10.0}


def test_what_the_configuration_has_an_image_demand_stops_a_first_start(folder):
    folder(DEMANDS)
    with pytest.raises(PreflightError) as error:
        Stack(engine="simulated").up()
    assert [(each.rule, each.service) for each in error.value.diagnostics] == [
        ("missing-image-environment", "api")
    ]
    folder(DEMANDS, STACK.replace("    depends_on", "    environment: {ACME_PASSWORD: x}\n    depends_on"))
    assert started(Stack(engine="simulated")) == {"db": 0.0, "api": 1.0}


def test_what_is_known_of_an_images_command_an_engine_does_not_unsay(folder):
    """No engine says whether a command ends; `tool` does, and so is what another one's wait for it means."""
    folder(
        "images: {acme-tool: {images: [acme/tool], kind: job, ends: true}}",
        "services: {a: {image: acme/tool}}",
    )
    report = check()
    tool = report.project.services["a"]
    assert report.facts.images.ends(tool) is True
    assert report.facts.told({"a": Image()}).images.ends(tool) is True
    assert report.facts.told({"a": Image(ends=False)}).images.ends(tool) is False


ALSO = """services:
  api:
    image: acme:1
    depends_on:
      db: {condition: service_started}
      warm: {condition: service_completed_successfully, required: false}
  warm: {image: "acme:2", profiles: [warm], command: [echo], depends_on: {db: {condition: service_healthy}}}
  db: {image: "redis:7", healthcheck: {test: [CMD, redis-cli, ping]}}
"""


def test_who_may_be_left_out_has_waited_for_nobody(folder):
    """With the profile `api` waits for `warm`, which waits for `db`; without it nothing holds `api` back."""
    folder("{}", ALSO)
    report = check()
    assert guard(report.project, report.facts) == guard(load()) == "none"
    assert guard(load(profiles=["warm"])) == "through"
