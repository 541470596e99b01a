"""The waits along the critical path add up to more than the start may take.

## What it does
With `--budget 120s`, or `budget: 120s` in the configuration, adds up how long each healthcheck can keep its
dependents waiting, `start_period` and `retries` times `interval` and `timeout`, along every chain of
`service_healthy` conditions, and reports the longest chain where that is more than the budget. Without a
budget nothing is reported.

## Why is this bad?
A start that fails should fail before the CI's own limit ends it without a word.

## Example
```yaml .composecheck.yaml
budget: 60s
```

```yaml
services:
  web:
    image: web:1
    depends_on:
      api:
        condition: service_healthy
  api:
    image: api:1
    healthcheck:
      test: ["CMD", "api", "ping"]
      interval: 2s
      timeout: 1s
      retries: 10
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:  # wait-exceeds-budget
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 5s
      timeout: 5s
      retries: 10
```

## Use instead
```yaml .composecheck.yaml
budget: 60s
```

```yaml
services:
  web:
    image: web:1
    depends_on:
      api:
        condition: service_healthy
  api:
    image: api:1
    healthcheck:
      test: ["CMD", "api", "ping"]
      interval: 1s
      timeout: 1s
      retries: 10
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 1s
      timeout: 3s
      retries: 10
```
"""

from __future__ import annotations

from composecheck.facts.schedule import effective, probing
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("error",), needs=("budget",), options=("budget",), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the longest chain of waits, where it is longer than the budget."""
    budget = facts.budget
    if budget is None or facts.cycles:
        return
    path = _critical(facts)
    total = sum(seconds for _, seconds in path)
    if not path or total <= budget:
        return
    # The one with the greatest share is where something can be done.
    service, _ = max(path, key=lambda step: step[1])
    chain = " -> ".join(f"'{waited.name}' {format_duration(seconds)}" for waited, seconds in path)
    yield Finding(
        _place(service),
        f"the waits for health can add up to {format_duration(total)}, more than the budget of "
        f"{format_duration(budget)}: {chain}",
        remedy="lower 'interval', 'timeout', 'retries' or 'start_period' along it, or raise the budget",
        service=service.name,
        related=tuple(
            Related(_place(waited), f"up to {format_duration(seconds)}")
            for waited, seconds in path
            if waited is not service
        ),
    )


def _place(service: Service) -> Span:
    return service.key_place("healthcheck")


def _critical(facts: Facts) -> list[tuple[Service, float]]:
    """Return the services of the longest chain of waits, first to last, with the seconds of each."""
    from composecheck.facts.graph import order

    waits: dict[str, list[str]] = {}
    services = facts.project.services
    for edge in facts.edges:
        if (
            edge.waits_for_health
            and edge.guard.holds
            and edge.service.name in services
            and edge.target.name in services
        ):
            waits.setdefault(edge.service.name, []).append(edge.target.name)
    longest: dict[str, tuple[float, str | None]] = {}
    for name in order(waits):
        before = max(waits.get(name, ()), key=lambda other: longest[other][0], default=None)
        start = longest[before][0] if before is not None else 0.0
        longest[name] = (start + _latest(facts, services[name]), before)
    last = max(longest, key=lambda name: longest[name][0], default=None)
    path = []
    while last is not None:
        seconds = _latest(facts, services[last])
        if seconds:
            path.append((services[last], seconds))
        last = longest[last][1]
    return path[::-1]


def _latest(facts: Facts, service: Service) -> float:
    """Return how long a service's healthcheck can take, 0 where it has none in the file."""
    healthcheck = effective(service, facts.images.image(service))
    return probing(healthcheck).latest if healthcheck is not None else 0.0
