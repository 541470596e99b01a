"""A service starts without waiting until what it depends on is ready, and does not try again.

## What it does
Reports an entry of `depends_on` that only orders the start, where nothing else makes it safe:
neither a condition (`service_healthy`, `service_completed_successfully`) nor another dependency that
has waited for this one, nor a retry plan of the dependent. Such a plan is an `x-retry` that declares
one, a command or a script of the project that waits for this very dependency (wait-for-it, dockerize,
wait4x, an `until` loop on its host), a restart policy, or what is known of its image: that its
entrypoint waits, that its program asks again or only on demand (`composecheck images IMAGE` shows it).

Who only sits there (`sleep infinity`, a bare shell), or only lives in the other one's network
(`network_mode: service:x`), connects to nobody, and an image that is made from the other's orders the
builds. Of a service that is built here the program is read, as its Dockerfile copies it: one that tries
again, connects on demand or has no client of that kind gets a note with the reason, and of one that asks
once as it starts the line is shown. It is a note where a failure is only possible: nothing in the service
names the other one, be it in its variables, its command, or the files that are mounted or copied into
it; a variable of its own says that it tries again or waits, as `DATABASE_MAX_RETRIES: 5` does; it speaks
HTTP with what holds no data, and so asks on request; it sends mail or metrics there; both are members of one
cluster, or parts of one publisher's product; a migration's command waits for its
database, and this is a cache; it is a proxy, which until then has an error to show; or it is somebody
else's product, of whose start nothing is known. (What is built here is one's own, what a language's image
is given, and an image that is called so: without an owner, by a variable, `example/shop`, `shop/api`.)

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
      retries: 90
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

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Dependency
    from composecheck.text.source import Span

RULE = Rule(("warning", "note"), needs=("service_started",), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each edge that has no guard, but in a circle: a wait there would never end."""
    unguarded = [edge for edge in facts.edges if edge.guard.is_missing]
    if unguarded and facts.cycles:
        circle = {name: group for group in facts.cycles for name in group}
        unguarded = [edge for edge in unguarded if edge.target.name not in circle.get(edge.service.name, ())]
    if not unguarded:
        return
    from composecheck.facts.risks import LIKELY, risk
    from composecheck.remedies import edits, waiting

    jobs = {edge.target.name for edge in facts.edges if edge.waits_for_completion}
    for edge in unguarded:
        dependent, target = edge.service, edge.target
        job = target.name in jobs or facts.ends(target)
        advice = (
            waiting.for_end(facts, dependent, target, edge.dependency, awaited=target.name in jobs)
            if job
            else waiting.for_health(facts, dependent, target, edge.dependency)
        )
        span, lost = _written(edge.dependency)
        lacks = edge.guard.lacks
        found = LIKELY._replace(because=edge.guard.reason) if lacks else LIKELY if job else risk(facts, edge)
        message = f"service '{dependent.name}' starts without waiting until '{target.name}' is ready"
        otherwise = (
            f"or leave it, where '{dependent.name}' gets along until then"
            if found.because
            else f"or, where '{dependent.name}' itself goes on trying, declare it with 'x-retry'"
        )
        remedy = f"{advice.text}\n{otherwise}"
        if lacks:
            # To wait in another way too would only hide that its command goes on asking in vain.
            install = f"install '{lacks}' in the image of '{dependent.name}'"
            remedy = f"{install}; or take that wait out, and {advice.text}"
        fix = None if lacks else advice.fix
        why = found.because or found.shows
        shown = (Related(found.place, found.shows),) if found.place is not None else ()
        yield Finding(
            span,
            f"{message}; {why}" if why and not shown else message,
            remedy=remedy,
            service=dependent.name,
            related=(*lost, *shown, *advice.related),
            fix=fix if found.confidence != "possible" else edits.unsafely(fix, "the start"),
            confidence=found.confidence,
            awaits="" if lacks else advice.awaits,
        )


def _written(dependency: Dependency) -> tuple[Span, tuple[Related, ...]]:
    """Return where the condition that won is written: in an override, or with the dependency."""
    origin = dependency.origin("condition")
    if origin is None or origin.kind != "override":
        return dependency.key_place(), ()
    return dependency.key_place("condition"), (Related(origin.span, "this condition is overridden"),)
