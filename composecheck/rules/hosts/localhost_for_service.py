"""A service is told to connect to localhost, where another service is meant.

## What it does
Reports `localhost`, `127.0.0.1`, `::1` and the like in the environment or the command of a service that does
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

from composecheck.facts.ports import COMMON, exposed, listens, mentions, open_ports, published
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from composecheck.facts import Facts
    from composecheck.facts.references import Path, Reference
    from composecheck.findings.diagnostic import Confidence
    from composecheck.knowledge import Family
    from composecheck.model.project import Service
    from composecheck.remedies.edits import Making

    _Paths = Set[tuple[str, Path]]

RULE = Rule(("warning", "note"), needs=("loopback host",), since="0.1")

# Kinds of services that no browser talks to.
_DATA = frozenset(("broker", "cache", "database", "search"))
# Schemes that do not say what is spoken.
_ANYTHING = frozenset(("tcp", "udp", "tls", "grpc", "grpcs"))
# Of a longer range in `expose` these are enough.
_MOST_PORTS = 100
_LISTENS = re.compile(r"port|listen|bind|addr|server_?name", re.IGNORECASE).search
_IS_TOLD = re.compile(r"(?!.*advertis).*listeners?|port", re.IGNORECASE).fullmatch
_GENERIC = {"db": "database", "database": "database", "cache": "cache", "broker": "broker"}


class _Ports:
    """Which services listen on a port or are published on it, and the families of their images."""

    def __init__(self, facts: Facts) -> None:
        self.listeners: dict[int, dict[str, Service]] = {}
        self.families: dict[str, Family] = {}
        for service in facts.services.values():
            ports = {*open_ports(service), *published(service)}
            family = facts.images.family(service)
            if family is not None:
                self.families[service.name] = family
                ports.update(family.ports)
            for entry in exposed(service):
                ports.update((entry.ports or ())[:_MOST_PORTS])
            for port in ports:
                self.listeners.setdefault(port, {})[service.name] = service


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each loopback address at which only another service could answer."""
    ports = _Ports(facts)
    local = {(reference.service.name, reference.path) for reference in facts.wiring.local}
    reported: set[object] = set()
    for reference in facts.wiring.local:
        owner = facts.networks.owner(reference.service)
        if (
            owner is None
            or (owner.network_mode and owner.network_mode not in ("none", "bridge", "default"))
            or reference.outward
            or reference.key in reported
            or not facts.sharing.is_used(reference)
        ):
            continue
        target = _meant(facts, ports, reference, local)
        if target is None or (reference.of_env_file and reference.service.name in ports.families):
            continue  # a database that is given the file of all services connects to nobody
        weak = reference.form == "name" and facts.sharing.is_weak(reference)
        confidence: Confidence = "possible" if weak else _confidence(ports, reference, target)
        reported.add(reference.key)
        found = _finding(reference, target, confidence, _port_of(ports, target, reference))
        yield (
            found
            if confidence == "possible"
            else found._replace(fix=_fix(facts, reference, target, _port_of(ports, target, reference)))
        )


def _meant(facts: Facts, ports: _Ports, reference: Reference, local: _Paths) -> Service | None:
    """Return the service that a loopback address seems to mean: one that is not in the same namespace."""
    user, port = reference.service, reference.reached
    inside = {service.name: service for service in facts.networks.beside(user)}
    if port is None:
        targets = {name: facts.services[name] for name in _by_name(ports, reference)}
        if not targets.keys().isdisjoint(inside):
            return None
    else:
        if any(_listens(facts, service, port, reference, local) for service in inside.values()):
            return None
        targets = ports.listeners.get(port) or (_told(facts, port) if _is_spoken(reference) else {})
    return next(
        (
            target
            for name, target in targets.items()
            if name not in inside and facts.can_both_be_active(user, target) and not _same_image(user, target)
        ),
        None,
    )


def _told(facts: Facts, port: int) -> dict[str, Service]:
    """Return the services whose environment tells them to listen on a port."""
    return {
        service.name: service
        for service in facts.services.values()
        if mentions((value for name, value in service.environment.items() if _IS_TOLD(name)), port)
    }


def _by_name(ports: _Ports, reference: Reference) -> Iterator[str]:
    """Yield the services that a variable is named after: REDIS_HOST, DB_HOST."""
    if reference.form != "name":
        return
    words = re.split(r"[_.\-]+", reference.name.lower())[:-1]
    for name, family in ports.families.items():
        if family.kind in _DATA and any(
            word == family.name or _GENERIC.get(word) == family.kind for word in words
        ):
            yield name


def _listens(facts: Facts, service: Service, port: int, reference: Reference, local: _Paths) -> bool:
    """Return whether a service may itself listen on a port, by anything that is known of it."""
    if listens(facts, service, port):
        return True
    values = (
        value
        for path, value in _listening(service)
        if (service.name, path) not in local and not _is_port(reference, service, path)
    )
    return mentions(values, port)


def _is_port(reference: Reference, service: Service, path: Path) -> bool:
    """Return whether a value is the port of a reference; services that share an anchor share it."""
    variable = ("environment", reference.port_variable)
    return path == variable and service.place(*path) == reference.port_place


def _listening(service: Service) -> Iterator[tuple[Path, str | None]]:
    """Yield what may tell a service where it listens, and the path of each value."""
    for name, value in service.environment.items():
        if _LISTENS(name):
            yield ("environment", name), value
    for key, words in (("entrypoint", service.entrypoint), ("command", service.command)):
        for number, word in enumerate(words or ()):
            yield (key, number), word


def _same_image(user: Service, target: Service) -> bool:
    """Return whether two services run the same thing, so that what one listens on the other may, too."""
    if user.build is not None and target.build is not None:
        return user.build.context == target.build.context and user.build.dockerfile == target.build.dockerfile
    return user.image is not None and user.image == target.image


def _confidence(ports: _Ports, reference: Reference, target: Service) -> Confidence:
    family = ports.families.get(target.name)
    if family is not None and family.kind in _DATA and _is_main(family, reference):
        return "likely"
    return "likely" if _is_spoken(reference) else "possible"


def _is_main(family: Family, reference: Reference) -> bool:
    """Return whether a port is that by which one knows the software, and no such as everybody takes."""
    port = reference.reached
    if reference.web and reference.perhaps_outward:
        return False
    return port is None or (port == family.ports[0] and port not in COMMON)


def _is_spoken(reference: Reference) -> bool:
    """Return whether a scheme says what is spoken there, which is nothing that a browser speaks."""
    return reference.scheme is not None and not reference.web and reference.scheme not in _ANYTHING


def _port_of(ports: _Ports, target: Service, reference: Reference) -> int | None:
    """Return the port at which the meant service is reached from another."""
    port = reference.reached
    for entry in target.ports:
        if port is not None and entry.target == port:
            return port
    for entry in target.ports:
        if entry.published is not None and entry.published[0] == port:
            return entry.target
    family = ports.families.get(target.name)
    return port if port is not None else family.ports[0] if family is not None and family.ports else None


def _fix(facts: Facts, reference: Reference, target: Service, port: int | None) -> Making | None:
    """Return the fix that names the service instead, and its own port where one is written with the host."""
    if target.network_mode == "host" or reference.of_env_file:
        return None
    old, new = reference.host, target.name
    if reference.port is not None and reference.port_variable is None:
        old, new = reference.address, f"{target.name}:{port}"
    elif reference.reached not in (None, port):
        return None  # another variable has the port
    from composecheck.remedies.edits.names import paths_of, rename

    paths = paths_of(facts.project.node, reference.service.place(*reference.path))
    path = ("services", reference.service.name, str(reference.path[0]))
    return rename(reference.place, old, new, *(paths or [path]), unsafe="an address")


def _finding(reference: Reference, target: Service, confidence: Confidence, port: int | None) -> Finding:
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
        related=(Related(target.key_place(), f"'{target.name}' listens there"),),
        confidence=confidence,
    )
