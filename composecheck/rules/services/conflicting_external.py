"""What is external is described here as well.

## What it does
Reports keys beside `external: true`, other than `name`: of a volume, which is an error, and as a note
those of a network, secret or config, where they have no effect. And a `name` that differs from the
one in `external`, the form of old.

## Why is this bad?
What is external is made elsewhere, so that nothing here can say what it is like. docker compose
refuses such a volume, and passes over the keys of all others.

## Example
```yaml
services:
  db:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
    external: true
    driver: local  # conflicting-external
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
    external: true
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error", "note"), needs=("external",), refused=True, since="0.1")
_SECTIONS = ("networks", "secrets", "configs")
_ALLOWED = ("external", "name")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the keys that have no effect; the loader has found those that Compose refuses."""
    for section in _SECTIONS:
        entries = facts.project.node.get(section)
        for name, entry in entries.mapping.items() if entries is not None else ():
            external = entry.get("external")
            if external is None or external.value is not True:
                continue
            for key, node in entry.mapping.items():
                if key not in _ALLOWED and not key.startswith("x-"):
                    yield Finding(
                        node.place,
                        f"'{key}' of {section[:-1]} '{name}' has no effect, since it is external",
                        remedy=f"take out '{key}', or 'external'",
                        related=(Related(external.place, "it is external"),),
                        severity="note",
                    )
