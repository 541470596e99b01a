"""A build has both a Dockerfile and an inline one.

## What it does
Reports a `build` with `dockerfile` and `dockerfile_inline`.

## Why is this bad?
Only one of them can be built. docker compose refuses the project.

## Example
```yaml
services:
  web:
    build:
      context: .
      dockerfile: web.Dockerfile
      dockerfile_inline: FROM nginx:1  # conflicting-dockerfile
```

## Use instead
```yaml
services:
  web:
    build:
      context: .
      dockerfile_inline: FROM nginx:1
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("build",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each build with both keys."""
    for service in facts.services.values():
        build = service.build
        if build is None or not build.has_value("dockerfile") or not build.dockerfile_inline:
            continue
        yield Finding(
            build.key_place("dockerfile_inline"),
            f"the build of service '{service.name}' has a Dockerfile and an inline one",
            remedy="take out 'dockerfile' or 'dockerfile_inline'",
            service=service.name,
            related=(Related(build.place("dockerfile"), "the other"),),
        )
