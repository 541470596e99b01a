"""A service uses a model that is not defined.

## What it does
Reports a name in a service's `models` that does not stand under the top-level `models`.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  chat:
    image: chat:1
    models:
      - llm  # undefined-model
```

## Use instead
```yaml
services:
  chat:
    image: chat:1
    models:
      - llm
models:
  llm:
    model: ai/smollm2
```
"""

from __future__ import annotations

from functools import partial

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",), needs=("models",), refused=True, whole=True, on_values=True, lacks="definition", since="0.1"
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each model of a service that is not defined."""
    defined = facts.defined("models")
    for service in facts.services.values():
        for key, use in service.models.items():
            if key not in defined:
                yield Finding(
                    use.key_place(),
                    f"service '{service.name}' uses the model '{key}', which is not defined",
                    remedy=facts.did_you_mean(key, "models")
                    or f"define '{key}' under the top-level 'models'",
                    service=service.name,
                    fix=respell(
                        use.key_place(),
                        key,
                        partial(facts.slip_of, key, "models"),
                        ("services", service.name, "models"),
                    ),
                )
