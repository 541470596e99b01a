"""A few of the long sweep's projects, and every disagreement that is known."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .__main__ import example
from .known import KNOWN, known
from .oracle import compare
from .projects import damaged, project
from .shrink import smallest
from .values import keys_of, schema_keys

SEED = 7
EXAMPLES = 150
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_both_say_the_same_of_made_projects(part, tmp_path, docker_compose):
    others = []
    for number in range(part, EXAMPLES, PARTS):
        drawn = example(SEED, number)
        root = tmp_path / str(number) / "project"
        root.mkdir(parents=True)
        disagreement, _ = compare(drawn, root, docker_compose)
        if disagreement is not None and not known(disagreement):
            others.append((number, disagreement.kind, disagreement.text))
    assert others == []


@pytest.mark.parametrize("entry", KNOWN, ids=[entry.reason for entry in KNOWN])
def test_known_disagreement_is_still_one(entry, tmp_path, docker_compose):
    root = tmp_path / "project"
    root.mkdir()
    disagreement, _ = compare(entry.example, root, docker_compose)
    assert disagreement is not None
    assert disagreement.kind == entry.kind
    assert known(disagreement)


@settings(
    max_examples=40,
    phases=[Phase.generate],  # `smallest` makes a failing project smaller, knowing what a project is
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(st.randoms(use_true_random=False), st.booleans())
def test_both_say_the_same_of_what_hypothesis_draws(tmp_path_factory, docker_compose, random, broken):
    def unknown(candidate):
        root = tmp_path_factory.mktemp("projects") / "project"
        root.mkdir()
        found = compare(candidate, root, docker_compose)[0]
        return found if found is not None and not known(found) else None

    drawn = project(random)
    drawn = damaged(drawn, random) if broken else drawn
    found = unknown(drawn)
    if found is not None:
        small = smallest(drawn, lambda candidate: (unknown(candidate) or ("",))[:2] == found[:2])
        pytest.fail(f"{found.kind}\n{small.shown()}\n{unknown(small).text}")


def test_every_key_of_the_schema_is_written():
    missing = schema_keys()
    for number in range(6_000):
        if not missing:
            break
        drawn = project(Random(number))  # noqa: S311 - no secret
        for content in drawn.files.values():
            if not isinstance(content, str):
                missing -= {key for document in content for key in keys_of(document)}
    assert missing == set()
