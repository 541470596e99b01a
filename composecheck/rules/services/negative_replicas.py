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

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("scale", "deploy"), refused=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each number of containers that is negative."""
    for service in facts.services.values():
        replicas = service.deploy.replicas if service.deploy is not None else None
        for number, path in ((service.scale, ("scale",)), (replicas, ("deploy", "replicas"))):
            if number is not None and number < 0:
                yield Finding(
                    service.place(*path),
                    f"'{'.'.join(path)}' of service '{service.name}' is {number}, "
                    "and no service can run less often than 0 times",
                    remedy="write 0 for no container, or how many there are to be",
                    service=service.name,
                )
