"""A service waits for another that it cannot reach: they share no network.

## What it does
Reports an entry of `depends_on` between services that are in no network together. A service
without `networks` is in `default` only; one with `networks` is not in `default` unless it says so.
Waiting for a job to end needs no network, and services in the host's network are not judged. Where
nothing in the dependent names the other, the entry may be there for the order: it is a note, and
nothing where the dependent waits for the other's health, or where its image is made from the other's.

## Why is this bad?
Names are only known, and packets only pass, within a network: the dependent gets "no such host".

## Example
```yaml
services:
  api:
    image: api:1
    restart: on-failure
    networks: [frontend]
    depends_on:
      - db  # no-shared-network
  db:
    image: postgres:16
    networks: [backend]
networks:
  frontend:
  backend:
```

## Use instead
```yaml
services:
  api:
    image: api:1
    restart: on-failure
    networks: [frontend, backend]
    depends_on:
      - db
  db:
    image: postgres:16
    networks: [backend]
networks:
  frontend:
  backend:
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Edge, Facts
    from composecheck.findings.diagnostic import Confidence

RULE = Rule(("warning", "note"), needs=("networks of its own",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each edge whose two ends share no network."""
    for edge in facts.edges:
        if edge.waits_for_completion:
            continue
        ours, theirs = facts.networks.around(edge.service), facts.networks.around(edge.target)
        if not (ours and theirs) or ours.keys() & theirs.keys():
            continue
        confidence = _confidence(facts, edge)
        if confidence is not None:
            finding = _finding(edge, list(ours.values()), list(theirs.values()))
            yield finding._replace(confidence=confidence)


def _confidence(facts: Facts, edge: Edge) -> Confidence | None:
    """Return how sure it is that the one means to reach the other; None where it only waits for it.

    Nor does it where the entry orders the builds.
    """
    if edge.service.build is not None:
        from composecheck.facts.builds import built_from

        if built_from(facts, edge.service, edge.target) is not None:
            return None
    if facts.connections.naming(edge.service, edge.target) not in ("nothing", "unread"):
        return "certain"
    from composecheck.facts.risks import risk

    confidence = risk(facts, edge).confidence
    return None if confidence == "possible" and edge.waits_for_health else confidence


def _finding(edge: Edge, ours: list[str], theirs: list[str]) -> Finding:
    from composecheck.text.spelling import listed

    dependent, target = edge.service, edge.target
    implied = not dependent.says("networks") and not dependent.network_mode
    return Finding(
        edge.dependency.key_place(),
        f"service '{dependent.name}' cannot reach '{target.name}', which it depends on: "
        f"it is in {listed(ours)}, and '{target.name}' in {listed(theirs)}",
        remedy=f"add '{theirs[0]}' to the 'networks' of '{dependent.name}'"
        + (" (and 'default', which it is in now)" if implied else ""),
        service=dependent.name,
        related=(Related(target.key_place("networks"), f"the networks of '{target.name}'"),),
    )
