"""A service gives up on a dependency before that can be ready, or has had the time that it may take.

## What it does
Reports an `x-retry` whose attempts are over, even with the longest waits, before the dependency
can be ready at all, since its `x-readiness` or its healthcheck has not been asked even once. And
one whose attempts are over before the `start_period` of the dependency's healthcheck has passed.

Reports also a command that waits (wait-for-it, dockerize, a loop that counts), an image that is known to
wait or to try again, and a restart policy with a bound (`on-failure:3`), which give up sooner than the image
of the dependency usually needs for its first start. Sooner than it may need on a slow machine is a note of a
command and of an image, unless the command then goes on without it, as `wait-for-it` does after 15 seconds
if nothing else is said.

## Why is this bad?
The first is certain to fail: the engine runs a healthcheck one `interval` after the start, and
not before. In the second the file says in one place that the dependency may take that long to
start, and in another that the dependent gives up earlier. On a slow day it does. And a database
needs its time for an empty data directory: the wait that always is enough on one's own machine ends
early in CI, and what goes on then fails in a way that does not say why.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_started
        x-retry: {attempts: 5, wait: 1s}  # retry-too-short
  db:
    image: mysql:8
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "-h", "127.0.0.1"]
      start_period: 60s
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_started
        x-retry: {attempts: 30, wait: 1s, max_time: 90s}
  db:
    image: mysql:8
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "-h", "127.0.0.1"]
      start_period: 60s
```

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_started
        x-retry: {attempts: 2, wait: 1s}  # retry-too-short
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      interval: 10s
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_started
        x-retry: {attempts: 20, wait: 1s}
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      interval: 1s
```
"""

from __future__ import annotations

from math import ceil

from composecheck.facts.restart import restart_policy
from composecheck.facts.schedule import effective, probing
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.model.project import DEFAULT_START_INTERVAL
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Edge, Facts
    from composecheck.findings.diagnostic import Confidence
    from composecheck.model.project import Retry, Service
    from composecheck.text.source import Span

RULE = Rule(("warning", "note"), needs=("x-retry", "service_started"), confidence="likely", since="0.1")
# Most programs that cannot connect have failed after so many seconds.
_FAILING = 2.0
# A backoff that hardly grows is not followed to its end.
_STEPS = 10_000


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each edge whose dependent ends its retries or its wait too early for the dependency."""
    for edge in facts.edges:
        if edge.retries:
            yield from _declared(edge)
        elif edge.guard.limit is not None:
            yield from _known(facts, edge, edge.guard.limit)


def _declared(edge: Edge) -> Iterator[Finding]:
    declaring = edge.dependency if edge.dependency.retry is not None else edge.service
    retry = declaring.retry
    if retry is None:
        return
    last = budget(retry)
    needs = (_earliest(edge.target), _start_period(edge.target))
    needed = next((need for need in needs if need is not None and last < need.seconds), None)
    if needed is None:
        return
    dependent, target = edge.service.name, edge.target.name
    yield Finding(
        declaring.key_place("x-retry"),
        f"service '{dependent}' gives up on '{target}' after {format_duration(last)} at most, but "
        f"'{target}' {needed.fact} {format_duration(needed.seconds)}",
        remedy="raise 'attempts', 'max_wait' or 'max_time', or wait with 'condition: service_healthy'",
        service=dependent,
        related=(Related(needed.place, needed.label.format(target)),),
    )


def _known(facts: Facts, edge: Edge, limit: float) -> Iterator[Finding]:
    """Yield the edge of which the dependent's command or image waits no longer than a `limit`."""
    family = facts.images.likely(edge.target)
    if family is None or family.first_boot is None or facts.ends(edge.target):
        return
    policy = restart_policy(edge.service)
    usual, slow = family.first_boot
    if edge.guard.kind == "restart":
        from composecheck.facts.risks import LIKELY, risk

        # Nobody knows how long a program takes to fail: where that might be enough it is not held against it.
        if limit + (policy.attempts + 1) * _FAILING > usual or risk(facts, edge) is not LIKELY:
            return
        yield _restarted(edge, limit, usual)
        return
    if policy.after_failure:
        return  # it is started again
    dependent, target = edge.service.name, edge.target.name
    if limit >= slow:
        return
    confidence: Confidence = "likely" if limit <= usual or edge.guard.goes_on else "possible"
    then = "and then goes on without it" if edge.guard.goes_on else "and then gives up"
    yield Finding(
        edge.dependency.key_place(),
        f"service '{dependent}' waits {format_duration(limit)} at most for '{target}', {then}, but the first "
        f"start of '{target}' takes {format_duration(usual)}, and up to {format_duration(slow)} on a slow "
        "machine",
        remedy=f"let it wait longer{_how(facts, edge)}, or wait with 'condition: service_healthy'",
        service=dependent,
        related=(Related(edge.guard.span, "this waits"),),
        confidence=confidence,
    )


def _restarted(edge: Edge, limit: float, usual: float) -> Finding:
    """Return the finding of a dependent that is not started again for long enough."""
    dependent, target = edge.service.name, edge.target.name
    policy = restart_policy(edge.service)
    return Finding(
        edge.dependency.key_place(),
        f"service '{dependent}' is started again {policy.attempts} times at most, with "
        f"{format_duration(round(limit, 1))} between them in all, but the first start of '{target}' takes "
        f"{format_duration(usual)}",
        remedy="wait with 'condition: service_healthy', or let it be started again without a bound: "
        "'restart: on-failure'",
        service=dependent,
        related=(Related(edge.guard.span, "so often it is started again"),),
    )


def _how(facts: Facts, edge: Edge) -> str:
    """Return how a wait is made longer, as far as one knows."""
    if edge.guard.kind not in ("image-wait", "image-retry"):
        return " and fail then" if edge.guard.goes_on else ""
    from composecheck.facts.dependents import asking

    asked = asking(facts, edge.service, edge.target)
    return f" ('{asked.variable}' says how long)" if asked is not None and asked.variable else ""


class Need(NamedTuple):
    """How long a dependency needs or may need after its start, and what says so."""

    seconds: float
    place: Span
    fact: str
    label: str


def _earliest(target: Service) -> Need | None:
    """Return when the dependency can be ready at best, None where the file does not say."""
    if target.readiness is not None:
        delay, place = target.readiness.initial_delay, target.place("x-readiness")
        return Need(delay, place, "is first asked by its x-readiness after", "the x-readiness of '{}'")
    healthcheck = effective(target, None)
    if healthcheck is None or not healthcheck.interval:
        return None  # an interval that is left out may come with the image
    times = probing(healthcheck)
    if times.start_period and times.start_interval is None:
        # So does an engine from 25 on.
        times = times._replace(start_interval=min(times.interval, DEFAULT_START_INTERVAL))
    place = target.place("healthcheck", "start_interval" if times.start_period else "interval")
    return Need(times.earliest, place, "is first asked by its healthcheck after", "the healthcheck of '{}'")


def _start_period(target: Service) -> Need | None:
    healthcheck = effective(target, None)
    if healthcheck is None or not healthcheck.start_period or target.readiness is not None:
        return None
    place = target.place("healthcheck", "start_period")
    return Need(healthcheck.start_period, place, "has a start_period of", "how long '{}' may take")


def budget(retry: Retry) -> float:
    """Return the latest moment of the last attempt, in seconds after the first.

    No attempt comes at `max_time` or later, and jitter puts off each by no more than its own.
    """
    moment, done, wait = 0.0, 1, retry.wait
    while done < retry.attempts and done < _STEPS:
        step = min(wait, retry.max_wait)
        if not step:
            done = retry.attempts
        elif moment + step >= retry.max_time:
            break
        elif wait >= retry.max_wait or retry.backoff == 1:
            more = min(retry.attempts - done, ceil((retry.max_time - moment) / step) - 1)
            moment, done = moment + more * step, done + more
            break
        else:
            moment, done, wait = moment + step, done + 1, wait * retry.backoff
    else:
        if done < retry.attempts:
            return retry.max_time
    return min(moment + retry.jitter * (done - 1), retry.max_time)
