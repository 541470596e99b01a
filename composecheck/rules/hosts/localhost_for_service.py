"""A service is told to connect to localhost, where another service is meant.

## What it does
Reports `localhost`, `127.0.0.1` or `::1` in the environment or the command of a service that does
not listen on that port itself, while another service does. It is a warning where no browser can be
the one who follows the URL: databases, caches, brokers and the like; for `http` it is a note. URLs
that are for a browser by the variable's name (`NEXT_PUBLIC_...`, `CORS_ORIGIN`) are left alone, and
so are services in the host's network.

## Why is this bad?
In a container localhost is the container itself: the connection is refused.

## Example
```yaml
services:
  api:
    image: api:1
    restart: always
    environment:
      REDIS_URL: redis://localhost:6379/0  # localhost-for-service
  cache:
    image: redis:7
```

## Use instead
```yaml
services:
  api:
    image: api:1
    restart: always
    environment:
      REDIS_URL: redis://cache:6379/0
  cache:
    image: redis:7
```
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from composecheck.facts.ports import exposed, listens, mentions, published
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.findings.diagnostic import Severity
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

RULE = Rule(("warning", "note"), needs=("loopback host",), since="0.1")

# Kinds of services that no browser talks to.
_DATA = frozenset(("broker", "cache", "database", "search"))
# Schemes that do not say what is spoken.
_ANYTHING = frozenset(("tcp", "udp", "tls", "grpc", "grpcs"))
# Of a longer range in `expose` these are enough.
_MOST_PORTS = 100
_LISTENS = re.compile(r"port|listen|bind|addr|server_?name", re.IGNORECASE).search
_IS_TOLD = re.compile(r"(?!.*advertis).*listeners?|port", re.IGNORECASE).fullmatch
_COMMON = frozenset((80, 443, 3000, 4000, 5000, 8000, 8080, 8081, 8443, 8888, 9000, 9090))
_GENERIC = {"db": "database", "database": "database", "cache": "cache", "broker": "broker"}


class _Others:
    """Who listens on which port, and is published on which."""

    def __init__(self, facts: Facts) -> None:
        self.at: dict[int, dict[str, Service]] = {}
        self.families: dict[str, Family] = {}
        for service in facts.services.values():
            ports = {each.target for each in service.ports if each.protocol == "tcp"}
            ports |= published(service)
            family = facts.images.family(service)
            if family is not None:
                self.families[service.name] = family
                ports.update(family.ports)
            for entry in exposed(service):
                ports.update((entry.ports or ())[:_MOST_PORTS])
            for port in ports:
                self.at.setdefault(port, {})[service.name] = service

    def told(self, facts: Facts, port: int) -> dict[str, Service]:
        """Return the services whose environment tells them to listen on a port."""
        return {
            service.name: service
            for service in facts.services.values()
            if mentions((value for key, value in service.environment.items() if _IS_TOLD(key)), port)
        }


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each loopback address at which only another service could answer."""
    others = _Others(facts)
    own = {id(reference.node) for reference in facts.wiring.local}
    told: set[object] = set()
    for reference in facts.wiring.local:
        owner = facts.networks.owner(reference.service)
        if (
            owner is None
            or (owner.network_mode and owner.network_mode not in ("none", "bridge", "default"))
            or reference.outward
            or reference.key in told
        ):
            continue
        target = _meant(facts, others, reference, own)
        if target is None or (reference.of_env_file and reference.service.name in others.families):
            continue  # a database that is given the file of all services connects to nobody
        severity = _severity(others, reference, target)
        told.add(reference.key)
        yield _finding(reference, target, severity, _port_of(others, target, reference))


def _meant(facts: Facts, others: _Others, reference: Reference, own: set[int]) -> Service | None:
    """Return the service that a loopback address seems to mean: one that is not in the same namespace."""
    service, port = reference.service, reference.reached
    group = facts.networks.beside(service)
    inside = {each.name for each in group}
    if port is None:
        found = {name: facts.services[name] for name in _by_name(others, reference)}
        if any(name in found for name in inside):
            return None
    else:
        if any(_listens(facts, each, port, reference, own) for each in group):
            return None
        found = others.at.get(port) or (others.told(facts, port) if _is_spoken(reference) else {})
    candidates = [
        each
        for name, each in found.items()
        if name not in inside and facts.together(service, each) and not _same_image(service, each)
    ]
    return candidates[0] if candidates else None


def _by_name(others: _Others, reference: Reference) -> Iterator[str]:
    """Yield the services that a variable is named after: REDIS_HOST, DB_HOST."""
    if reference.form != "name":
        return
    words = re.split(r"[_.\-]+", reference.name.lower())[:-1]
    for name, family in others.families.items():
        if family.kind in _DATA and any(
            word == family.name or _GENERIC.get(word) == family.kind for word in words
        ):
            yield name


def _listens(facts: Facts, service: Service, port: int, reference: Reference, own: set[int]) -> bool:
    """Return whether a service may itself listen on a port, by anything that is known of it."""
    if listens(service, port):
        return True
    if port in facts.images.ports(service):
        return True
    environment = service.node.get("environment")
    nodes = [
        node
        for key, node in (environment.mapping if environment is not None else {}).items()
        if _LISTENS(key)
    ]
    for key in ("entrypoint", "command"):
        words = service.node.get(key)
        nodes += words.items if words is not None else ()
    nodes = [node for node in nodes if id(node) not in own and node is not reference.port_node]
    return mentions((str(node.value) for node in nodes), port)


def _same_image(one: Service, other: Service) -> bool:
    """Return whether two services run the same thing, so that what one listens on the other may, too."""
    if one.build is not None and other.build is not None:
        return one.build.context == other.build.context and one.build.dockerfile == other.build.dockerfile
    return one.image is not None and one.image == other.image


def _severity(others: _Others, reference: Reference, target: Service) -> Severity:
    family = others.families.get(target.name)
    if family is not None and family.kind in _DATA and _is_main(family, reference):
        return "warning"
    return "warning" if _is_spoken(reference) else "note"


def _is_main(family: Family, reference: Reference) -> bool:
    """Return whether a port is that by which one knows the software, and no such as everybody takes."""
    port = reference.reached
    if reference.web and reference.perhaps_outward:
        return False
    return port is None or (port == family.ports[0] and port not in _COMMON)


def _is_spoken(reference: Reference) -> bool:
    """Return whether a scheme says what is spoken there, which is nothing that a browser speaks."""
    return reference.scheme is not None and not reference.web and reference.scheme not in _ANYTHING


def _port_of(others: _Others, target: Service, reference: Reference) -> int | None:
    """Return the port at which the meant service is reached from another."""
    port = reference.reached
    for each in target.ports:
        if port is not None and each.target == port:
            return port
    for each in target.ports:
        if each.published is not None and each.published[0] == port:
            return each.target
    family = others.families.get(target.name)
    return port if port is not None else family.ports[0] if family is not None and family.ports else None


def _finding(reference: Reference, target: Service, severity: Severity, port: int | None) -> Finding:
    service = reference.service
    address = f"{target.name}:{port}" if port is not None and reference.form != "name" else target.name
    mend = f"use '{address}'"
    if target.network_mode == "host":
        mend = (
            "use 'host.docker.internal', with 'host.docker.internal:host-gateway' in the 'extra_hosts' of"
            f" '{service.name}'"
        )
    return Finding(
        reference.place,
        f"service '{service.name}' is told to connect to '{reference.address}' by {reference.where}, which is"
        f" its own container; '{target.name}' seems to be meant",
        remedy=mend,
        service=service.name,
        related=(Related(target.node.place, f"'{target.name}' listens there"),),
        severity=severity,
        confidence="possible" if severity == "note" else "likely",
    )
