import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.facts.schedule import attempts, windows
from composecheck.lint import check
from composecheck.model.project import Retry
from composecheck.rules.startup.retry_too_short import budget
from composecheck.text.node import Node
from composecheck.text.source import Source, whole

NODE = Node({}, whole(Source("compose.yml", "")))


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"attempts": 1}, 0),
        ({"attempts": 3, "wait": 1, "jitter": 0}, 3),
        ({"attempts": 5, "wait": 1, "jitter": 0}, 1 + 2 + 4 + 5),
        ({"attempts": 5, "wait": 1, "jitter": 0.5}, 12 + 2),
        ({"attempts": 5, "wait": 1, "backoff": 1, "jitter": 0}, 4),
        ({"attempts": 10**9, "wait": 1, "jitter": 0, "max_time": 30}, 27),
        ({"attempts": 10**9, "wait": 0, "max_time": 30}, 30),
        ({"attempts": 10**9, "wait": 0, "jitter": 0}, 0),
        ({"jitter": 0}, 57.5),
    ],
)
def test_budget_is_the_latest_moment_of_the_last_attempt(fields, seconds):
    assert budget(Retry(NODE, **fields)) == seconds


@given(
    count=st.integers(1, 12),
    wait=st.floats(0.01, 5),
    backoff=st.floats(1, 4),
    max_wait=st.floats(0.01, 10),
    jitter=st.sampled_from([0, 0.3]),
    max_time=st.sampled_from([1.0, 7.3, 1e6]),
)
def test_budget_is_what_up_carries_out(count, wait, backoff, max_wait, jitter, max_time):
    retry = Retry(NODE, count, wait, backoff, max_wait, jitter, max_time)
    assert budget(retry) == pytest.approx(min(windows(retry).late[-1], max_time))
    assert attempts(retry, jitter=True)[-1] <= budget(retry) + 1e-9


def said(tmp_path, retry, *, db):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n"
        f"  api: {{image: a, depends_on: {{db: {{condition: service_started, x-retry: {retry}}}}}}}\n"
        f"  db: {{image: b, {db}}}\n"
    )
    return [d.message for d in check(file, environment={}).diagnostics if d.rule == "retry-too-short"]


@pytest.mark.parametrize(
    ("db", "fact"),
    [
        ("healthcheck: {test: y, interval: 10s}", "is first asked by its healthcheck after 10s"),
        (
            "healthcheck: {test: y, interval: 10s, start_period: 5s}",
            "is first asked by its healthcheck after 5s",
        ),
        ("healthcheck: {test: y, interval: 1s, start_period: 5s}", "has a start_period of 5s"),
        (
            "x-readiness: {tcpSocket: {port: 1}, initialDelaySeconds: 3}",
            "is first asked by its x-readiness after 3s",
        ),
    ],
)
def test_dependency_that_cannot_be_ready_in_time(tmp_path, db, fact):
    expected = f"service 'api' gives up on 'db' after 1.1s at most, but 'db' {fact}"
    assert said(tmp_path, "{attempts: 2, wait: 1s}", db=db) == [expected]


@pytest.mark.parametrize(
    "db",
    [
        "healthcheck: {test: y, interval: 1s}",
        "healthcheck: {test: y, interval: 10s, start_period: 1s, start_interval: 1s}",
        # The image may bring an interval, or the test itself.
        "healthcheck: {test: y}",
        "healthcheck: {interval: 10s}",
        "healthcheck: {test: y, interval: 10s, disable: true, start_period: 20s}",
        # What says that it is ready is another probe.
        "healthcheck: {test: y, interval: 10s}, x-readiness: {tcpSocket: {port: 1}}",
        "healthcheck: {test: y, interval: 10s}, scale: 0",
        "labels: {a: b}",
    ],
)
def test_dependency_that_may_be_ready_in_time(tmp_path, db):
    assert said(tmp_path, "{attempts: 2, wait: 1s}", db=db) == []


def test_retries_that_last_for_long_enough(tmp_path):
    assert said(tmp_path, "{attempts: 20, wait: 1s}", db="healthcheck: {test: y, interval: 10s}") == []


@pytest.mark.parametrize(
    ("dependent", "image", "is_said"),
    [
        ("restart: 'on-failure:2'", "elasticsearch:8.15.0", True),
        ("deploy: {restart_policy: {condition: on-failure, max_attempts: 2}}", "elasticsearch:8.15.0", True),
        ("restart: 'on-failure:20'", "elasticsearch:8.15.0", False),
        ("restart: on-failure", "elasticsearch:8.15.0", False),
        ("restart: always", "elasticsearch:8.15.0", False),
        ("restart: 'on-failure:2'", "redis:7", False),
        ("restart: 'on-failure:2', command: sleep infinity", "elasticsearch:8.15.0", False),
    ],
)
def test_restarts_that_are_used_up_before_the_dependency_is_ready(tmp_path, dependent, image, is_said):
    (tmp_path / "compose.yml").write_text(
        f"services:\n  a: {{image: acme/a, {dependent}, environment: {{URL: 'http://b:9200'}}, "
        f"depends_on: [b]}}\n  b: {{image: '{image}'}}\n"
    )
    found = check(tmp_path / "compose.yml", environment={}).diagnostics
    assert [each.rule for each in found if each.rule == "retry-too-short"] == ["retry-too-short"] * is_said
