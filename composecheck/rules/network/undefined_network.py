"""A service joins a network that is not defined.

## What it does
Reports a name in a service's `networks` that does not stand under the top-level `networks`.
`default` is there wherever a service without `network_mode` or `provider` is in it. A name that begins
with `x-` is none: Compose passes over it as an extension, there and in `networks` of the service.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  web:
    image: nginx:1
    networks:
      - frontend
      - backnd  # undefined-network
networks:
  frontend:
  backend:
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks:
      - frontend
      - backend
networks:
  frontend:
  backend:
```
"""

from __future__ import annotations

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(
    ("error",),
    needs=("networks of its own",),
    refused=True,
    whole=True,
    on_values=True,
    lacks="definition",
    since="0.1",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each network of a service that is not defined."""
    networks = facts.defined("networks")
    for service in facts.services.values():
        for key, attachment in service.networks.items():
            if key.startswith("x-"):
                yield Finding(
                    attachment.key_place(),
                    f"service '{service.name}' joins the network '{key}', which Compose takes for an "
                    "extension: of 'networks' it passes over whatever begins with 'x-'",
                    remedy="give the network another name",
                    service=service.name,
                )
            elif key not in networks:
                from composecheck.remedies.edits.names import respell

                yield Finding(
                    attachment.key_place(),
                    f"service '{service.name}' joins the network '{key}', which is not defined",
                    remedy=facts.did_you_mean(key, "networks", but=service.networks)
                    or _of_others(facts, service) + f"add '{key}:' to the top-level 'networks'",
                    service=service.name,
                    fix=respell(
                        attachment.key_place(),
                        key,
                        partial(facts.slip_of, key, "networks"),
                        ("services", service.name, "networks"),
                    ),
                )


def _of_others(facts: Facts, service: Service) -> str:
    """Return advice to join the one network that is defined, where another service is in it; or ""."""
    defined = [name for name in facts.defined("networks") if name != "default"]
    if len(defined) != 1 or defined[0] in service.networks:
        return ""
    if all(defined[0] not in other.networks for other in facts.services.values()):
        return ""
    return f"write '{defined[0]}', in which the others are; or, where it is to be apart from them, "
