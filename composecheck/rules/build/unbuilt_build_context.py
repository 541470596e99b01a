"""A build takes its files from a service that is not built.

## What it does
Reports a `service:` form in `build.additional_contexts` that names a service without a `build`.

## Why is this bad?
docker compose refuses the project: the form stands for the result of the other build.

## Example
```yaml
services:
  web:
    build:
      context: .
      additional_contexts:
        base: service:base  # unbuilt-build-context
  base:
    image: alpine:3
```

## Use instead
```yaml
services:
  web:
    build:
      context: .
      additional_contexts:
        base: docker-image://alpine:3
  base:
    image: alpine:3
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.model.links import build_contexts
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("additional_contexts",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each context that is a service without a build."""
    for service in facts.services.values():
        for context in build_contexts(service):
            target = facts.services.get(context.service)
            if target is None or target.build is not None:
                continue
            image = f", or take its image: 'docker-image://{target.image}'" if target.image else ""
            yield Finding(
                context.place,
                f"the build of service '{service.name}' takes files from '{target.name}', which is not built",
                remedy=f"give '{target.name}' a 'build'{image}",
                service=service.name,
                related=(Related(target.key_place(), f"'{target.name}' has no build"),),
            )
