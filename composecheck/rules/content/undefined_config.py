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

from typing import TYPE_CHECKING

from composecheck.findings.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("error",), needs=("configs",), refused=True, whole=True, since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each config of a service that is not defined."""
    known = facts.defined("configs")
    for service in facts.services.values():
        used = service.node.get("configs")
        for entry in used.items if used is not None else ():
            source = entry.get("source") or entry
            if isinstance(source.value, str) and source.value not in known:
                yield Finding(
                    source.span,
                    f"service '{service.name}' uses the config '{source.value}', which is not defined",
                    remedy=facts.did_you_mean(source.value, "configs")
                    or f"define '{source.value}' under the top-level 'configs'",
                    service=service.name,
                )
