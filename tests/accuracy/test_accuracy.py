"""Every defect is found at its line, and nothing is found where there is none."""

from __future__ import annotations

import pytest

from ..reference import MACHINE
from .cases import cases, examined, judged

AT_THE_START = {("5", "up-per-replica-01")}  # read, and refused only then
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
def test_docker_compose_reads_the_project_as_said(case, tmp_path, reference):
    folder = tmp_path / "project"
    case.write(folder)
    options = case.options("-f", "--file", "--profile", "--env-file")
    answer = reference.config(folder, *options, "config", "-q", environment=MACHINE | case.environment)
    refused = case.head.get("refused") == "yes" and (reference.generation, case.name) not in AT_THE_START
    assert (answer.returncode != 0) == refused, answer.stderr


@pytest.mark.parametrize("case", [*DEFECTS, *CLEAN], ids=lambda case: case.name)
def test_marks_are_in_defects_only(case):
    assert bool(case.first) == (case in DEFECTS)
    assert set(case.head) <= {"options", "environment", "level", "refused", "rule", "mode", "crlf"}


def test_the_set_is_large_enough():
    assert len(DEFECTS) >= 290
    assert len(CLEAN) >= 260
