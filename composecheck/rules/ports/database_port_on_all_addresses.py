"""A database, cache, search engine or broker is published on every address of the machine.

## What it does
Reports a published port of a service whose image is known to be a data store or a broker, where no
host address is given. An address that is written, be it `0.0.0.0`, says what is meant.

## Why is this bad?
The port is then open to everybody who can reach the machine, past the host's own firewall: Docker's
rules come before those of ufw and firewalld. Who wants a client on the same machine to reach the
service needs the loopback address only, and the other services of the project need no published port.

## Example
```yaml
services:
  cache:
    image: redis:7
    volumes: [data:/data]
    ports:
      - "6379:6379"  # database-port-on-all-addresses
volumes: {data: {}}
```

## Use instead
```yaml
services:
  cache:
    image: redis:7
    volumes: [data:/data]
    ports:
      - "127.0.0.1:6379:6379"
volumes: {data: {}}
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("ports",), confidence="likely", since="0.1")

_KINDS = ("database", "cache", "search", "broker")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each entry of `ports` that gives no address, of a service that holds data."""
    for service in facts.services.values():
        open_ports = [port for port in service.ports if not port.host_ip]
        if not open_ports or service.network_mode == "host":
            continue
        family = facts.images.store(service)
        if family is None or family.kind not in _KINDS:
            continue
        from composecheck.remedies import edits

        # A range is several ports, and one entry.
        for place, port in {port.place(): port for port in reversed(open_ports)}.items():
            yield Finding(
                place,
                f"service '{service.name}' ({family.name}) publishes port {port.target}"
                " on all addresses of this machine",
                remedy=f"give the address as well, '{edits.LOOPBACK}' where only this machine needs it, or"
                " publish nothing where only other services do",
                service=service.name,
                confidence="likely" if family.certain else "possible",
                fix=edits.publish_on_loopback(service, port),
            )
