"""A variable tells a service of another port than the one that is published or probed.

## What it does
Notes a variable `PORT` (or `APP_PORT`, `SERVER_PORT`, `HTTP_PORT`, `LISTEN_PORT`), or an option of the
command (`--port 9999`, `--bind 0.0.0.0:9999`, `runserver 0.0.0.0:9999`), with a number that is not among the
service's own ports, where it publishes others; and a healthcheck that asks its own service at a port where
the variable or the option names another one. Of images that are known nothing is said.

## Why is this bad?
Most programs listen on the port that the variable names: what is published leads nowhere, and a healthcheck
at another port never succeeds. Since some programs do not read the variable, it is a note.

## Example
```yaml
services:
  chat:
    image: chat:1
    environment:
      PORT: 9999  # disagreeing-port
    ports: ["9200:9200"]
  rack:
    image: rack:1
    environment:
      PORT: 3006
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:3000/"]  # disagreeing-port
```

## Use instead
```yaml
services:
  chat:
    image: chat:1
    environment:
      PORT: 9200
    ports: ["9200:9200"]
  rack:
    image: rack:1
    environment:
      PORT: 3006
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:3006/"]
```
"""

from __future__ import annotations

import re

from composecheck.facts.ports import exposed
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.facts.healthtest import Test
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("note",), needs=("port in a variable", "port in a command"), confidence="possible", since="0.1")

_NAME = r"(?i)(?:(?:app|server|http|listen)_)?port"
_NUMBER = r"[1-9]\d{1,4}"
_OPTION = (
    r"(?<![\w-])(?:--(?:(?:http|server|listen)-)?port[= ]|(?:--(?:bind|listen|host|addr)[= ]|-b |runserver )"
    r"(?:0\.0\.0\.0|\[::\]|)(?::))(\d{2,5})(?!\S)"
)
_COMMAND = "its command"
_ASKED = r"(?<![\w.-])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])[:/](\d{2,5})(?!\d)"
_MOST_NAMED = 3


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each port that a variable names and nothing else knows."""
    tests = None
    for service in facts.services.values():
        ports = _said(service)
        if not ports or facts.images.likely(service) is not None or service.network_mode is not None:
            continue
        if tests is None:
            tests = {test.service.name: test for test in facts.tests}
        test = tests.get(service.name)
        probed = _probed(test, ports) if test is not None else None
        if test is not None and probed is not None:
            yield _of_test(service, probed, ports)
        else:
            yield from _of_published(service, ports)


def _said(service: Service) -> Mapping[str, int]:
    """Return the ports that a service's command, or else its variables, say it listens on, by their names."""
    given = re.findall(_OPTION, " ".join(service.command or ()))
    if given:
        return {_COMMAND: int(given[0])} if len(given) == 1 else {}
    return {
        name: int(value)
        for name, value in service.environment.items()
        if value and re.fullmatch(_NUMBER, value) and re.fullmatch(_NAME, name)
    }


def _probed(test: Test, ports: Mapping[str, int]) -> tuple[int, Span] | None:
    """Return the only port that a test asks at, if it is none of those that the variables name."""
    asked = {int(number) for number in re.findall(_ASKED, test.text)}
    if len(asked) != 1 or not asked.isdisjoint(ports.values()):
        return None
    (port,) = asked
    if any(entry.target == port for entry in test.service.ports):
        return None
    return port, test.place_holding(str(port), test.places[0])


def _of_test(service: Service, probed: tuple[int, Span], ports: Mapping[str, int]) -> Finding:
    port, place = probed
    name, number = next(iter(ports.items()))
    return Finding(
        place,
        f"the healthcheck of service '{service.name}' asks at port {port}, and {_named(name)} says that "
        f"it listens on {number}",
        remedy=f"ask at port {number}, or look up whether the program goes by {_named(name)}",
        service=service.name,
        related=(Related(_place(service, name), f"{number} here"),),
    )


def _of_published(service: Service, ports: Mapping[str, int]) -> Iterator[Finding]:
    own = {port.target for port in service.ports}
    opened = list(exposed(service))
    if not own or not own.isdisjoint(ports.values()) or len(set(ports.values())) > 1:
        return
    name, number = next(iter(ports.items()))
    if any(entry.holds(number) for entry in opened):
        return
    others = listed(map(str, sorted(own)[:_MOST_NAMED]))
    yield Finding(
        _place(service, name),
        f"{_named(name)} says that service '{service.name}' listens on {number}, and it publishes {others}",
        remedy=f"publish {number}, or look up whether the program goes by {_named(name)}",
        service=service.name,
        related=(Related(service.key_place("ports"), "published here"),),
    )


def _named(name: str) -> str:
    return name if name == _COMMAND else f"'{name}'"


def _place(service: Service, name: str) -> Span:
    return service.place("command") if name == _COMMAND else service.place("environment", name)
