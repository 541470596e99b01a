"""A few of the documents that `run.py` makes by the hundred thousand, and all hostile ones."""

from __future__ import annotations

from random import Random

import pytest

from .documents import HOSTILE, MAIN, Case, case, seeds
from .examination import examined, prepare

# Beyond a limit, which has a name and a place.
LIMITED = {
    "aliases that double",
    "an env file that refers to itself",
    "deep blocks",
    "deep braces",
    "deep brackets",
    "deep brackets that close",
    "deep dashes",
    "deep explicit keys in flow",
    "deep question marks",
    "extends in a chain",
    "includes in a chain",
    "many braces",
    "merge keys that double",
    "nested variables",
    "one alias many times",
    "variables that repeat a long one",
}


@pytest.fixture
def folder(tmp_path):
    prepare(tmp_path)
    return tmp_path


def _hostile(kind, size, folder):
    made = HOSTILE[kind](size)
    return examined(Case(kind, made if isinstance(made, dict) else {MAIN: made}), folder)


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("size", [10, pytest.param(1_000, marks=pytest.mark.slow)])
def test_hostile_document_breaks_nothing_and_takes_no_time(kind, size, folder):
    assert _hostile(kind, size, folder).broken == ""


@pytest.mark.parametrize("kind", sorted(LIMITED))
def test_what_is_beyond_a_limit_is_refused_by_its_name(kind, folder):
    answer = _hostile(kind, 10_000, folder)
    assert (answer.broken, " error document-limit " in answer.findings) == ("", True)


@pytest.mark.slow
def test_random_documents_break_nothing(folder):
    texts = seeds()
    broken = {}
    for number in range(600):
        answer = examined(case(Random(number), texts), folder, compose=("5", "2.40")[number % 2])  # noqa: S311
        if answer.broken:
            broken[number] = answer.broken
    assert broken == {}


def test_a_number_is_a_document_for_good():
    texts = seeds()
    assert [case(Random(n), texts) for n in range(50)] == [case(Random(n), texts) for n in range(50)]  # noqa: S311
