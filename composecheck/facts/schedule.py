"""When things that repeat happen: health probes, restarts, and the attempts of an x-retry.

All times are seconds after the start of the container, or of the dependency.
"""

from __future__ import annotations

import math

from composecheck.facts.restart import restart_policy
from composecheck.model.project import DEFAULT_INTERVAL, DEFAULT_RETRIES, DEFAULT_TIMEOUT
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.model.project import Healthcheck, Image, Retry, Service


# What an engine from 25 on takes for a start interval that is not given.
_LONG = 5.0


class Probing(NamedTuple):
    """A healthcheck's times with the engine's defaults filled in.

    `start_interval` is None where nobody wrote one. An engine before 25 knows none; from 25 on it
    takes 5s for one that is left out, so that there a long `interval` with a `start_period` may
    be healthy earlier than `earliest` says (moby, daemon/health.go).
    """

    interval: float = DEFAULT_INTERVAL
    timeout: float = DEFAULT_TIMEOUT
    start_period: float = 0.0
    start_interval: float | None = None
    retries: int = DEFAULT_RETRIES

    def pause(self, at: float) -> float:
        """Return how long the engine waits until the next probe, decided `at` that moment."""
        if at < self.start_period and self.start_interval is not None:
            return self.start_interval
        return self.interval

    @property
    def earliest(self) -> float:
        """The end of the first probe, at best: it comes one interval after the start."""
        return self.pause(0.0)

    @property
    def refused(self) -> float:
        """How long a server may refuse at once until the engine says unhealthy: only intervals add up."""
        return self.start_period + self.retries * self.interval

    @property
    def latest(self) -> float:
        """The end of the last probe that can still succeed before the engine says unhealthy.

        Failures count from `start_period` on, `retries` of them in a row are final, and each
        takes an interval and at most a timeout. A probe that begins within the start period and
        ends after it does not count, and costs its timeout in addition.
        """
        bound = self.start_period + self.retries * (self.interval + self.timeout)
        first = self.pause(0.0)
        within = math.ceil(self.start_period / first) - 1 if first else 0  # probes that can begin in it
        straddles = within > 0 and within * (first + self.timeout) > self.start_period
        # A start interval longer than the interval puts off the first probe that counts.
        behind = first - self.interval - (0.0 if within > 0 else self.start_period)
        return bound + max(self.timeout if straddles else 0.0, behind)


def effective(service: Service, image: Image | None) -> Healthcheck | None:
    """Return the healthcheck that the container has: the file's, completed by the image's.

    None where neither has one, or it is disabled.
    """
    own, other = service.healthcheck, image.healthcheck if image else None
    if own is None or other is None:
        either = own or other
        return either if either and either.test and not either.disabled else None
    merged = own.over(other)
    return None if merged.disabled or not merged.test else merged


def assumed(service: Service, image: Image | None) -> bool:
    """Return whether the container is taken to have a healthcheck that only its image could tell."""
    open_here = service.healthcheck is None or service.healthcheck.test is None
    return open_here and image is not None and "healthcheck" in image.assumed


def probing(healthcheck: Healthcheck) -> Probing:
    """Return a healthcheck's times; 0 is "not said" to the engine, too."""
    return Probing(
        healthcheck.interval or DEFAULT_INTERVAL,
        healthcheck.timeout or DEFAULT_TIMEOUT,
        healthcheck.start_period or 0.0,
        healthcheck.start_interval or None,
        healthcheck.retries or DEFAULT_RETRIES,
    )


def is_slow(facts: Facts, service: Service, healthcheck: Healthcheck) -> bool:
    """Return whether who waits for a healthcheck waits for its first probe, which costs little.

    A test that takes seconds to start would keep the machine busy if it were asked all the time. With a start
    period the engine asks more often in it, from version 25 on.
    """
    times = probing(healthcheck)
    if times.earliest <= _LONG or times.start_period:
        return False
    test = next((test for test in facts.tests if test.service is service), None)
    heavy = facts.images.knowledge.is_heavy
    return test is None or not any(heavy(run.name) for run in test.runs)


def restarts_again(service: Service, exit_code: int, restarts: int) -> bool:
    """Return whether the restart policy starts a container again, after so many restarts."""
    policy = restart_policy(service)
    if policy.after_success or not policy.after_failure or not exit_code:
        return policy.after_success
    return service.max_retries is None or restarts < service.max_retries


def restart_pause(lifetime: float, last: float) -> float:
    """Return how long the engine waits before the restart; `last` is the wait before, 0 for none.

    A tenth of a second, doubled each time up to a minute, and from the beginning after a life of
    more than ten seconds (moby, restartmanager).
    """
    return 0.1 if not last or lifetime > 10 else min(2 * last, 60.0)


# More attempts than this are not told apart: they are spread over the longest time.
_MOST = 10_000


def attempts(retry: Retry, *, jitter: bool = False) -> tuple[float, ...]:
    """Return the moments of an x-retry's attempts, the first at 0.

    `jitter` draws what is added to each wait; without it the moments are the earliest possible. The waits
    are tenacity's own, whose words an x-retry has: what a file declares is what a dependent in Python that
    retries with `wait_exponential(...) + wait_random(...)` and `stop_before_delay(...)` does.
    """
    from tenacity import RetryCallState, Retrying
    from tenacity.wait import wait_exponential, wait_random

    exponential = wait_exponential(multiplier=retry.wait, exp_base=retry.backoff, max=retry.max_wait)
    wait = exponential + wait_random(0.0, retry.jitter) if jitter else exponential
    least = retry.max_time / _MOST if retry.attempts > _MOST else 0.0
    state = RetryCallState(Retrying(), None, (), {})
    moments = [0.0]
    for number in range(1, retry.attempts):
        state.attempt_number = number
        moment = moments[-1] + max(wait(state), least)
        if moment >= retry.max_time:
            break
        moments.append(moment)
    return tuple(moments)


class Attempts(NamedTuple):
    """The attempts of an x-retry as windows: each happens between `early` and `late`.

    One that can be as late as `limit` may not happen at all. For a plan that is being carried out
    `early` and `late` are the same, since the jitter is drawn.
    """

    early: tuple[float, ...]
    late: tuple[float, ...]
    limit: float = math.inf

    def first_from(self, moment: float, *, latest: bool = False) -> float:
        """Return the earliest (or latest) first attempt at `moment` or later; infinity for none."""
        for early, late in zip(self.early, self.late, strict=True):
            if latest and early >= moment:
                return late if late < self.limit else math.inf
            if not latest and late >= moment:
                return max(early, moment)
        return math.inf


def windows(retry: Retry) -> Attempts:
    """Return when each attempt can happen, whatever jitter is drawn."""
    early = attempts(retry)
    late = tuple(min(moment + n * retry.jitter, retry.max_time) for n, moment in enumerate(early))
    return Attempts(early, late, retry.max_time)


def drawn(retry: Retry) -> Attempts:
    """Return when each attempt does happen, with the jitter drawn."""
    moments = attempts(retry, jitter=True)
    return Attempts(moments, moments)
