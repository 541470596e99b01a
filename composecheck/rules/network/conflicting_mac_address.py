"""A service has one MAC address of its own and another in its network.

## What it does
Reports a `mac_address` of a service that differs, as a text, from that which it has in its main
network: the one with the highest `priority`, else the first by name.

## Why is this bad?
Both are for the same interface. `docker compose config` takes the file, and `up` fails: "the
service-level mac_address should have the same value as network ...".

## Example
```yaml
services:
  web:
    image: nginx:1
    mac_address: "02:42:ac:11:00:02"  # conflicting-mac-address
    networks:
      front:
        mac_address: "02:42:ac:11:00:03"
networks:
  front:
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks:
      front:
        mac_address: "02:42:ac:11:00:03"
networks:
  front:
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("mac_address",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service whose two addresses differ; case counts, as in docker compose."""
    for service in facts.services.values():
        if not service.mac_address or not service.networks or service.network_mode:
            continue
        key, main = min(service.networks.items(), key=lambda each: (-each[1].priority, each[0]))
        if main.mac_address and main.mac_address != service.mac_address:
            yield Finding(
                service.place("mac_address"),
                f"service '{service.name}' has the MAC address {service.mac_address}, "
                f"but {main.mac_address} in its network '{key}'",
                remedy="keep the one of the network",
                service=service.name,
                related=(Related(main.place("mac_address"), "the other"),),
            )
