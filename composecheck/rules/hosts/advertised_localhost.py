"""A broker or a replica set sends its clients in other containers to `localhost`.

## What it does
Reports a listener of Kafka or Redpanda that is advertised as `localhost` (or another loopback address)
where another service connects to that very listener, and a member `localhost` in the configuration that
`rs.initiate` gives a replica set of MongoDB which another service uses.

## Why is this bad?
A client asks the address that it is given for the members only, and then goes on to what they are
advertised as. In another container `localhost` is that container itself: the connection is refused, although
the first one worked, and the healthcheck, which runs beside the broker, sees nothing of it.

## Example
```yaml
services:
  kafka:
    image: apache/kafka:3.9.0
    environment:
      KAFKA_LISTENERS: PLAINTEXT://:9092
      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://localhost:9092  # advertised-localhost
  app:
    image: app:1
    restart: always
    environment:
      KAFKA_BOOTSTRAP_SERVERS: kafka:9092
```

## Use instead
A listener for each of the two: containers ask at 9092, programs on the host at 29092.
```yaml
services:
  kafka:
    image: apache/kafka:3.9.0
    ports: ["29092:29092"]
    environment:
      KAFKA_LISTENERS: PLAINTEXT://:9092,HOST://:29092
      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://kafka:9092,HOST://localhost:29092
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: PLAINTEXT:PLAINTEXT,HOST:PLAINTEXT
  app:
    image: app:1
    restart: always
    environment:
      KAFKA_BOOTSTRAP_SERVERS: kafka:9092
```
"""

from __future__ import annotations

import re

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("warning", "note"), needs=("advertised address",), confidence="likely", since="0.1")

_LISTENERS = ("KAFKA_LISTENERS", "KAFKA_CFG_LISTENERS", "--kafka-addr")
_ADVERTISED = ("KAFKA_ADVERTISED_LISTENERS", "KAFKA_CFG_ADVERTISED_LISTENERS", "--advertise-kafka-addr")
_LISTENER = r"(?:([\w.-]+)://)?(\[[^\]]*\]|[^:/,\s]*):(\d+)"
_USUAL_PORT = "9092"
_INITIATE = "rs.initiate"
_MEMBER = r"""(?i)host["']?\s*:\s*\\?["'](localhost|127\.0\.0\.\d+)[:"'\\]"""


class _Told(NamedTuple):
    """What a setting says of the listeners: host and port by their names, and where it stands."""

    listeners: dict[str, tuple[str, int]]
    place: Span


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each address that is sent to other containers and leads them to themselves."""
    users: dict[str, list[Reference]] = {}
    for reference in facts.wiring.used:
        if reference.service.network_mode is None and len(reference.targets) == 1:
            users.setdefault(reference.targets[0].name, []).append(reference)
    for name, references in users.items():
        service = facts.services[name]
        advertised = _told(service, _ADVERTISED) or _told_apart(service)
        if advertised is not None:
            yield from _of_broker(service, advertised, references)
    for service in facts.services.values():
        yield from _of_replica_set(facts, service, users)


def _of_broker(service: Service, advertised: _Told, references: list[Reference]) -> Iterator[Finding]:
    listeners = _told(service, _LISTENERS)
    reported = set()
    for reference in references:
        found = _met(reference.port, listeners, advertised.listeners)
        if found is None or not is_loopback(found[0]) or found in reported:
            continue
        reported.add(found)
        host, port = found
        yield Finding(
            advertised.place,
            f"service '{service.name}' sends whoever asks at '{reference.address}' on to '{host}:{port}', "
            f"which in '{reference.service.name}' is '{reference.service.name}' itself",
            remedy=f"advertise '{reference.host}:{reference.port or port}' there, and another listener, "
            "with a port of its own, to programs on the host",
            service=service.name,
            related=(Related(reference.place, f"'{reference.service.name}' asks here"),),
        )


def _met(
    port: int | None, listeners: _Told | None, advertised: dict[str, tuple[str, int]]
) -> tuple[str, int] | None:
    """Return where a client is sent that asks at a port, None where that cannot be told."""
    if listeners is not None and port is not None:
        names = [name for name, (_, number) in listeners.listeners.items() if number == port]
        return advertised.get(names[0]) if len(names) == 1 else None
    same = [told for told in advertised.values() if told[1] == port]
    return same[0] if len(same) == 1 else None


def _told(service: Service, names: tuple[str, ...]) -> _Told | None:
    """Return what a service's variables, or the options of its command, say of its listeners."""
    for name in names:
        value = service.environment.get(name)
        if value:
            return _Told(_listeners(value), service.place("environment", name))
    words = [*service.entries("command")]
    for at, (word, place) in enumerate(words):
        option, equals, value = word.partition("=")
        if option in names and equals:
            return _Told(_listeners(value), place)
        if word in names and at + 1 < len(words):
            return _Told(_listeners(words[at + 1][0]), words[at + 1][1])
    return None


def _told_apart(service: Service) -> _Told | None:
    """Return what an older image is told of its only listener, by two variables."""
    host = service.environment.get("KAFKA_ADVERTISED_HOST_NAME")
    port = service.environment.get("KAFKA_ADVERTISED_PORT") or _USUAL_PORT
    if not host or not port.isdecimal():
        return None
    return _Told({"": (host.lower(), int(port))}, service.place("environment", "KAFKA_ADVERTISED_HOST_NAME"))


def _listeners(value: str) -> dict[str, tuple[str, int]]:
    """Return the host and the port of each listener by its name."""
    return {
        found[1] or f":{found[3]}": (found[2].strip("[]").lower(), int(found[3]))
        for each in value.split(",")
        if (found := re.fullmatch(_LISTENER, each.strip())) is not None
    }


def _of_replica_set(facts: Facts, service: Service, users: dict[str, list[Reference]]) -> Iterator[Finding]:
    """Yield the member of a replica set that a service makes."""
    healthcheck = service.healthcheck
    entries = [*service.entries("command"), *service.entries("entrypoint")]
    if healthcheck is not None:
        entries += healthcheck.entries("test")
    words = " ".join(text for text, _ in entries)
    entries += [(text, entries[0][1]) for text in _scripts(facts, service)] if entries else []
    for text, place in entries:
        member = re.search(_MEMBER, text[text.find(_INITIATE) :]) if _INITIATE in text else None
        if member is None:
            continue
        for target in (service, *_asked(facts, service, f"{words} {text}")):
            client = next(filter(_follows, users.get(target.name, ())), None)
            if client is not None and client.service is not service:
                named = "replicaSet=" in client.value
                yield Finding(
                    place,
                    f"service '{service.name}' makes a replica set with the member '{member[1]}', to which "
                    f"'{client.service.name}' is sent on, and finds itself",
                    remedy=f"name the member by its service: '{target.name}:27017'",
                    service=service.name,
                    related=(Related(client.place, f"'{client.service.name}' asks here"),),
                    confidence="likely" if named else "possible",
                )
                return


def _scripts(facts: Facts, service: Service) -> Iterator[str]:
    """Yield the texts of the project's scripts that a service's command runs."""
    from composecheck.facts.commands import started
    from composecheck.facts.commands.calls import scripts_among

    yield from scripts_among(started(facts, service)[0], facts.files(service))


def _asked(facts: Facts, service: Service, text: str) -> Iterator[Service]:
    """Yield the services that a text names, but its own."""
    words = re.findall(r"[\w.-]+", text)
    yield from (facts.services[word] for word in words if word in facts.services and word != service.name)


def _follows(reference: Reference) -> bool:
    """Whether a client of MongoDB goes on to the members."""
    return reference.scheme == "mongodb" and "directConnection=true" not in reference.value
