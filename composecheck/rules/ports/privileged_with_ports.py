"""A container that can do anything on the machine is open to the network.

## What it does
Reports a service that publishes ports and is privileged, or is in the machine's own PID, IPC or user
namespace. A port that is published on a loopback address is open to nobody else.

## Why is this bad?
Who breaks into the service through its port has the machine.

## Example
```yaml
services:
  agent:
    image: agent:1
    privileged: true  # privileged-with-ports
    ports:
      - "9000:9000"
```

## Use instead
```yaml
services:
  agent:
    image: agent:1
    cap_add:
      - NET_ADMIN
    ports:
      - "9000:9000"
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

# It works, and does what it says.
RULE = Rule(("note",), needs=("privileged", "pid", "ipc", "userns_mode", "uts", "cgroup"), since="0.1")
_NAMESPACES = ("pid", "ipc", "userns_mode", "uts", "cgroup")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service that has the whole machine, and can be reached from other machines."""
    for service in facts.services.values():
        open_ports = [port for port in service.ports if not is_loopback(port.host_ip or "")]
        if not open_ports:
            continue
        key = "privileged" if service.privileged else _namespace(service)
        if key is not None:
            host = f"is in the machine's own namespace ('{key}: host')"
            what = "is privileged" if service.privileged else host
            yield Finding(
                service.key_place(key),
                f"service '{service.name}' {what}, and publishes port {open_ports[0].target}",
                remedy="give it only the capabilities that it needs, or publish on 127.0.0.1",
                service=service.name,
                related=(Related(open_ports[0].place(), "published here"),),
            )


def _namespace(service: Service) -> str | None:
    """Return the key by which a service is in a namespace of the machine, None for no such key."""
    return next((key for key in _NAMESPACES if getattr(service, key) == "host"), None)
