"""A service sets for its network what its network mode does not let it set.

## What it does
Reports `hostname`, `dns`, `extra_hosts` and `links` of a service in the network namespace of another
one (`service:` and `container:`), and `links` and `sysctls` of the network (`net.*`) of one in the
host's. `mac_address` is a warning: engines before 25 refuse it, later ones drop it.

## Why is this bad?
These are a namespace's own, and its owner's to set. `docker compose config` takes the file; the
engine refuses the container with "conflicting options", when others run already.

## Example
```yaml
services:
  vpn:
    image: vpn:1
  client:
    image: client:1
    network_mode: service:vpn
    hostname: client  # network-mode-conflict
    dns: 192.0.2.53  # network-mode-conflict
```

## Use instead
```yaml
services:
  vpn:
    image: vpn:1
    hostname: client
    dns: 192.0.2.53
  client:
    image: client:1
    network_mode: service:vpn
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
    from composecheck.text.source import Span

RULE = Rule(("error", "warning"), needs=("network_mode",), since="0.1")
# Measured on engines 20.10 and 28: what is not here, such as dns_search, is dropped or kept.
_IN_SHARED = ("hostname", "dns", "extra_hosts", "links", "mac_address")
_IN_HOST = ("links", "mac_address", "sysctls")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each key that the network mode beside it rules out."""
    for service in facts.services.values():
        mode = service.network_mode or ""
        for key in _IN_SHARED if shares_network(service) else _IN_HOST if mode == "host" else ():
            place = _place(service, key)
            if place is not None:
                yield _finding(service, mode, key, place)


def _place(service: Service, key: str) -> Span | None:
    """Return the place of what the engine refuses: the first entry of a key, or a sysctl of the network."""
    if key == "sysctls":
        names = (name for name in service.sysctls if name.startswith("net."))
        name = next(names, None)
        return service.place(key, name) if name is not None else None
    value = getattr(service, key)
    if not value:
        return None
    return service.place(key, next(iter(value)) if isinstance(value, dict) else 0)


def _finding(service: Service, mode: str, key: str, place: Span) -> Finding:
    kind, _, owner = mode.partition(":")
    where = f"the network namespace of {kind} '{owner}'" if owner else "the host's network"
    what = "a sysctl of the network" if key == "sysctls" else f"'{key}'"
    return Finding(
        place,
        f"service '{service.name}' is in {where} and cannot set {what}",
        remedy=f"move it to '{owner}'" if kind == "service" and key != "links" else "take it out",
        service=service.name,
        related=(Related(service.place("network_mode"), "the network mode"),),
        severity="warning" if key == "mac_address" else "error",
    )
