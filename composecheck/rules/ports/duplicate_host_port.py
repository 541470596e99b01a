"""Two services publish the same port of this machine.

## What it does
Reports a port of the host that is published twice: by two services, or by one twice. Ports are the
same if their protocol is and their addresses overlap: no address means all, `0.0.0.0` all of IPv4,
`::` all of IPv6. Services whose profiles exclude each other do not count, and for one that the active
profiles leave out it is a warning.

## Why is this bad?
The second one to start fails: "port is already allocated". Which one that is changes from run to
run, and the stack is left half started. docker compose does not see it beforehand.

## Example
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "8080:80"
  admin:
    image: nginx:1
    ports:
      - target: 80
        published: "8080"  # duplicate-host-port
        host_ip: 127.0.0.1
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    ports:
      - "8080:80"
  admin:
    image: nginx:1
    ports:
      - target: 80
        published: "8081"
        host_ip: 127.0.0.1
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("ports",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each entry of `ports` whose ports another entry publishes too."""
    for first, second, more in facts.host_ports.published:
        holder, service = first.service.name, second.service.name
        ports = "port" if first.first == first.last else "ports"
        others = f" and {more} more" if more else ""
        message = (
            f"service '{holder}' publishes {ports} {second.number}{others} twice"
            if holder == service
            else f"services '{holder}' and '{service}' both publish {ports} {second.number}{others}"
        )
        if first.number != second.number:
            message += f" ('{holder}' as {first.number})"
        yield Finding(
            second.place,
            message,
            remedy=f"publish another port, or only '{second.target}' and let the engine choose one",
            service=service,
            related=(Related(first.place, f"'{holder}' takes it here"),),
        )
