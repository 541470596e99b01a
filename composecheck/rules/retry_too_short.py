"""An x-retry gives up before the dependency has had the time that its own healthcheck gives it.

## What it does
Reports an `x-retry` whose attempts are over, even with the longest waits, before the
`start_period` of the dependency's healthcheck has passed.

## Why is this bad?
The file says in one place that the dependency may take that long to start, and in another that
the dependent gives up earlier. On a slow day it does.

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
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.diagnostic import Diagnostic, Related
from composecheck.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.diagnostic import Severity
    from composecheck.project import Retry
    from composecheck.rules import Context

SEVERITY: Severity = "warning"
REFUSED = False
# A backoff that hardly grows is not followed to its end.
_STEPS = 10_000


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each edge whose declared retries end before the dependency's start period does."""
    for edge in context.edges:
        retry = edge.dependency.retry or edge.service.retry
        healthcheck = edge.target.healthcheck
        if edge.guard.by != "x-retry" or retry is None or healthcheck is None or not healthcheck.start_period:
            continue
        last = budget(retry)
        if last >= healthcheck.start_period:
            continue
        start_period = edge.target.place_of("healthcheck", "start_period")
        yield Diagnostic(
            "retry-too-short",
            SEVERITY,
            f"service '{edge.service.name}' gives up on '{edge.target.name}' after "
            f"{format_duration(last)} at most, but '{edge.target.name}' has a start_period of "
            f"{format_duration(healthcheck.start_period)}",
            retry.node.place,
            remedy="raise 'attempts', 'max_wait' or 'max_time', or wait with 'condition: service_healthy'",
            service=edge.service.name,
            related=(Related(start_period.span, f"how long '{edge.target.name}' may take"),),
        )


def budget(retry: Retry) -> float:
    """Return the latest moment of the last attempt, in seconds after the first."""
    total, wait = 0.0, retry.wait
    waits = retry.attempts - 1
    for done in range(min(waits, _STEPS)):
        if not wait or wait >= retry.max_wait or retry.backoff == 1:
            total += min(wait, retry.max_wait) * (waits - done)
            break
        total += wait
        wait *= retry.backoff
    else:
        if waits > _STEPS:
            return retry.max_time
    return min(total + retry.jitter * waits, retry.max_time)
