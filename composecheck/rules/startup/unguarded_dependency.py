"""A service starts without waiting until what it depends on is ready, and does not try again.

## What it does
Reports an entry of `depends_on` that only orders the start, where nothing else makes it safe:
neither a condition (`service_healthy`, `service_completed_successfully`) nor a retry plan of the
dependent, which is an `x-retry` that declares one, a command that waits for this very dependency
(wait-for-it, dockerize, wait4x, an `until` loop on its host), or a restart policy.

## Why is this bad?
A short `depends_on` waits until the dependency's container runs, not until the service in it
answers. A database takes seconds more. Whether the dependent survives that depends on the machine,
the load, and whether the data is there already: it works here and fails in CI.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      - db  # unguarded-dependency
  db:
    image: postgres:16
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
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      interval: 2s
      retries: 30
```

## Example
The loop waits for another service.
```yaml
services:
  api:
    image: api:1
    command: sh -c "until nc -z cache 6379; do sleep 1; done; exec api"
    depends_on:
      - cache
      - db  # unguarded-dependency
  cache:
    image: redis:7
  db:
    image: postgres:16
```

## Use instead
Where `api` itself goes on trying until its database answers, say so.
```yaml
services:
  api:
    image: api:1
    command: sh -c "until nc -z cache 6379; do sleep 1; done; exec api"
    depends_on:
      cache:
        condition: service_started
      db:
        condition: service_started
        x-retry: {attempts: 20, wait: 500ms}
  cache:
    image: redis:7
  db:
    image: postgres:16
```

## Example
The policy restarts the job that fails, but nobody starts its dependent again.
```yaml
services:
  api:
    image: api:1
    restart: "no"
    depends_on: [migrate]  # unguarded-dependency
  migrate:
    image: migrate:1
    restart: on-failure
```

## Use instead
```yaml
services:
  api:
    image: api:1
    restart: "no"
    depends_on:
      migrate: {condition: service_completed_successfully}
  migrate:
    image: migrate:1
    restart: on-failure
```
"""

from __future__ import annotations

from composecheck import remedies
from composecheck.facts.guards import disabled_at
from composecheck.facts.risks import risk
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.remedies import edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from composecheck.facts import Edge, Facts
    from composecheck.findings.diagnostic import Fix
    from composecheck.model.project import Dependency
    from composecheck.text.source import Span

RULE = Rule(("warning", "note"), needs=("service_started",), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each edge that has no guard, but in a circle: a wait there would never end."""
    unguarded = [edge for edge in facts.edges if edge.guard.is_missing]
    if unguarded and facts.cycles:
        circle = {name: group for group in facts.cycles for name in group}
        unguarded = [edge for edge in unguarded if edge.target.name not in circle.get(edge.service.name, ())]
    jobs = {edge.target.name for edge in (facts.edges if unguarded else ()) if edge.waits_for_completion}
    for edge in unguarded:
        dependent, target = edge.service, edge.target
        job = target.name in jobs or facts.is_job(target)
        related, mend = _job(edge) if job else _server(facts, edge)
        span, lost = _written(edge.dependency)
        found = risk(facts, edge)
        message = f"service '{dependent.name}' starts without waiting until '{target.name}' is ready"
        otherwise = (
            f"or leave it, where '{dependent.name}' gets along until then"
            if found.because
            else f"or, where '{dependent.name}' itself goes on trying, declare it with 'x-retry'"
        )
        yield Finding(
            span,
            f"{message}; {found.because}" if found.because else message,
            remedy=f"{mend}\n{otherwise}",
            service=dependent.name,
            related=(*lost, *related),
            fix=None if job else _fix(facts, edge),
            confidence=found.confidence,
        )


def _written(dependency: Dependency) -> tuple[Span, tuple[Related, ...]]:
    """Return where the condition that won is written: in an override, or with the dependency."""
    origin = dependency.origin("condition")
    if origin is None or origin.kind != "override":
        return dependency.key_place(), ()
    return dependency.key_place("condition"), (Related(origin.span, "this condition is overridden"),)


def _job(edge: Edge) -> tuple[tuple[Related, ...], str]:
    """Return the remedy for a dependency that is a job: it ends, or others wait for its end."""
    entry = remedies.condition(edge.service.name, edge.target.name, "service_completed_successfully")
    return (), f"wait until '{edge.target.name}' has done its work:\n{remedies.indented(entry)}"


def _fix(facts: Facts, edge: Edge) -> Callable[[], Fix | None] | None:
    """Return the fix for a dependency that has a healthcheck, or whose image is known to take one."""
    dependent, target = edge.service, edge.target
    healthcheck = facts.images.healthcheck(target)
    if healthcheck is not None and healthcheck != "unknown":
        return None if healthcheck.disabled else edits.wait(dependent, edge.dependency)
    probing = remedies.certain(target, facts.images.family(target))
    if probing is None or target.healthcheck is not None:
        return None
    return edits.both(edits.add_healthcheck(target, probing), edits.wait(dependent, edge.dependency))


def _server(facts: Facts, edge: Edge) -> tuple[tuple[Related, ...], str]:
    dependent, target = edge.service, edge.target
    entry = remedies.condition(dependent.name, target.name, "service_healthy")
    healthcheck = facts.images.healthcheck(target)
    if healthcheck is not None and healthcheck != "unknown" and not healthcheck.disabled:
        span = healthcheck.key_place() if healthcheck.has_place else target.key_place()
        return (
            (Related(span, f"the healthcheck of '{target.name}'"),),
            f"wait for its healthcheck:\n{remedies.indented(entry)}",
        )
    probe = remedies.healthcheck(target, facts.images.likely(target))
    both = f"{remedies.indented(entry)}\n{remedies.indented(probe)}"
    if target.healthcheck is not None and target.healthcheck.disabled:
        span = disabled_at(target, target.healthcheck)
        related = Related(span, f"the healthcheck of '{target.name}' is disabled")
        return (related,), f"enable the healthcheck of '{target.name}', and wait for it:\n{both}"
    related = Related(target.key_place(), f"'{target.name}' has no healthcheck in this file")
    return (related,), f"give '{target.name}' a healthcheck, and wait for it:\n{both}"
