"""The real and the simulated engine keep the same happens-before, and the plan's bounds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from composecheck import Stack
from composecheck.engine.simulated import Behaviour
from composecheck.plan import plan

from .happens_before import assert_same_order, happens_before
from .projects import start, times

pytestmark = [pytest.mark.engine, pytest.mark.timeout(240)]

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())


@pytest.fixture
def environment(request):
    """The environment that names images which this machine has, asked for where a file names them."""

    def named(file):
        images = {
            "PYTHON_IMAGE": "python_image",
            "POSTGRES_IMAGE": "postgres_image",
            "REDIS_IMAGE": "redis_image",
        }
        text = file.read_text("utf-8")
        found = {key: request.getfixturevalue(name) for key, name in images.items() if key in text}
        return {**os.environ, **found}

    return named


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_example_starts_in_the_same_order_on_both_engines(name, environment, docker_engine, project_name):
    file = EXAMPLES / name / "compose.yml"
    with Stack(file, name=project_name, environment=environment(file)).up(timeout=180) as stack:
        project, real = stack.project, stack.events
        images = {each: stack.session.image(service) for each, service in project.services.items()}
    jobs = {event.service: Behaviour(exits=0.5) for event in real if event.kind == "completed"}
    run, simulated = start(project, behaviours=jobs, images=images)

    assert run.outcome == "ready"
    assert_same_order(project, real, simulated, images)
    facts = happens_before(project, real, images)
    edges = sum(len(service.depends_on) for service in project.services.values())
    assert len(facts) == edges > 0

    asked = times(real, "released")
    ready = {**times(real, "completed"), **times(real, "ready")}
    for step in plan(project).steps:
        # A real engine's own work comes on top of a plan, so that only its lower bounds are certain. They are
        # counted from when the start was asked for: that it has happened may be heard late.
        needs = step.ready.earliest - step.starts.earliest
        assert ready[step.service.name] - asked[step.service.name] >= needs - 0.1
