"""A secret or config comes from where only a swarm could take it.

## What it does
Reports a top-level secret or config that an active service uses and that is `external`, or has a
`driver` or `template_driver`.

## Why is this bad?
`docker compose config` takes it. `up` refuses to create the container: what the engine keeps itself
is only given to the services of a swarm (`docker stack deploy`).

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    external: true  # unsupported-content
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    environment: DB_PASSWORD
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.node import Node

RULE = Rule(("error",), needs=("top-level secrets", "top-level configs"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each secret and config that Compose cannot give to its services, once."""
    seen = set()
    for service in facts.project.services.values():
        for section in ("secrets", "configs"):
            used = service.node.get(section)
            for use in used.items if used is not None else ():
                source = use.get("source")
                key = str(source.value) if source is not None else ""
                node = facts.project.node.get(section, key)
                found = _unsupported(node) if node is not None and (section, key) not in seen else None
                seen.add((section, key))
                if found is not None:
                    yield _finding(f"{section[:-1]} '{key}'", *found, service, use)


def _unsupported(node: Node) -> tuple[str, Node] | None:
    external = node.get("external")
    if external is not None and external.value is True:
        return "is external", external
    for key in ("driver", "template_driver"):
        value = node.get(key)
        if value is not None and value.value:
            return f"has a '{key}'", value
    return None


def _finding(thing: str, clause: str, node: Node, service: Service, use: Node) -> Finding:
    return Finding(
        node.place,
        f"{thing} {clause}, which docker compose does not support",
        remedy="give it a 'file' or an 'environment'; as it is it needs a swarm",
        service=service.name,
        related=(Related(use.place, f"'{service.name}' uses it"),),
    )
