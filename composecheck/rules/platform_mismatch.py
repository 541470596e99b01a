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

from composecheck.findings.diagnostic import Diagnostic, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each service that is not built for its own platform."""
    for service in context.services.values():
        platform, built = service.node.get("platform"), service.node.get("build", "platforms")
        if platform is None or not platform.value or built is None or not built.items:
            continue
        if platform.value not in [entry.value for entry in built.items]:
            yield Diagnostic(
                "platform-mismatch",
                SEVERITY,
                f"service '{service.name}' runs on '{platform.value}', which it is not built for",
                platform.span,
                remedy=f"add '{platform.value}' to 'build.platforms'",
                service=service.name,
                related=(Related(built.place, "the platforms that it is built for"),),
            )
