"""A service uses a config that is not defined.

## What it does
Reports a name in a service's `configs` that does not stand under the top-level
`configs`.

## Why is this bad?
docker compose refuses the whole project.

## Example
```yaml
services:
  web:
    image: nginx:1
    configs:
      - nginx_cnf  # undefined-config
configs:
  nginx_conf:
    file: ./nginx_conf
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    configs:
      - nginx_conf
configs:
  nginx_conf:
    file: ./nginx_conf
```
"""

from __future__ import annotations

from functools import partial

from composecheck.facts.uses import uses
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING
from composecheck.remedies.edits.names import respell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(
    ("error",), needs=("configs",), refused=True, whole=True, on_values=True, lacks="definition", since="0.1"
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each config of a service that is not defined."""
    for service in facts.services.values():
        for use in uses(facts.whole, service):
            if use.section == "configs" and use.resource is None and use.grant.source is not None:
                yield Finding(
                    use.grant.place("source"),
                    f"service '{service.name}' uses the config '{use.source}', which is not defined",
                    remedy=facts.did_you_mean(use.source, "configs")
                    or f"define '{use.source}' under the top-level 'configs'",
                    service=service.name,
                    fix=respell(
                        use.grant.place("source"),
                        use.source,
                        partial(facts.slip_of, use.source, "configs"),
                        ("services", service.name, "configs"),
                    ),
                )
