"""The bounds of health probes, and the attempts of an x-retry."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.engine.simulated import Behaviour, SimulatedEngine
from composecheck.facts.schedule import (
    Probing,
    attempts,
    drawn,
    effective,
    probing,
    restart_pause,
    restarts_again,
    windows,
)
from composecheck.model.project import Healthcheck, Image, Retry

from .projects import NODE, health, service


def test_the_first_probe_comes_an_interval_after_the_start():
    assert Probing(interval=10).earliest == 10


def test_within_the_start_period_it_comes_after_the_start_interval():
    assert Probing(interval=10, start_period=30, start_interval=2).earliest == 2
    assert Probing(interval=10, start_interval=2).earliest == 10


@pytest.mark.parametrize(
    ("times", "latest"),
    [
        (Probing(10, 5, 0, None, 3), 45),
        (Probing(30, 30, 0, None, 3), 180),  # the engine's defaults
        (Probing(10, 5, 10, None, 3), 55),  # the first probe counts: none straddles
        (Probing(10, 5, 12, None, 3), 62),  # the first begins at 10, may end at 15: a timeout more
        (Probing(10, 0.5, 25, None, 3), 56.5),  # the second has begun at 20, and ended before 25
        (Probing(1, 1, 0.5, 2, 1), 3),  # nothing before 2
        (Probing(1, 1, 10, 5, 3), 20),  # the only probe in it, from 5 to 6 at most; the next counts
    ],
)
def test_the_last_probe_that_counts_ends(times, latest):
    assert times.latest == latest


TIMES = st.builds(
    Healthcheck,
    st.just(NODE),
    st.just(("CMD", "probe")),
    interval=st.floats(0.5, 20),
    timeout=st.floats(0.5, 20),
    start_period=st.one_of(st.none(), st.floats(0.5, 60)),
    start_interval=st.one_of(st.none(), st.floats(0.5, 20)),
    retries=st.integers(1, 4),
)


@given(TIMES, st.floats(0, 200), st.floats(0, 1))
def test_the_simulated_schedule_keeps_within_the_bounds(healthcheck, ready, share):
    """Whenever a service gets well, and however long its probes take, it is seen in time or ill."""
    behaviour = Behaviour(ready=ready, probe=min(share, 0.999) * healthcheck.timeout)
    engine = SimulatedEngine({"db": behaviour})
    db = service(healthcheck=healthcheck).replace(name="db")
    engine.create([db])
    engine.start(db)
    found = next(e for e in iter(lambda: engine.next_event(None), None) if e.kind in ("healthy", "unhealthy"))
    bounds = probing(healthcheck)
    assert found.time <= bounds.latest + 1e-9
    if found.kind == "healthy":
        assert found.time >= bounds.earliest


def test_the_bounds_are_reached():
    """A probe that begins just within the start period, and the last one that counts succeeds."""
    healthcheck = health(interval=10.0, timeout=5.0, start_period=12.0)
    behaviour = Behaviour(ready=54.9, probe=4.9999)
    engine = SimulatedEngine({"db": behaviour})
    db = service(healthcheck=healthcheck).replace(name="db")
    engine.create([db])
    engine.start(db)
    found = next(e for e in iter(lambda: engine.next_event(None), None) if e.kind == "healthy")
    assert found.time == pytest.approx(60.0, abs=0.01)  # with the uncounted probe from 10 to 15


def test_the_image_completes_what_the_file_leaves_out():
    image = Image(Healthcheck(None, ("CMD", "from-image"), interval=7, retries=9))
    assert effective(service(), None) is None
    assert effective(service(), image) == image.healthcheck
    own = service(healthcheck=Healthcheck(NODE, None, interval=2))
    assert effective(own, image) == Healthcheck(NODE, ("CMD", "from-image"), interval=2, retries=9)
    assert effective(own, None) is None
    assert effective(service(healthcheck=Healthcheck(NODE, ("NONE",))), image) is None
    assert effective(service(), Image(Healthcheck(None, ("NONE",)))) is None


def test_attempts_back_off_until_the_longest_wait_and_end_before_the_longest_time():
    assert attempts(Retry(NODE))[:6] == (0, 0.5, 1.5, 3.5, 7.5, 12.5)
    assert attempts(Retry(NODE))[-1] == 57.5
    assert attempts(Retry(NODE, attempts=3)) == (0, 0.5, 1.5)


@pytest.mark.parametrize("wait", [0.0, 1e-9])
def test_attempts_without_number_are_spread_over_the_longest_time(wait):
    moments = attempts(Retry(NODE, attempts=10**12, wait=wait, max_wait=wait, jitter=0.0, max_time=30.0))
    assert len(moments) <= 10_000
    assert 29.9 < moments[-1] <= 30.0
    assert attempts(Retry(NODE, attempts=3, wait=0.0, jitter=0.0)) == (0, 0, 0)


def test_an_attempt_that_jitter_can_push_to_the_longest_time_may_not_happen():
    frame = windows(Retry(NODE, attempts=4, wait=1.0, backoff=1.0, jitter=2.0, max_time=5.0))
    assert (frame.early, frame.late) == ((0, 1, 2, 3), (0, 3, 5, 5))
    assert frame.first_from(0.5, latest=True) == 3
    assert frame.first_from(1.5, latest=True) == math.inf
    assert frame.first_from(4.5) == 4.5


def test_drawn_attempts_stay_in_their_windows():
    retry = Retry(NODE, jitter=0.4)
    frame = windows(retry)
    moments = drawn(retry).early
    assert len(moments) <= len(frame.early)
    for moment, early, late in zip(moments, frame.early, frame.late, strict=False):
        assert early <= moment <= late


def test_the_latest_first_attempt_has_all_the_jitter():
    frame = windows(Retry(NODE, jitter=0.4))
    assert frame.first_from(0.4) == 0.5
    assert frame.first_from(0.4, latest=True) == pytest.approx(0.9)
    assert frame.first_from(0.6) == 0.6  # the second attempt can come then
    assert frame.first_from(0.6, latest=True) == pytest.approx(2.3)  # or miss it, and be the third


@given(st.floats(0, 70))
def test_an_attempt_is_never_before_the_moment_and_the_latest_never_before_the_earliest(moment):
    frame = windows(Retry(NODE, jitter=0.4))
    first, last = frame.first_from(moment), frame.first_from(moment, latest=True)
    assert moment <= first <= last
    assert first < math.inf or moment > frame.late[-1]


@pytest.mark.parametrize(
    ("policy", "limit", "code", "restarts", "again"),
    [
        ("no", None, 1, 0, False),
        ("always", None, 0, 5, True),
        ("unless-stopped", None, 0, 5, True),
        ("on-failure", None, 0, 0, False),
        ("on-failure", None, 1, 9, True),
        ("on-failure", 2, 1, 1, True),
        ("on-failure", 2, 1, 2, False),
    ],
)
def test_a_restart_policy_says_whether_there_is_a_restart_left(policy, limit, code, restarts, again):
    assert restarts_again(service(restart=policy, max_retries=limit), code, restarts) is again


def test_restarts_come_slower_and_slower():
    pauses = [0.0]
    for _ in range(12):
        pauses.append(restart_pause(1.0, pauses[-1]))
    assert pauses[1:4] == [0.1, 0.2, 0.4]
    assert pauses[-1] == 60
    assert restart_pause(11.0, 60) == 0.1
