"""A service links to another with which it shares no network.

## What it does
Reports an entry of `links` whose service is in none of the networks that this one is in.

## Why is this bad?
A link is another name in a shared network. Without one docker compose says nothing, and the name is
not known: "no such host".

## Example
```yaml
services:
  web:
    image: web:1
    networks: [front]
    links:
      - "api:backend"  # link-without-shared-network
  api:
    image: api:1
    networks: [back]
networks:
  front:
  back:
```

## Use instead
```yaml
services:
  web:
    image: web:1
    networks: [front, back]
  api:
    image: api:1
    networks: [back]
networks:
  front:
  back:
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Project, Service

RULE = Rule(("warning",), needs=("links",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each link to a service that cannot be reached."""
    project = facts.project
    for service in facts.services.values():
        links = service.node.get("links")
        ours = _networks(project, service) if links is not None else {}
        for link in links.items if links is not None and ours else ():
            target = facts.services.get(str(link.value).partition(":")[0])
            theirs = _networks(project, target) if target is not None else {}
            if target is not None and theirs and not ours.keys() & theirs.keys():
                yield Finding(
                    link.span,
                    f"service '{service.name}' links to '{target.name}', but is in "
                    f"{listed(ours.values())}, and '{target.name}' in {listed(theirs.values())}",
                    remedy=f"add {listed(list(theirs.values())[:1])} to the 'networks' of '{service.name}'",
                    service=service.name,
                    related=(
                        Related(
                            (target.node.get("networks") or target.node).place,
                            f"the networks of '{target.name}'",
                        ),
                    ),
                )


def _networks(project: Project, service: Service) -> dict[str, str]:
    """Return the networks that a service is in, by the engine's names; none where a mode rules them out."""
    if service.network_mode:
        return {}
    return {
        project.networks[key].name if key in project.networks else key: key
        for key in service.networks or ("default",)
    }
