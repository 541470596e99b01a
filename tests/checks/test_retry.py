import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.node import Node
from composecheck.project import Retry
from composecheck.rules.retry_too_short import budget
from composecheck.schedule import attempts
from composecheck.source import Source, whole

NODE = Node({}, whole(Source("compose.yml", "")))


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"attempts": 1}, 0),
        ({"attempts": 3, "wait": 1, "jitter": 0}, 3),
        ({"attempts": 5, "wait": 1, "jitter": 0}, 1 + 2 + 4 + 5),
        ({"attempts": 5, "wait": 1, "jitter": 0.5}, 12 + 2),
        ({"attempts": 5, "wait": 1, "backoff": 1, "jitter": 0}, 4),
        ({"attempts": 10**9, "wait": 1, "max_time": 30}, 30),
        ({"attempts": 10**9, "wait": 0, "jitter": 0}, 0),
        ({}, 60),
    ],
)
def test_budget_is_the_latest_moment_of_the_last_attempt(fields, seconds):
    assert budget(Retry(NODE, **fields)) == seconds


@given(
    count=st.integers(1, 12),
    wait=st.floats(0.01, 5),
    backoff=st.floats(1, 4),
    max_wait=st.floats(0.01, 10),
)
def test_budget_is_what_up_carries_out(count, wait, backoff, max_wait):
    retry = Retry(NODE, count, wait, backoff, max_wait, jitter=0, max_time=1e6)
    assert budget(retry) == pytest.approx(attempts(retry)[-1])
