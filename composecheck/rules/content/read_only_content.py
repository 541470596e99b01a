"""A secret or config that is no file is given to a service whose file system is read-only.

## What it does
Reports an entry of `secrets` or `configs` in a service with `read_only: true`, whose definition has
`environment` or `content` instead of `file`.

## Why is this bad?
A file is mounted, but these are copied into the container, for which it has to be writable.
`docker compose config` takes it; `up` makes the container and fails: "cannot create secret ... in
read-only service: `file` is the sole supported option". A tmpfs at the place does not help.

## Example
```yaml
services:
  web:
    image: nginx:1
    read_only: true
    configs:
      - page  # read-only-content
configs:
  page:
    content: hello
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    read_only: true
    configs:
      - page
configs:
  page:
    file: ./compose.yml
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

RULE = Rule(("error",), needs=("read_only",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each use of what cannot be copied into a container."""
    for service in facts.services.values():
        for use in uses(facts.whole, service) if service.read_only else ():
            key = _copied(facts, use.resource) if use.resource is not None else None
            if use.resource is None or key is None:
                continue
            yield Finding(
                use.grant.place(),
                f"{use.kind} '{use.source}' comes from '{key}' and cannot "
                f"be copied into service '{service.name}', which is read-only",
                remedy="put it in a file and name that with 'file'",
                service=service.name,
                related=(
                    Related(use.resource.key_place(key), f"its '{key}'"),
                    Related(service.key_place("read_only"), "read-only"),
                ),
            )


def _copied(facts: Facts, resource: Secret | Config) -> str | None:
    """Return the key from which a container gets a copy; what is empty is not copied.

    That is how Compose has it (pkg/compose/secrets.go, injectFileReferences).
    """
    if resource.content:
        return "content"
    variable = resource.environment
    return "environment" if variable and facts.project.environment.get(variable) != "" else None
