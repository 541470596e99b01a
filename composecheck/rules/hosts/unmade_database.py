"""A service asks a database server for a database that the server does not make.

## What it does
Reports a URL, or a variable such as `DB_NAME` beside `DB_HOST`, with another database than the one that
`POSTGRES_DB`, `MYSQL_DATABASE` or `MARIADB_DATABASE` of the server names (PostgreSQL calls it like
`POSTGRES_USER` where nothing names it, MySQL then makes none). It is a warning where the two are much alike
and nobody asks for the one that is made, and a note elsewhere, as a program may make its own. Nothing is
said of a server with scripts for its first start, with data of its own in a folder, or where a command makes
databases.

## Why is this bad?
The server makes one database at its first start, by that name. Whoever asks for another one is told that it
does not exist, however long it waits.

## Example
```yaml
services:
  app:
    image: app:1
    restart: always
    environment:
      DATABASE_URL: postgres://app:secret@db:5432/orders_db  # unmade-database
  db:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: secret, POSTGRES_DB: order_db}
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```

## Use instead
```yaml
services:
  app:
    image: app:1
    restart: always
    environment:
      DATABASE_URL: postgres://app:secret@db:5432/orders_db
  db:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: secret, POSTGRES_DB: orders_db}
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.facts.databases import asked, creates, is_there, made
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.databases import Asked, Made
    from composecheck.facts.references import Reference

RULE = Rule(("warning", "note"), needs=("variable of a store",), confidence="likely", since="0.1")

_ALIKE = 0.8


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each database that is asked for and not made."""
    by_target: dict[str, list[tuple[Reference, Asked]]] = {}
    for reference in facts.wiring.used:
        wanted = asked(reference) if len(reference.targets) == 1 else None
        if wanted is not None:
            by_target.setdefault(reference.targets[0].name, []).append((reference, wanted))
    for name, wishes in by_target.items():
        given = set(facts.services[name].environment.values())
        # Most ask for what a variable of the server names.
        if all(wanted.name in given for _, wanted in wishes) or creates(facts):
            continue
        one = made(facts, facts.services[name])
        if one is not None:
            yield from _unmade(name, one, wishes)


def _unmade(server: str, one: Made, wishes: list[tuple[Reference, Asked]]) -> Iterator[Finding]:
    is_used = any(wanted.name == one.name for _, wanted in wishes)
    reported = set()
    what, mend = f"'{server}' makes none", f"name '{{}}' in a variable of '{server}', as MYSQL_DATABASE"
    if one.name:
        what = f"what '{server}' makes is '{one.name}'"
        mend = f"name the same one in both: '{one.name}' here, or '{{}}' there"
    for reference, wanted in wishes:
        if is_there(wanted.name, one) or wanted.place in reported:
            continue
        reported.add(wanted.place)
        sure = not is_used and not reference.of_env_file and _are_alike(wanted.name, one.name)
        yield Finding(
            wanted.place,
            f"service '{reference.service.name}' asks '{server}' for the database '{wanted.name}', "
            f"and {what}",
            remedy=mend.format(wanted.name),
            service=reference.service.name,
            related=(
                Related(one.place, f"the database that '{server}' makes" if one.name else f"'{server}'"),
            ),
            confidence="likely" if sure else "possible",
        )


def _are_alike(name: str, other: str) -> bool:
    """Return whether two names are so alike that one of them is hardly another database."""
    from difflib import SequenceMatcher

    if re.findall(r"\d+", name) != re.findall(r"\d+", other):
        return False
    return SequenceMatcher(None, name.lower(), other.lower()).ratio() >= _ALIKE
