"""A service runs more often than the ports of this machine that it publishes have room for.

## What it does
Reports a published port of a service that runs several times, and a range with fewer ports than its
containers need once those are taken that other services publish. Several ranges that overlap are held
against each other. Services whose profiles exclude each other do not count, and for one that the active
profiles leave out it is a warning.

## Why is this bad?
Every container needs a port of its own: the first ones get theirs, the next one fails ("port is already
allocated"), and the stack is left half started. docker compose does not see it beforehand.

## Example
```yaml
services:
  worker:
    image: worker:1
    scale: 3
    ports:
      - "9000:9000"  # too-few-host-ports
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    scale: 3
    ports:
      - "9000-9002:9000"
```

## Example
```yaml
services:
  worker:
    image: worker:1
    scale: 3
    ports:
      - "9000-9002:9000"  # too-few-host-ports
  api:
    image: api:1
    ports:
      - "9001:80"
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    scale: 3
    ports:
      - "9000-9002:9000"
  api:
    image: api:1
    ports:
      - "9003:80"
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.host_ports import Claim

RULE = Rule(("error",), needs=("range of ports", "several replicas"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each entry of `ports` with fewer ports than its service has containers."""
    for claim, room, others in facts.host_ports.short:
        yield _replicas(claim, room) if others is None else _overlapping(claim, others)


def _replicas(claim: Claim, room: int) -> Finding:
    service = claim.service
    last = claim.first + service.replicas - 1
    return Finding(
        claim.place,
        f"service '{service.name}' runs {service.replicas} times, but port {claim.number} "
        f"has room for {room}",
        remedy=f"publish a range, '{claim.first}-{last}:{claim.target}', "
        f"or only '{claim.target}' and let the engine choose",
        service=service.name,
        related=(Related(service.place(*service.replicas_path), f"{service.replicas} containers"),),
    )


def _overlapping(claim: Claim, others: tuple[Claim, ...]) -> Finding:
    names = "', '".join(dict.fromkeys(other.service.name for other in others))
    return Finding(
        claim.place,
        f"service '{claim.service.name}' finds too few ports free in {claim.number}, "
        + (f"which overlaps with ranges of '{names}'" if names else "of which others have ranges"),
        remedy="publish a wider range, or one of its own",
        service=claim.service.name,
        related=tuple(Related(other.place, f"'{other.service.name}' has ports of it") for other in others),
    )
