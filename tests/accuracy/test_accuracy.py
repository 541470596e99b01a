"""Every defect is found at its line, and nothing is found where there is none."""

from __future__ import annotations

import os
import subprocess

import pytest

from .cases import cases, examined, judged

DEFECTS = cases("defects")
CLEAN = cases("clean")


@pytest.mark.parametrize("case", DEFECTS, ids=lambda case: case.name)
def test_defect_is_found_at_its_line_and_nothing_else_is(case, tmp_path):
    findings = examined(case, tmp_path)
    verdict = judged(case, findings)
    assert verdict.found, (case.sentence, sorted(case.first), findings)
    assert verdict.extra == [], case.sentence


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: case.name)
def test_nothing_is_found_in_a_near_miss(case, tmp_path):
    assert judged(case, examined(case, tmp_path)).extra == [], case.sentence


@pytest.mark.parametrize("case", [*DEFECTS, *CLEAN], ids=lambda case: case.name)
def test_docker_compose_reads_the_project_as_said(case, tmp_path, docker_compose):
    case.write(tmp_path)
    options = case.options("-f", "--file", "--profile", "--env-file")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **case.environment}
    command = [docker_compose, *options, "config", "-q"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    refused = case.head.get("refused") == "yes"
    assert (run.returncode != 0) == refused, run.stderr.decode()


@pytest.mark.parametrize("case", [*DEFECTS, *CLEAN], ids=lambda case: case.name)
def test_marks_are_in_defects_only(case):
    assert bool(case.first) == (case in DEFECTS)
    assert set(case.head) <= {"options", "environment", "level", "refused", "rule", "mode"}


def test_the_set_is_large_enough():
    assert len(DEFECTS) >= 120
    assert len(CLEAN) >= 80
