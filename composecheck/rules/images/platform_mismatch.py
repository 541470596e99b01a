"""A service is to run on a platform that its image is not built for.

## What it does
Reports a `platform` that is not among the `build.platforms` of the same service.

## Why is this bad?
docker compose refuses the project.

## Example
```yaml
services:
  web:
    platform: linux/arm64  # platform-mismatch
    build:
      context: .
      platforms: [linux/amd64]
```

## Use instead
```yaml
services:
  web:
    platform: linux/arm64
    build:
      context: .
      platforms: [linux/amd64, linux/arm64]
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("platform",), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service that is not built for its own platform."""
    for service in facts.services.values():
        platform, built = service.node.get("platform"), service.node.get("build", "platforms")
        if platform is None or not platform.value or built is None or not built.items:
            continue
        if platform.value not in [entry.value for entry in built.items]:
            yield Finding(
                platform.span,
                f"service '{service.name}' runs on '{platform.value}', which it is not built for",
                remedy=f"add '{platform.value}' to 'build.platforms'",
                service=service.name,
                related=(Related(built.place, "the platforms that it is built for"),),
            )
