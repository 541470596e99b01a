"""An image needs a variable to start for the first time, and nothing sets it.

## What it does
Reports a service whose image ends at its first start unless one of some variables is set, such as
the password of PostgreSQL, where the file sets none of them, or sets one to a variable that is empty.
It is a note where an earlier start is likely: where an external volume holds the data, or a folder
that has files. With `check --live`, and before an `up`, the engine is asked whether the volume is
there: it is an error where it is not, and nothing where it is.

## Why is this bad?
On an empty data directory the container says what is missing and ends. On a machine with the data of
an earlier start it goes on without: it works for its author, and for nobody else.

## Example
```yaml
services:
  db:
    image: postgres:16  # missing-image-environment
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
```

## Use instead
```yaml
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:-example}
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
```
"""

from __future__ import annotations

from composecheck.findings.rule import Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.findings.rule import Finding

RULE = Rule(("error", "warning", "note"), needs=("image", "build"), live=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each group of variables of which an image needs one."""
    families = map(facts.images.store, facts.services.values())
    if not any(family is not None and family.required for family in families):
        return
    from composecheck.facts.first_start import demands

    found = [demand for demand in demands(facts) if not demand.refused]
    if found:
        from composecheck.remedies.demanded import findings

        yield from findings(facts, found)
