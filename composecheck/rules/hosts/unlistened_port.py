"""A service connects to a known server at a port on which that does not listen.

## What it does
Reports a URL, connection string or host variable with the name of a database, cache, broker, search engine
or object store whose image is known, and a port that is none of the image's, where nothing in the server's
service moves it: no variable, no option, no configuration that is mounted, no entry of `ports` or `expose`.
Of Kafka it is a port that none of its listeners has. Of other images that are known it is a note.

## Why is this bad?
Nobody listens there, and the connection is refused. Such a port was often right where the server's port was
published under another number, or for another server.

## Example
```yaml
services:
  api:
    image: api:1
    restart: always
    environment:
      DATABASE_URL: postgres://app@db:5433/app  # unlistened-port
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: "${PASSWORD:-example}"}
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
    environment: {POSTGRES_PASSWORD: "${PASSWORD:-example}"}
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.facts.commands import written
from composecheck.facts.ports import listens, mentions
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.knowledge import STORES
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

RULE = Rule(("error", "warning", "note"), needs=("odd port",), since="0.1")

# Which ports these have hangs on plugins that are enabled, or on how many of them there are.
_MANY = ("rabbitmq", "emqx", "artemis", "activemq", "redpanda", "mosquitto", "nats", "pulsar", "couchbase")
# These have what their users give them.
_OTHERS = frozenset(("runtime", "proxy", "job"))
_OF_LISTENERS = (
    *("KAFKA_LISTENERS", "KAFKA_CFG_LISTENERS"),
    *("KAFKA_ADVERTISED_LISTENERS", "KAFKA_CFG_ADVERTISED_LISTENERS"),
)
_PORT = r":(\d{2,5})(?=,|\s|$)"
_MOST_NAMED = 3


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each reference to a port on which nobody listens."""
    reported: set[object] = set()
    for reference in facts.wiring.used:
        port = reference.port
        if port is None or len(reference.targets) != 1 or reference.for_browsers:
            continue
        target, key = reference.targets[0], (reference.key, reference.address)
        family = _silent(facts, target, port) if key not in reported else None
        if family is None or not _is_meant(facts, reference):
            continue
        reported.add(key)
        ports = _listeners(target) or family.ports
        weak = facts.sharing.is_weak(reference)
        yield Finding(
            reference.port_place,
            f"service '{reference.service.name}' connects to '{reference.address}' by {reference.where}, but "
            f"'{target.name}' listens on {listed(map(str, ports[:_MOST_NAMED]))}",
            remedy=f"use port {ports[0]}, or have '{target.name}' listen on {port}",
            service=reference.service.name,
            related=(Related(target.place("image"), "nothing here moves its port"),),
            severity="error" if not reference.of_env_file else "warning",
            confidence="possible" if weak or reference.is_default or family.kind not in STORES else "certain",
        )


def _silent(facts: Facts, target: Service, port: int) -> Family | None:
    """Return the family of a server that surely does not listen on a port, None for any other."""
    family = facts.images.family(target)
    if family is None or not family.certain or not family.ports or family.name in _MANY:
        return None
    if family.kind in _OTHERS or listens(facts, target, port) or target.network_mode is not None:
        return None
    published = [entry.published for entry in target.ports]
    if (port, port) in published:
        return None  # which is told of by another rule
    for service in facts.networks.beside(target):
        if service is not target or mentions((*service.environment.values(), *written(service)), port):
            return None
    listeners = _listeners(target)
    if listeners:
        return family if port not in listeners and not target.says("env_file") else None
    from composecheck.facts.answers import answer

    found = answer(facts, target, family)
    moved = found.port is not None or found.changed or found.may_vary or _may_move(found.doubts)
    return None if moved or target.says("env_file") else family


def _listeners(target: Service) -> tuple[int, ...]:
    """Return the ports of a broker's listeners, by the variables of Kafka's images; none where one varies."""
    values = [target.environment.get(name) or "" for name in _OF_LISTENERS]
    if not any(values) or any("$" in value or "{" in value for value in values):
        return ()
    return tuple(dict.fromkeys(int(number) for value in values for number in re.findall(_PORT, value)))


def _may_move(doubts: tuple[str, ...]) -> bool:
    """Whether a variable or an option that is not known may have to do with ports."""
    return any(
        word in doubt.lower()
        for doubt in doubts
        for word in ("port", "listen", "addr", "conf", "args", "opts")
    )


def _is_meant(facts: Facts, reference: Reference) -> bool:
    """Whether a service surely connects by a reference, and to whom it names."""
    own = facts.networks.owner(reference.service)
    return (
        own is not None
        and not own.network_mode
        and facts.sharing.is_used(reference)
        and not facts.wiring.publishes(reference.port_variable or "")
    )
