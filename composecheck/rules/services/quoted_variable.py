"""The quotes around a variable's value are a part of the value.

## What it does
Reports entries of a service's `environment` of the form `- NAME="value"`, in which the quotes stand behind
the `=`: one finding for a service, with all its places. It is a warning where the image is known to read the
variable, where the value is a number, a URL, a path or yes or no, and where another service has the same
value without quotes; elsewhere a note, as some programs take quotes off. Values with more quotes within
are left alone.

## Why is this bad?
YAML takes off quotes around a whole entry, and no others, and no shell reads the entry: the value is the
text with its quotes. A password is then another one than whoever connects has, a number is none, a path
does not exist.

## Example
```yaml
services:
  db:
    image: postgres:16
    environment:
      - POSTGRES_PASSWORD=${PASSWORD:-example}
      - POSTGRES_DB="shop"  # quoted-variable
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    environment:
      - POSTGRES_PASSWORD=${PASSWORD:-example}
      - POSTGRES_DB=shop
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

RULE = Rule(("warning", "note"), needs=("quoted value",), confidence="likely", since="0.1")

# As it is written: no quote before the name, one behind `=`, and the same at the end and nowhere else.
_PLAIN_KINDS = r"(?i)\d+|true|false|yes|no|on|off|[a-z][\w+.-]*://\S+|/[\w./-]*"
_QUOTED = r"[A-Za-z_][\w.]*=([\"'])(?:(?!\1)[^\n])*\1"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service with values in quotes."""
    reported: set[Span] = set()
    elsewhere: set[str | None] | None = None
    for service in facts.services.values():
        found = {name: place for name, place in _quoted(service) if place not in reported}
        if found:
            reported.update(found.values())
            if elsewhere is None:
                elsewhere = {value for each in facts.services.values() for value in each.environment.values()}
            sure = [name for name in found if _breaks(facts, service, name, elsewhere)]
            first = (sure or [*found])[0]
            others = [name for name in found if name != first]
            more = f", and so have {len(others)} more" if others else ""
            yield Finding(
                found[first],
                f"the value of '{first}' of service '{service.name}' has quotes that are a part of it{more}",
                remedy=f"take them off: '{first}=...', or put the whole entry in quotes",
                service=service.name,
                related=tuple(Related(found[name], f"'{name}' too") for name in others),
                confidence="likely" if sure else "possible",
            )


def _quoted(service: Service) -> Iterator[tuple[str, Span]]:
    """Yield the variables whose values have quotes around them, with their places."""
    for name, value in service.environment.items():
        if value and value[0] in "\"'" and value[-1] == value[0] and len(value) > 1:
            place = service.place("environment", name)
            if re.fullmatch(_QUOTED, place.text) is not None:
                yield name, place


def _breaks(facts: Facts, service: Service, name: str, elsewhere: set[str | None]) -> bool:
    """Whether a value with its quotes surely is another one than its reader wants."""
    inner = (service.environment[name] or "")[1:-1]
    family = facts.images.family(service)
    known = (*family.secrets, *(each for group in family.required for each in group)) if family else ()
    return (
        name in known
        or re.fullmatch(_PLAIN_KINDS, inner) is not None
        or (len(inner) > 2 and inner in elsewhere)
    )
