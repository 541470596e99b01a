"""Generated projects mean to us what they mean to Docker Compose 2.40 (`python -m tests.differential`)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .known import KNOWN, known
from .oracle import compare
from .projects import damaged, project
from .shrink import smallest
from .values import keys_of, schema_keys

RANDOM = st.randoms(use_true_random=False)
FEW = settings(
    max_examples=50,
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


@pytest.fixture
def compared(docker_compose, tmp_path_factory):
    """Ask both about a project; returns how they differ."""

    def compared(drawn):
        return compare(drawn, tmp_path_factory.mktemp("project"), docker_compose)[0]

    return compared


def _agree(compared, drawn):
    found = compared(drawn)
    if found is not None and not known(found):
        small = smallest(drawn, lambda other: (compared(other) or found)[:2] == found[:2] and compared(other))
        pytest.fail(f"{found.kind}\n{small.shown()}\n{found.text}")


@FEW
@given(RANDOM)
def test_project_is_read_as_docker_compose_reads_it(compared, random):
    _agree(compared, project(random))


@FEW
@given(RANDOM)
def test_damaged_project_is_refused_where_docker_compose_refuses_it(compared, random):
    _agree(compared, damaged(project(random), random))


@pytest.mark.parametrize("entry", KNOWN, ids=[entry.reason for entry in KNOWN])
def test_known_disagreement_is_still_one(compared, entry):
    found = compared(entry.example)
    assert found is not None, "mended: take it out of the list"
    assert entry.reason in known(found)


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


def test_a_number_is_a_project_for_good():
    def drawn(number):
        random = Random(number)  # noqa: S311 - no secret
        return damaged(project(random), random)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(drawn, range(50))) == [drawn(number) for number in range(50)]
