"""A healthcheck is so rare that whoever waits for it waits for nothing.

## What it does
Reports a healthcheck that others wait for, whose first probe comes more than five seconds after the
start: the engine waits one `interval` (30 seconds, if none is given) before it asks for the first time.
A test that itself takes seconds to start, such as one of Kafka's tools or `nodetool`, is left alone: it
would cost more than the wait.

## Why is this bad?
A database that is ready after two seconds is found so after thirty, and what depends on it starts that
much later; in a chain of services the waits add up.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 30s  # slow-healthcheck
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 2s
      retries: 45
```

## Use instead
An engine from version 25 on can be told to ask more often in the beginning.
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 30s
      start_period: 60s
      start_interval: 1s
```
"""

from __future__ import annotations

from math import ceil

from composecheck.facts.schedule import is_slow, probing
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("service_healthy",), confidence="likely", succeeds=True, since="0.1")
_SHORT = 2.0  # what we write


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each healthcheck that makes its dependents wait for the next probe."""
    waiting = {
        edge.target.name: edge.target for edge in facts.edges if edge.waits_for_health and edge.guard.holds
    }
    for service in waiting.values():
        healthcheck = service.healthcheck
        if healthcheck is None or not healthcheck.test:
            continue
        if not is_slow(facts, service, healthcheck):
            continue
        from composecheck.remedies import edits

        times = probing(healthcheck)
        retries = ceil(times.retries * times.interval / _SHORT)
        yield Finding(
            service.key_place("healthcheck", "interval"),
            f"'{service.name}' is first asked whether it is healthy {format_duration(times.interval)} "
            "after its start, and others wait for that",
            remedy=f"write 'interval: {format_duration(_SHORT)}' and 'retries: {retries}': "
            "it has as much time as before",
            service=service.name,
            fix=edits.set_keys(
                service,
                ("healthcheck",),
                {"interval": format_duration(_SHORT), "retries": retries},
                unsafe="timing",
            ),
        )
