"""A few of the long sweep's projects, and every disagreement that is known."""

from __future__ import annotations

from random import Random

import pytest

from .__main__ import example
from .known import KNOWN, known
from .oracle import compare
from .projects import project
from .values import keys_of, schema_keys

SEED = 7
EXAMPLES = 198
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_both_say_the_same_of_made_projects(part, tmp_path, reference):
    others = []
    for number in range(part, EXAMPLES, PARTS):
        drawn = example(SEED, number)
        root = tmp_path / str(number) / "project"
        root.mkdir(parents=True)
        disagreement, _ = compare(drawn, root, reference)
        if disagreement is not None and not known(disagreement):
            others.append((number, disagreement.kind, disagreement.text))
    assert others == []


@pytest.mark.parametrize("entry", KNOWN, ids=[entry.reason for entry in KNOWN])
def test_known_disagreement_is_still_one(entry, tmp_path, reference):
    root = tmp_path / "project"
    root.mkdir()
    disagreement, _ = compare(entry.example, root, reference)
    if entry.generation not in {"", reference.generation}:
        assert disagreement is None
        return
    assert disagreement is not None
    assert disagreement.kind == entry.kind
    assert known(disagreement)


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
