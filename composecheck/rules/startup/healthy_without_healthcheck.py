"""A service waits for the health of one that has no healthcheck, or a disabled one.

## What it does
Reports `condition: service_healthy` on a service of which it is certain that it has no
healthcheck: it is disabled in the file, or the Dockerfile that it is built from has none and
begins with nothing. A healthcheck in a Dockerfile counts, also one of an earlier stage that the
built one goes back to. Where only an image could tell, it is a note. Of what ends by itself, as a
client that fills a database does, it tells to wait for its end.

## Why is this bad?
docker compose creates and starts the containers, and only then gives up: "has no healthcheck
configured". The dependent is never started.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      db:
        condition: service_healthy  # healthy-without-healthcheck
  db:
    image: postgres:16
    healthcheck:
      disable: true
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
```

## Example
```yaml
services:
  web:
    image: web:1
    depends_on:
      api:
        condition: service_healthy  # healthy-without-healthcheck
  api:
    build: api
```

```dockerfile api/Dockerfile
FROM golang:1 AS build
RUN go build -o /api .
HEALTHCHECK CMD ["/api", "ping"]

FROM scratch
COPY --from=build /api /api
CMD ["/api"]
```

## Use instead
The healthcheck of another stage goes no further than that stage.
```yaml
services:
  web:
    image: web:1
    depends_on:
      api:
        condition: service_healthy
  api:
    build: api
```

```dockerfile api/Dockerfile
FROM golang:1 AS build
RUN go build -o /api .

FROM scratch
COPY --from=build /api /api
HEALTHCHECK CMD ["/api", "ping"]
CMD ["/api"]
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Edge, Facts

RULE = Rule(("error", "note"), needs=("service_healthy",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each edge whose health condition can never hold, and those that an image decides."""
    for edge in facts.edges:
        if edge.waits_for_health and edge.guard.verdict in ("broken", "unknown"):
            yield _finding(facts, edge, certain=edge.guard.is_broken)


def _finding(facts: Facts, edge: Edge, *, certain: bool) -> Finding:
    dependent, target, why = edge.service, edge.target, edge.guard
    if facts.ends(target):
        from composecheck.remedies import waiting

        advice = waiting.for_end(facts, dependent, target, edge.dependency)
        return Finding(
            edge.dependency.condition_place,
            f"service '{dependent.name}' waits until '{target.name}' is healthy, but {why.reason}, and ends",
            remedy=advice.text,
            service=dependent.name,
            related=(Related(why.span, why.reason), *advice.related) if certain else advice.related,
            fix=advice.fix,
            confidence="certain" if certain else "possible",
        )
    from composecheck import remedies
    from composecheck.remedies import edits

    disabled = target.healthcheck is not None and target.healthcheck.disabled
    offered = remedies.offer(facts, target)
    mend = remedies.given(target, offered, verb="enable it, or give it a test" if disabled else "give it one")
    if not certain:
        mend = f"unless the image brings one, {mend}"
    if offered.probing is not None:
        mend += f":\n{remedies.indented(remedies.healthcheck(target, offered.probing))}"
    return Finding(
        edge.dependency.condition_place,
        f"service '{dependent.name}' waits until '{target.name}' is healthy, but {why.reason}",
        remedy=mend,
        service=dependent.name,
        related=(Related(why.span, why.reason),) if certain else (),
        fix=None
        if offered.probing is None or not offered.certain or target.healthcheck is not None
        else edits.add_healthcheck(target, offered.probing),
        confidence="certain" if certain else "possible",
    )
