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

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.model.project import Network, Secret

RULE = Rule(("error", "note"), needs=("external",), refused=True, since="0.1")
_ALLOWED = ("external", "name")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the keys that have no effect; the loader has found those that Compose refuses."""
    project = facts.project
    kinds: dict[str, Mapping[str, Network | Secret]] = {
        "network": project.networks,
        "secret": project.secrets,
        "config": project.configs,
    }
    for kind, resources in kinds.items():
        for name, resource in resources.items():
            for key in resource.words() if resource.external else ():
                if key not in _ALLOWED and not key.startswith("x-"):
                    yield Finding(
                        resource.key_place(key),
                        f"'{key}' of {kind} '{name}' has no effect, since it is external",
                        remedy=f"take out '{key}', or 'external'",
                        related=(Related(resource.key_place("external"), "it is external"),),
                        severity="note",
                    )
