"""A service connects to another at the port that is published for the host.

## What it does
Reports a URL, connection string or host variable with the name of a service and a port that its
`ports` publish on the host for another port of the container. It is an error where the image is
known, and a warning where it may listen on that port, too, or where the Compose file publishes the port
by the very variable. Nothing is said where an env file gives that: then it is the host's. A host and a
port of an env file that several programs share are a note.

## Why is this bad?
Between services no port is mapped: the container is reached at the port on which it listens, and
at the published one the connection is refused.

## Example
```yaml
services:
  api:
    image: api:1
    restart: always
    environment:
      DATABASE_URL: postgres://app@db:5433/app  # published-port-between-services
  db:
    image: postgres:16
    ports: ["127.0.0.1:5433:5432"]
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```

## Use instead
```yaml
services:
  api:
    image: api:1
    restart: always
    environment:
      DATABASE_URL: postgres://app@db:5432/app
  db:
    image: postgres:16
    ports: ["127.0.0.1:5433:5432"]
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

from composecheck.facts.commands import written
from composecheck.facts.ports import listens, mentions
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.model.project import Port, Service

RULE = Rule(("error", "warning", "note"), needs=("service's host",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each reference to a port that only the host maps."""
    reported: set[object] = set()
    mapping = {name for name, service in facts.services.items() if any(map(_maps, service.ports))}
    for reference in facts.wiring.used if mapping else ():
        port = reference.port
        if port is None or reference.holders[0].service.name not in mapping or reference.for_browsers:
            continue
        if not facts.sharing.is_used(reference):
            continue
        is_published = facts.wiring.publishes(reference.port_variable or "")
        if is_published and reference.port_of_env_file:
            continue
        entries = [_mapped(facts, target, port) for target in reference.targets]
        key = (reference.key, reference.address)
        mapped = entries[0]
        if mapped is None or None in entries or key in reported:
            continue
        if facts.networks.owner(reference.service) is None or _outside(facts, reference.service):
            continue
        from composecheck.remedies.edits.names import rename

        reported.add(key)
        target = reference.targets[0]
        weak = reference.port_variable is not None and facts.sharing.is_weak(reference)
        certain = facts.images.family(target) is not None and not is_published
        yield Finding(
            reference.port_place,
            f"service '{reference.service.name}' connects to '{reference.address}' by {reference.where}, but"
            f" {port} is only published on the host: '{target.name}' listens on {mapped.target}",
            remedy=f"use '{mapped.target}'"
            if reference.port_variable is not None
            else f"use '{reference.host}:{mapped.target}'",
            service=reference.service.name,
            related=(Related(mapped.key_place(), f"published here for port {mapped.target}"),),
            fix=rename(
                reference.port_place,
                str(port),
                str(mapped.target),
                *_paths(facts, reference),
                unsafe="" if certain and not weak and _is_known(facts, target) else "an address",
            ),
            severity="error" if certain else "warning",
            confidence="possible" if weak else "certain" if certain else "likely",
        )


def _is_known(facts: Facts, target: Service) -> bool:
    """Return whether nothing in a service may have moved the port that its image listens on."""
    from composecheck.facts.answers import answer

    family = facts.images.family(target)
    return family is not None and answer(facts, target, family).certain


def _paths(facts: Facts, reference: Reference) -> Sequence[tuple[str, ...]]:
    """Return where the value that holds the port stands in the model, in all services that share it."""
    from composecheck.remedies.edits.names import paths_of

    path = reference.path if reference.port_variable is None else ("environment", reference.port_variable)
    place = reference.service.place(*path)
    return paths_of(facts.project.node, place) or [("services", reference.service.name, str(path[0]))]


def _maps(port: Port) -> bool:
    return port.published is not None and port.published != (port.target, port.target)


def _mapped(facts: Facts, target: Service, port: int) -> Port | None:
    """Return the entry that maps a port of the host to another one of a service that knows no such port."""
    mapping = (entry for entry in target.ports if entry.published == (port, port) and entry.target != port)
    entry = next(mapping, None)
    if entry is None or entry.protocol != "tcp":
        return None
    for service in facts.networks.beside(target):
        values = (*service.environment.values(), *written(service))
        if listens(facts, service, port) or mentions(values, port):
            return None
    return entry


def _outside(facts: Facts, service: Service) -> bool:
    owner = facts.networks.owner(service)
    return owner is None or bool(owner.network_mode)
