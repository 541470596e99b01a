"""A job that ends is waited for by nobody, and `up --wait` takes its end for a failure.

## What it does
Reports a service that does one thing and ends, such as a migration, on which no other depends. Only what
surely ends is taken for a job, by its command or by what is known of its image; a service with profiles is
run by hand, and not reported. It is a note where what the job works on is used by nobody but software that
is known to ask for it later.

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
    from composecheck.model.project import Service

RULE = Rule(("warning", "note"), needs=("command", "entrypoint", "image"), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each job without a dependent, in a project that has more than jobs."""
    awaited = {name for service in facts.services.values() for name in service.depends_on}
    services = facts.project.services.values()
    jobs = [
        service
        for service in services
        if service.name not in awaited and not service.profiles and service.replicas and facts.is_job(service)
    ]
    if not jobs or len(jobs) == len(services):
        return
    users = _users(facts, {service.name for service in jobs})
    for service in jobs:
        needed = _is_needed(facts, service, users)
        yield Finding(
            service.key_place(),
            f"service '{service.name}' is a job that ends, and no service waits for its end: "
            "'up --wait' fails",
            remedy="let who needs it depend on it with 'condition: service_completed_successfully'"
            + ("" if needed else "; where nobody does, give it a profile and run it by hand"),
            service=service.name,
            confidence="likely" if needed else "possible",
        )


def _users(facts: Facts, jobs: set[str]) -> dict[object, list[Service]]:
    """Return by what jobs may prepare the services that work with it."""
    from composecheck.facts.sharing import program

    users: dict[object, list[Service]] = {}
    for service in facts.services.values():
        if service.name not in jobs:
            for thing in {program(service), *_mounted(service), *_used(facts, service)}:
                users.setdefault(thing, []).append(service)
    return users


def _is_needed(facts: Facts, job: Service, users: dict[object, list[Service]]) -> bool:
    """Return whether a service seems to need what a job makes.

    So does one of the job's own program, or with one of its volumes, and one of the user's own that works
    with what the job works on. Where nobody does, or nothing tells, who needs it is elsewhere.
    """
    from composecheck.facts.sharing import program

    if program(job) in users or any(mounted in users for mounted in _mounted(job)):
        return True
    others = [service for used in _used(facts, job) for service in users.get(used, ())]
    return not others or any(facts.images.likely(service) is None for service in others)


def _mounted(service: Service) -> Iterator[object]:
    return (("mount", mount.source) for mount in service.mounts if mount.source)


def _used(facts: Facts, service: Service) -> Iterator[object]:
    for name in (*service.depends_on, *facts.wiring.targets_of(service)):
        yield "service", name
