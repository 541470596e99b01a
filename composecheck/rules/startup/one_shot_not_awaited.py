"""A job that ends is waited for by nobody, and `up --wait` takes its end for a failure.

## What it does
Reports a service that does one thing and ends, such as a migration, on which no other depends. Only what
surely ends is taken for a job, by its command or by what is known of its image; a service with profiles is
run by hand, and not reported.

## Why is this bad?
`docker compose up --wait` waits until every service runs or is healthy; that a job has ended well is only
enough where a service waits for it with `service_completed_successfully`. Else the command fails with
"exited (0)", depending on how fast the job is. And whoever needs what the job makes starts too early.

## Example
```yaml
services:
  migrate:  # one-shot-not-awaited
    image: api:1
    command: alembic upgrade head
  api:
    image: api:1
```

## Use instead
```yaml
services:
  migrate:
    image: api:1
    command: alembic upgrade head
  api:
    image: api:1
    depends_on:
      migrate:
        condition: service_completed_successfully
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning",), needs=("command", "entrypoint", "image"), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each job without a dependent, in a project that has more than jobs."""
    awaited = {name for service in facts.services.values() for name in service.depends_on}
    services = facts.project.services.values()
    jobs = [
        service
        for service in services
        if service.name not in awaited and not service.profiles and service.replicas and facts.is_job(service)
    ]
    if len(jobs) < len(services):
        for service in jobs:
            yield Finding(
                service.key_place(),
                f"service '{service.name}' is a job that ends, and no service waits for its end: "
                "'up --wait' fails",
                remedy="let who needs it depend on it with 'condition: service_completed_successfully'",
                service=service.name,
            )
