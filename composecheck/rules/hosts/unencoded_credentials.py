"""A password that is put into a URL has a character that ends it too early.

## What it does
Reports a URL with a user or a password that is a variable, where the variable's value has a character
that means something else in a URL: `@`, `/`, `?`, `#`, or a `%` that begins no code. A `:` is a note, as most
programs take all up to the `@` for the password. Also a password with an `@` that stands in the URL itself.

## Why is this bad?
Of `postgres://app:p@ss@db/app` the host is `ss@db` to many programs, and behind a `/` or `#` the rest is no
part of the host at all: the connection fails, or the program refuses the URL. The service that is given the
password itself works, so it looks right.

## Example
```yaml
services:
  app:
    image: app:1
    restart: always
    environment:
      DATABASE_URL: postgres://app:${PASSWORD:-p@ss}@db:5432/app  # unencoded-credentials
  db:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: "${PASSWORD:-p@ss}"}
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```

## Use instead
A password without such characters (`openssl rand -hex 16` makes one), or a second variable in which each is
encoded.
```yaml
services:
  app:
    image: app:1
    restart: always
    environment:
      DATABASE_URL: postgres://app:${PASSWORD_IN_URL:-p%40ss}@db:5432/app
  db:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: "${PASSWORD:-p@ss}"}
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("warning", "note"), needs=("odd value in a URL",), confidence="likely", since="0.1")

# A variable as a name alone, with a default, or with what is said where it is not set.
_VARIABLE = (
    r"(?<!\$)\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?::?(?P<kind>[-?])(?P<text>[^{}]*))?\})"
)
_USERINFO = (
    rf"(?<![\w+.-])[A-Za-z][\w+.-]*://(?P<info>(?:{_VARIABLE.replace('?P<', '?P<_')}|[^\s/?#@\"'$])+)@"
)
_TWICE = r"(?<![\w+.-])[A-Za-z][\w+.-]*://[^\s/?#@\"':]*:[^\s/?#@\"',]+@[^\s/?#@\"',]*@"
_ENDING = r"[@/?#]|%(?![0-9A-Fa-f]{2})"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each URL that a variable spoils."""
    reported = set()
    for service in facts.services.values() if facts.project.interpolated else ():
        for path in _values(service):
            place = service.place(*path)
            if place not in reported:
                for finding in (*_found(facts, service, path, place), *_literal(service, path, place)):
                    reported.add(place)
                    yield finding


def _literal(service: Service, path: tuple[str, str | int], place: Span) -> Iterator[Finding]:
    """Yield a password with an `@` that is written into a URL as it is."""
    if "$" not in service.text(*path) and re.search(_TWICE, service.text(*path)):
        yield Finding(
            place,
            "the password in this URL has a '@', which in a URL ends it",
            remedy="write '%40' for it",
            service=service.name,
        )


def _values(service: Service) -> Iterator[tuple[str, str | int]]:
    """Yield the paths of the values of a service that may hold a URL."""
    for name, value in service.environment.items():
        if value and "://" in value:
            yield "environment", name
    for key in ("entrypoint", "command"):
        for at, (word, _) in enumerate(service.entries(key)):
            if "://" in word:
                yield key, at


def _found(facts: Facts, service: Service, path: tuple[str, str | int], place: Span) -> Iterator[Finding]:
    for url in re.finditer(_USERINFO, service.text(*path)):
        for variable in re.finditer(_VARIABLE, url["info"]):
            name = variable["bare"] or variable["name"]
            value = facts.project.environment.get(name) or (
                variable["text"] if variable["kind"] == "-" else ""
            )
            wrong = re.search(_ENDING, value or "")
            in_password = ":" in url["info"][: variable.start()]
            if wrong is None and not (in_password and ":" in value):
                continue
            character = wrong[0] if wrong is not None else ":"
            code = f"%{ord(character):02X}"
            yield Finding(
                place,
                f"the value of '{name}' has a '{character}', which in a URL ends the "
                f"{'password' if in_password else 'user'} that it is put into",
                remedy=f"take another value, or write '{code}' for it in a variable for the URL alone",
                service=service.name,
                confidence=None if wrong is not None else "possible",
            )
            return
