"""A healthcheck has an interval for its start period, and no start period.

## What it does
Reports `healthcheck.start_interval` without `healthcheck.start_period`.

## Why is this bad?
The start interval is how often the test runs while the start period lasts. Without one it would
never count, and `docker compose up` refuses to create the container. `docker compose config` takes
it.

## Example
```yaml
services:
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      start_interval: 1s  # start-interval-without-start-period
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      start_period: 30s
      start_interval: 1s
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("start_interval",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each start interval that no start period goes with."""
    for service in facts.services.values():
        if not service.says("healthcheck", "start_interval") or service.says("healthcheck", "start_period"):
            continue
        yield Finding(
            service.key_place("healthcheck", "start_interval"),
            f"the healthcheck of service '{service.name}' has a 'start_interval' and no 'start_period'",
            remedy="add 'start_period', the time that the service may take to get ready, such as '30s'",
            service=service.name,
        )
