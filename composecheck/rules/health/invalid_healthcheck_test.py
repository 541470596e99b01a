"""The list form of a healthcheck's test does not begin with CMD, CMD-SHELL or NONE.

## What it does
Reports a `healthcheck.test` that is a list whose first word is none of the three.

## Why is this bad?
The first word says how the others are run. docker compose refuses the project, without saying
which service it is.

## Example
```yaml
services:
  web:
    image: nginx:1
    healthcheck:
      test: ["curl", "-f", "http://localhost"]  # invalid-healthcheck-test
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost"]
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("odd test",), refused=True, on_values=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each test whose first word does not say how it is run."""
    for service in facts.services.values():
        words = service.as_written("healthcheck", "test")
        if not isinstance(words, list) or not words or words[0] in ("CMD", "CMD-SHELL", "NONE"):
            continue
        yield Finding(
            service.place("healthcheck", "test", 0),
            f"the healthcheck of service '{service.name}' begins with '{words[0]}', "
            "and not with 'CMD', 'CMD-SHELL' or 'NONE'",
            remedy='put "CMD" before it, or write the whole test as one string to have a shell run it',
            service=service.name,
        )
