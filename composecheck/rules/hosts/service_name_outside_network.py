"""A service outside the project's networks is told to connect to another by its name.

## What it does
Reports a URL, connection string or host variable with the name of a service, in a service whose
`network_mode` is `host`, `none` or `bridge`. Names from `extra_hosts` and `links` are fine.

## Why is this bad?
The names of services are only known in the networks of the project. In the host's network "db" is
whatever the host takes it for, usually nothing.

## Example
```yaml
services:
  agent:
    image: agent:1
    restart: always
    network_mode: host
    environment:
      DATABASE_URL: postgres://agent@db:5432/agent  # service-name-outside-network
  db:
    image: postgres:16
    ports: ["127.0.0.1:5432:5432"]
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```

## Use instead
```yaml
services:
  agent:
    image: agent:1
    restart: always
    network_mode: host
    environment:
      DATABASE_URL: postgres://agent@localhost:5432/agent
  db:
    image: postgres:16
    ports: ["127.0.0.1:5432:5432"]
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference

RULE = Rule(("error",), needs=("host out of reach",), confidence="likely", since="0.1")

# Where no names of services are known, and what to call it.
_OUTSIDE = {
    "bridge": "is in the engine's own bridge network",
    "default": "is in the engine's own bridge network",
    "host": "is in the host's network",
    "none": "has no network",
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each name of a service that is used where it is not known."""
    for reference in facts.wiring.apart:
        owner = facts.networks.owner(reference.service)
        mode = owner.network_mode if owner is not None else None
        if (
            owner is not None
            and mode in _OUTSIDE
            and not reference.for_browsers
            and facts.sharing.is_used(reference)
            and not any(owner.says(key) for key in ("dns", "dns_search"))
            and all(facts.can_both_be_active(reference.service, target) for target in reference.targets)
        ):
            yield Finding(
                reference.place,
                f"service '{reference.service.name}' {_OUTSIDE[mode]}, where '{reference.host}'"
                f" ({reference.where}) is not known",
                remedy=_remedy(reference, mode),
                service=reference.service.name,
                related=(Related(owner.key_place("network_mode"), f"the network_mode of '{owner.name}'"),),
            )


def _remedy(reference: Reference, mode: str) -> str:
    target = reference.targets[0]
    leave = "take 'network_mode' out, so that it joins the project's networks"
    if mode != "host":
        return leave
    if target.network_mode == "host":
        return f"use 'localhost': '{target.name}' is in the host's network, too"
    for port in target.ports:
        if port.published is not None and port.target == reference.reached:
            return f"use 'localhost:{port.published[0]}', where '{target.name}' is published, or {leave}"
    return f"publish the port of '{target.name}' and use 'localhost', or {leave}"
