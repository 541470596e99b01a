"""A healthcheck gives up before the service can be ready for the first time.

## What it does
Holds the time that a healthcheck leaves a service, `start_period` and then `retries` failures with an
`interval` each, against what is known of the first start of its image on an empty data directory. It is
a note where nobody waits for the service's health, and where only a slow machine needs longer.

## Why is this bad?
The engine says "unhealthy", Compose gives up for good with "dependency failed to start", and the
database would have been ready a few seconds later. It works on the developer's machine, where the data is
there already, and fails in the CI.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_healthy
  db:
    image: mysql:8.4
    healthcheck:  # healthcheck-budget-too-short
      test: ["CMD-SHELL", "mysqladmin ping -h 127.0.0.1 -p$$MYSQL_ROOT_PASSWORD"]
      interval: 1s
      timeout: 5s
      retries: 5
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
    image: mysql:8.4
    healthcheck:
      test: ["CMD-SHELL", "mysqladmin ping -h 127.0.0.1 -p$$MYSQL_ROOT_PASSWORD"]
      interval: 1s
      timeout: 5s
      start_period: 90s
      retries: 5
```
"""

from __future__ import annotations

from composecheck.facts.schedule import probing
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning", "note"), needs=("healthcheck",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each healthcheck that ends before its image's first start does."""
    for service in facts.services.values():
        healthcheck = service.healthcheck
        if healthcheck is None or healthcheck.disabled or not healthcheck.test:
            continue
        family = facts.images.store(service)
        if family is None or family.first_boot is None:
            continue
        usual, slow = family.first_boot
        left = probing(healthcheck).refused
        if left >= slow:
            continue
        short = left < usual
        boot = f"about {format_duration(usual)}" if short else f"up to {format_duration(slow)}"
        yield Finding(
            service.key_place("healthcheck"),
            f"the healthcheck of '{service.name}' gives up after {format_duration(left)}, and the first "
            f"start of '{family.name}' takes {boot}",
            remedy=f"add 'start_period: {format_duration(slow)}': failures within it do not count",
            service=service.name,
            related=(Related(service.place("image"), "its image"),),
            severity="warning" if short and service.name in facts.awaited and family.certain else "note",
            confidence="likely" if family.certain else "possible",
        )
