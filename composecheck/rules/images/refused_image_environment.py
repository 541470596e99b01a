"""A variable has a value with which its image does not start for the first time.

## What it does
Reports a variable in a service's `environment` whose value the image's entrypoint refuses, such as
`MYSQL_USER: root`. It is a note where an earlier start is likely: where an external volume holds the
data, or a folder that has files. With `check --live`, and before an `up`, the engine is asked whether
the volume is there: it is an error where it is not, and nothing where it is.

## Why is this bad?
On an empty data directory the container says what it does not take and ends.

## Example
```yaml
services:
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: ${DB_PASSWORD:-example}
      MYSQL_USER: root  # refused-image-environment
```

## Use instead
```yaml
services:
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: ${DB_PASSWORD:-example}
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.findings.rule import Finding

RULE = Rule(("error", "warning", "note"), needs=("environment", "env_file"), live=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each variable with a value that its image does not take."""
    families = map(facts.images.store, facts.services.values())
    if not any(family is not None and family.refused for family in families):
        return
    from composecheck.facts.first_start import demands

    found = [demand for demand in demands(facts) if demand.refused]
    if found:
        from composecheck.remedies.demanded import findings

        yield from findings(facts, found)
