"""A job that ends is waited for by nobody, and who needs what it makes may start too early.

## What it does
Reports a service that does one thing and ends, such as a migration, on which no other depends, and names
who seems to need what it makes: a service that runs the same program, has a folder or volume that the job
writes to, or is your own and works with the database that the job works on. Only what surely ends is taken
for a job, by its command or by what is known of its image; a service with profiles is run by hand, and not
reported. It is a note where nobody here seems to need it: buckets, topics and the like are mostly asked for
later, and what is told is then of matter for `up --wait` alone.

## Why is this bad?
Who needs what the job makes starts at the same time, and is sometimes first. And `docker compose up --wait`
waits until every service runs or is healthy; that a job has ended well is only enough where a service waits
for it with `service_completed_successfully`. Else the command fails with "exited (0)", depending on how fast
the job is.

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

import os

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.disk import is_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Confidence
    from composecheck.model.project import Service

RULE = Rule(("warning", "note"), needs=("command", "entrypoint", "image"), confidence="likely", since="0.1")


_CONDITION = "condition: service_completed_successfully"
_PREPARED = "database"  # what a service asks right away, and not when somebody needs it


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
    users = _users(facts)
    for service in jobs:
        yield _finding(service, next(_needs(facts, service, users), None))


def _finding(job: Service, need: _Need | None) -> Finding:
    message = f"service '{job.name}' is a job that ends, and"
    if need is not None:
        message = f"{message} '{need.user.name}', which {need.how}, does not wait for its end"
        remedy = f"let '{need.user.name}' depend on it with '{_CONDITION}'"
    else:
        message = f"{message} no service waits for its end: 'up --wait' fails"
        remedy = f"let who needs it depend on it with '{_CONDITION}'; where nobody does, give it a profile"
        remedy += " and run it by hand"
    confidence: Confidence = "likely" if need is not None else "possible"
    return Finding(job.key_place(), message, remedy, job.name, confidence=confidence)


class _Need(NamedTuple):
    """A service that seems to need what a job makes, and what says so."""

    user: Service
    how: str


def _users(facts: Facts) -> dict[object, list[Service]]:
    """Return by what jobs may prepare the services that work with it, other jobs not among them."""
    from composecheck.facts.sharing import program

    users: dict[object, list[Service]] = {}
    jobs = {edge.target.name for edge in facts.edges if edge.waits_for_completion}
    for service in facts.project.services.values():
        if service.name not in jobs and not facts.is_job(service):
            for thing in {program(service), *_mounted(facts, service), *_databases(facts, service)}:
                users.setdefault(thing, []).append(service)
    return users


def _needs(facts: Facts, job: Service, users: dict[object, list[Service]]) -> Iterator[_Need]:
    """Yield who seems to need a job; nobody does for whom the job itself waits."""
    from composecheck.facts.sharing import program

    hows = [
        (program(job), "runs the same program"),
        *((thing, f"has the {thing[0]} '{thing[1]}' too") for thing in _mounted(facts, job, to_write=True)),
    ]
    for thing, how in hows:
        yield from (_Need(user, how) for user in users.get(thing, ()) if not facts.starts_after(job, user))
    for thing in _databases(facts, job):
        for user in users.get(thing, ()):
            own = facts.images.likely(user)
            if (own is None or own.kind == "runtime") and not facts.starts_after(job, user):
                yield _Need(user, f"works with '{thing[1]}' too")


def _mounted(facts: Facts, service: Service, *, to_write: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the volumes and the project's folders that a service mounts, or to which it may write."""
    project = facts.project
    for mount in service.mounts:
        source = mount.source
        if not source or (to_write and mount.read_only):
            continue
        if mount.type == "volume":
            yield "volume", source
        elif mount.type == "bind" and is_within(source, project.folder) and not project.disk.is_file(source):
            yield "folder", os.path.relpath(source, project.folder)


def _databases(facts: Facts, service: Service) -> Iterator[tuple[str, str]]:
    """Yield the databases that a service depends on or calls."""
    for name in (*service.depends_on, *facts.wiring.targets_of(service)):
        target = facts.services.get(name)
        family = facts.images.store(target) if target is not None else None
        if family is not None and family.kind == _PREPARED:
            yield "service", name
