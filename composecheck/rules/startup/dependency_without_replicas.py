"""A service waits for one that is to run no times.

## What it does
Reports an entry of `depends_on` with a condition on a service whose `scale` or `deploy.replicas` is 0.

## Why is this bad?
Compose does not look at the condition of a service without containers: the dependent starts at once,
as if there were no condition.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_healthy  # dependency-without-replicas
  db:
    image: postgres:16
    scale: 0
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 2s
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
```
"""

from __future__ import annotations

from composecheck.facts.guards import awaits_completion, awaits_health
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning", "note"), needs=("no replicas",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each wait for what does not run."""
    for service in facts.services.values():
        if not service.replicas:
            continue
        for name, dependency in service.depends_on.items():
            target = facts.services.get(name)
            if (
                target is None
                or target.replicas
                or not (awaits_health(dependency) or awaits_completion(dependency))
            ):
                continue
            yield Finding(
                dependency.condition_place,
                f"service '{service.name}' waits for '{name}', which runs 0 times: it starts at once",
                remedy=f"run '{name}' at least once, or take out the dependency",
                service=service.name,
                related=(Related(target.place(*target.replicas_path), f"'{name}' has no containers"),),
                severity="warning" if dependency.required else "note",
            )
