"""A service gets along with a dependency only by crashing until that is ready.

## What it does
Reports an entry of `depends_on` without a condition, whose only guard is that the restart policy starts
the dependent again after it has failed. Off by default.

## Why is this bad?
It works, and the logs are full of failures that mean nothing; the engine waits longer each time, up to a
minute. And it works only if the service does end when it cannot connect.

## Example
```yaml
services:
  api:
    image: api:1
    restart: unless-stopped
    depends_on:
      - db  # guarded-by-restart
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 2s
```

## Use instead
```yaml
services:
  api:
    image: api:1
    restart: unless-stopped
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 2s
```
"""

from __future__ import annotations

from composecheck import remedies
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning",), needs=("service_started",), off=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each edge that a restart policy alone guards."""
    for edge in facts.edges:
        if edge.restarts:
            dependent, target = edge.service.name, edge.target.name
            entry = remedies.condition(dependent, target, "service_healthy")
            yield Finding(
                edge.dependency.key_place(),
                f"service '{dependent}' gets along without '{target}' only by failing and being started "
                "again",
                remedy=f"wait for its healthcheck:\n{remedies.indented(entry)}",
                service=dependent,
                related=(Related(edge.guard.span, "this starts it again"),),
            )
