"""A secret or config comes from a variable that is not set.

## What it does
Reports an `environment` of a secret or config that a service uses, where the variable is set neither
in the environment nor in an env file of the project. One that is set and empty is fine.

## Why is this bad?
`docker compose config` does not look. `up` makes the container and then fails: "environment variable
... required by secret ... is not set". It is a note, as a secret is rarely set where files are checked.

## Example
```yaml
services:
  db:
    image: postgres:16
    secrets: [password]
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/password
secrets:
  password:
    environment: DB_PASSWORD  # unset-secret-variable
```

## Use instead
Set it where `docker compose` runs or in the project's `.env`.
```yaml
services:
  db:
    image: postgres:16
    secrets: [password]
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/password
secrets:
  password:
    environment: DB_PASSWORD
```
```text .env
DB_PASSWORD=secret
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
    from composecheck.text.node import Origin

RULE = Rule(("note",), needs=("top-level secrets", "top-level configs"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each variable that is missing, once, with the service that needs it first."""
    seen: set[tuple[str, str]] = set()
    for service in facts.services.values() if facts.project.interpolated else ():
        for use in uses(facts.whole, service) if service.replicas else ():
            resource = use.resource
            if resource is None or (use.section, use.source) in seen:
                continue
            seen.add((use.section, use.source))
            if _is_unset(facts, resource):
                yield Finding(
                    resource.place("environment"),
                    f"{use.kind} '{use.source}' comes from the variable '{resource.environment}', "
                    "which is not set",
                    remedy="set it, in the project's '.env' for one",
                    service=service.name,
                    related=(Related(use.grant.place(), f"'{service.name}' needs it"),),
                )


def _is_unset(facts: Facts, resource: Secret | Config) -> bool:
    return (
        bool(resource.environment)
        and resource.environment not in facts.project.environment
        and not resource.content
        and not any(_is_included(resource.origin(*path)) for path in ((), ("environment",)))
    )


def _is_included(origin: Origin | None) -> bool:
    """Whether a value comes from an included file, which may have variables of its own."""
    while origin is not None:
        if origin.kind == "include":
            return True
        origin = origin.before
    return False
