"""A service is to run on a platform that its image is not built for.

## What it does
Reports a `platform` that is not among the `build.platforms` of the same service; where the service names
none, that of DOCKER_DEFAULT_PLATFORM.

## Why is this bad?
docker compose refuses the project; for DOCKER_DEFAULT_PLATFORM not until `up`.

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

from composecheck.facts.sources import platform
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error", "warning"), needs=("platform", "platforms"), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each service that is not built for its own platform."""
    for service in facts.services.values():
        build, wanted = service.build, platform(facts.project, service)
        if build is None or not build.platforms or wanted is None or wanted in build.platforms:
            continue
        yield Finding(
            service.place("platform") if service.platform else build.key_place("platforms"),
            f"service '{service.name}' runs on '{wanted}'"
            + ("" if service.platform else " by DOCKER_DEFAULT_PLATFORM")
            + ", which it is not built for",
            remedy=f"add '{wanted}' to 'build.platforms'",
            service=service.name,
            related=(Related(build.key_place("platforms"), "the platforms that it is built for"),),
            severity="error" if service.platform else "warning",
        )
