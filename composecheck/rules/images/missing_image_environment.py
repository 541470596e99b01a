"""An image needs a variable to start for the first time, and nothing sets it.

## What it does
Reports a service whose image ends at its first start unless one of some variables is set, such as
the password of PostgreSQL, where the file sets none of them.

## Why is this bad?
On an empty data directory the container says what is missing and ends. It is a note, since with the data of
an earlier start it goes on without, and no file says whether that is there.

## Example
```yaml
services:
  db:
    image: postgres:16  # missing-image-environment
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:-example}
```
"""

from __future__ import annotations

from composecheck.facts.storage import may_serve
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("image",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each group of variables of which an image needs one."""
    for service in facts.services.values():
        family = facts.images.family(service)
        if family is None or not family.required or service.entrypoint or service.says("env_file"):
            continue
        if not may_serve(facts, service, family):
            continue
        for group in family.required:
            if not any(name in service.environment for name in group):
                yield Finding(
                    service.place("image"),
                    f"service '{service.name}' sets none of {listed(group, 'or')}, which '{service.image}' "
                    "needs at its first start",
                    remedy=f"set '{group[0]}' in its 'environment'",
                    service=service.name,
                )
