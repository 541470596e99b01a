"""A service is to run fewer times than never.

## What it does
Reports `scale` and `deploy.replicas` below 0.

## Why is this bad?
docker compose refuses the project. No container at all is 0.

## Example
```yaml
services:
  worker:
    image: worker:1
    scale: -1  # negative-replicas
```

## Use instead
```yaml
services:
  worker:
    image: worker:1
    scale: 0
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

SEVERITY: Severity = "error"
REFUSED = True
_PATHS = (("scale",), ("deploy", "replicas"))


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each number of containers that is negative."""
    for service in context.services.values():
        for path in _PATHS:
            count = service.node.get(*path)
            if count is not None and isinstance(count.value, int) and count.value < 0:
                yield Diagnostic(
                    "negative-replicas",
                    SEVERITY,
                    f"'{'.'.join(path)}' of service '{service.name}' is {count.value}, "
                    "and no service can run less often than 0 times",
                    count.span,
                    remedy="write 0 for no container, or how many there are to be",
                    service=service.name,
                )
