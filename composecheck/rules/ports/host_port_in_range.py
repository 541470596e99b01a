"""The engine may give a service the port of this machine that another service needs.

## What it does
Reports a range of published ports that holds a port which another service publishes alone. Services
whose profiles exclude each other do not count.

## Why is this bad?
Of a range the engine takes the first port that is free. Where the service with the range starts first,
that is the other one's port, and the other one fails: "port is already allocated". Whether it does
changes from run to run.

## Example
The engine gives `worker` the first free port of its range, and that is the one that `api` needs.
```yaml
services:
  worker:
    image: worker:1
    ports:
      - "8000-8010:9000"  # host-port-in-range
  api:
    image: api:1
    ports:
      - "8000:8000"
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    ports:
      - "8001-8010:9000"
  api:
    image: api:1
    ports:
      - "8000:8000"
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("warning",), needs=("range of ports",), confidence="likely", since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each range that holds a port which another service needs."""
    for ranged, needed, _ in facts.host_ports.at_risk:
        yield Finding(
            ranged.place,
            f"service '{ranged.service.name}' may get port {needed.number} of its range {ranged.number}, "
            f"which '{needed.service.name}' needs{facts.profile_note(needed.service)}",
            remedy="publish a range without that port: the engine gives the first that is free",
            service=ranged.service.name,
            related=(Related(needed.place, f"'{needed.service.name}' publishes it here"),),
        )
