"""A step before the start is to run once for each replica, which docker compose does not do.

## What it does
Reports `per_replica: true` in an entry of `pre_start`.

## Why is this bad?
The specification has it, and `docker compose config` takes it. `up` fails before it does anything:
"per_replica is not yet supported".

## Example
```yaml
services:
  api:
    image: api:1
    pre_start:
      - command: [migrate]
        per_replica: true  # unsupported-per-replica
```

## Use instead
```yaml
services:
  api:
    image: api:1
    pre_start:
      - command: [migrate]
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("pre_start",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each entry that is to run for each replica."""
    for service in facts.services.values():
        for number, hook in enumerate(service.pre_start, 1):
            if hook.per_replica:
                yield Finding(
                    hook.place("per_replica"),
                    f"step {number} of 'pre_start' of service '{service.name}' is to run for each "
                    "replica, which docker compose does not support",
                    remedy="take 'per_replica' out: the step then runs once before the replicas start",
                    service=service.name,
                )
