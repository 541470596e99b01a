"""Services depend on each other in a circle.

## What it does
Reports every group of services that all depend on each other, as a whole: each dependency in it,
implied ones too, with its place. A group may hold many circles; all of them have to be cut.

## Why is this bad?
None of them can be started before the others. docker compose refuses the project.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      worker:  # dependency-cycle
        condition: service_started
        x-retry: {}
  worker:
    image: worker:1
    depends_on:
      api:
        condition: service_started
        x-retry: {}
```

## Use instead
```yaml
services:
  api:
    image: api:1
  worker:
    image: worker:1
    depends_on:
      api:
        condition: service_started
        x-retry: {}
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

RULE = Rule(("error",), needs=("depends_on",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each group of services that depend on each other."""
    for group in facts.cycles:
        yield _finding(facts, group)


def _finding(facts: Facts, group: frozenset[str]) -> Finding:
    edges = sorted(
        (
            (name, dependency)
            for name in group
            for dependency in facts.services[name].depends_on.values()
            if dependency.service in group
        ),
        # Services may share the place of an edge, by an anchor.
        key=lambda edge: (edge[1].key_place().source.path, *edge[1].key_place()[1:], edge[0]),
    )
    (name, first), *others = edges
    # One that the profiles leave out makes it a warning: without that there is no circle.
    owner = next((dependent for dependent, _ in edges if dependent in facts.project.disabled), name)
    return Finding(
        first.key_place(),
        _message(group, dict(edges), len(edges)),
        remedy="take out one of these dependencies: the one whose dependent can start without it"
        if len(edges) == len(group)
        else "take out dependencies until no circle is left: those whose dependents can start without them",
        service=owner,
        related=tuple(
            Related(dependency.key_place(), f"'{dependent}' depends on '{dependency.service}'")
            for dependent, dependency in others
        ),
    )


def _message(group: frozenset[str], after: dict[str, Dependency], edges: int) -> str:
    from composecheck.text.spelling import listed

    start = next(iter(after))
    if len(group) == 1:
        return f"service '{start}' depends on itself"
    if edges > len(group):
        return f"services {listed(sorted(group))} depend on each other, in more than one circle"
    # As many edges as services: the group is one circle, and can be walked.
    path = [start]
    while (following := after[path[-1]].service) != start:
        path.append(following)
    return f"services depend on each other in a circle: {' -> '.join([*path, start])}"
