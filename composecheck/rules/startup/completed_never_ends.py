"""A service waits for the end of one that is started again whenever it ends.

## What it does
Reports `condition: service_completed_successfully` on a service whose restart policy starts it
again after success: `always`, `unless-stopped`, or `any` in `deploy.restart_policy`.

## Why is this bad?
The job ends, the engine starts it again, and the dependent waits for ever: `up` hangs without a
word, and the job runs over and over.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      migrate:
        condition: service_completed_successfully  # completed-never-ends
  migrate:
    image: migrate:1
    restart: always
```

## Use instead
`on-failure` tries again until it succeeds, and then lets it end.
```yaml
services:
  api:
    image: api:1
    depends_on:
      migrate:
        condition: service_completed_successfully
  migrate:
    image: migrate:1
    restart: on-failure
```
"""

from __future__ import annotations

from composecheck.facts.restart import restart_policy
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("error",), needs=("service_completed_successfully",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each edge whose condition of completion can never hold."""
    for edge in facts.edges:
        if edge.waits_for_completion and edge.guard.is_broken:
            yield Finding(
                edge.dependency.condition_place,
                f"service '{edge.service.name}' waits until '{edge.target.name}' has ended, "
                f"but {edge.guard.reason}",
                remedy=_remedy(facts, edge.target),
                service=edge.service.name,
                related=(Related(edge.guard.span, "this starts it again after success"),),
            )


def _remedy(facts: Facts, target: Service) -> str:
    """Return what mends it, by what is known of the service's command."""
    run = f"give '{target.name}' a healthcheck and wait with 'service_healthy'"
    if not restart_policy(target).after_success:
        return f"'{target.name}' goes on running: {run}"
    end = f"write 'restart: on-failure' in '{target.name}'"
    if facts.ends(target):
        return f"{end}, which ends by itself"
    return f"{end} if it is a job; if it is to go on running, {run}"
