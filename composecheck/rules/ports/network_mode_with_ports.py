"""A service publishes ports, but its network mode leaves it none of its own to publish.

## What it does
Reports `ports` and `expose` of a service in the network namespace of another one (`service:` and
`container:`), which the engine refuses, and, as a warning, `ports` of a service whose `network_mode`
is `host` or `none`, which it drops without a word.

## Why is this bad?
A namespace has the ports of whoever made it. `docker compose config` takes the file, and `up` fails
with "conflicting options: port publishing and the container type network mode". In the host's
network the program listens on the host itself, on its own port: `"8080:80"` publishes no 8080.

## Example
```yaml
services:
  vpn:
    image: vpn:1
  client:
    image: client:1
    network_mode: service:vpn
    ports:
      - "8080:80"  # network-mode-with-ports
  metrics:
    image: metrics:1
    network_mode: host
    ports:
      - "9100:9200"  # network-mode-with-ports
```

## Use instead
Publish the port where the namespace comes from.
```yaml
services:
  vpn:
    image: vpn:1
    ports:
      - "8080:80"
  client:
    image: client:1
    network_mode: service:vpn
  metrics:
    image: metrics:1
    network_mode: host
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import shares_network
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service

RULE = Rule(("error", "warning"), needs=("network_mode",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service with ports that its network mode rules out."""
    for service in facts.services.values():
        mode = service.network_mode or ""
        if shares_network(service):
            yield from _refused(service, mode)
        elif mode in ("host", "none") and service.ports:
            yield _dropped(service, mode)


def _refused(service: Service, mode: str) -> Iterator[Finding]:
    """Yield the first entry of each key that the engine refuses; measured on engines 20.10 and 28."""
    kind, _, owner = mode.partition(":")
    for key, verb in (("ports", "publishes"), ("expose", "exposes")):
        if service.says(key, 0):
            yield Finding(
                service.place(key, 0),
                f"service '{service.name}' {verb} ports, but is in the network namespace of {kind} '{owner}'",
                remedy=f"move them to the '{key}' of '{owner}'" if kind == "service" else f"take '{key}' out",
                service=service.name,
                related=(Related(service.place("network_mode"), "whose ports are its own"),),
            )


def _dropped(service: Service, mode: str) -> Finding:
    why = (
        "listens on the host itself, and its published ports are dropped"
        if mode == "host"
        else "has no network to publish its ports from"
    )
    return Finding(
        service.ports[0].place(),
        f"service '{service.name}' has the network mode '{mode}': it {why}",
        remedy="take out 'ports', or the network mode",
        service=service.name,
        related=(Related(service.place("network_mode"), "the network mode"),),
        severity="warning",
    )
