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

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import links
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning",), needs=("links",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each link to a service that cannot be reached."""
    for service in facts.services.values():
        ours = facts.networks.around(service) if service.links and not service.network_mode else {}
        for link in links(service) if ours else ():
            target = facts.services.get(link.target)
            theirs = facts.networks.around(target) if target is not None else {}
            if target is not None and theirs and not ours.keys() & theirs.keys():
                yield Finding(
                    link.place,
                    f"service '{service.name}' links to '{target.name}', but is in "
                    f"{listed(ours.values())}, and '{target.name}' in {listed(theirs.values())}",
                    remedy=f"add {listed(list(theirs.values())[:1])} to the 'networks' of '{service.name}'",
                    service=service.name,
                    related=(Related(target.key_place("networks"), f"the networks of '{target.name}'"),),
                )
