"""A secret or config comes from where only a swarm could take it.

## What it does
Reports a top-level secret or config that an active service uses and that is `external`, or has a
`driver` or `template_driver`.

## Why is this bad?
`docker compose config` takes it. `up` refuses to create the container: what the engine keeps itself
is only given to the services of a swarm (`docker stack deploy`).

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    external: true  # unsupported-content
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    secrets: [db_password]
secrets:
  db_password:
    environment: DB_PASSWORD
```
"""

from __future__ import annotations

from composecheck.facts.uses import uses
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.model.project import Config, Secret

RULE = Rule(("error",), needs=("top-level secrets", "top-level configs"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each secret and config that Compose cannot give to its services, once."""
    seen = set()
    for service in facts.project.services.values():
        for use in uses(facts.project, service):
            if use.resource is None or (use.section, use.source) in seen:
                continue
            seen.add((use.section, use.source))
            key = _unsupported(use.resource)
            if key is not None:
                clause = "is external" if key == "external" else f"has a '{key}'"
                yield Finding(
                    use.resource.key_place(key),
                    f"{use.kind} '{use.source}' {clause}, which docker compose does not support",
                    remedy="give it a 'file' or an 'environment'; as it is it needs a swarm",
                    service=service.name,
                    related=(Related(use.grant.key_place(), f"'{service.name}' uses it"),),
                )


def _unsupported(resource: Secret | Config) -> str | None:
    """Return the key of a secret or config that only a swarm follows."""
    if resource.external:
        return "external"
    return "driver" if resource.driver else "template_driver" if resource.template_driver else None
