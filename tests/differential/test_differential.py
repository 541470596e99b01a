"""A few of the long sweep's projects, and every disagreement that is known."""

from __future__ import annotations

import pytest

from .__main__ import example
from .known import KNOWN, known
from .oracle import compare

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
