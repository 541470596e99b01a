"""A network is defined that no service joins.

## What it does
Reports a top-level network that no service has in its `networks`, be it enabled or not, and that no
image is built in. `default` is used by each service without `networks` and `network_mode`.

## Why is this bad?
Docker Compose does not make it. It is left over, or a service was meant to join it and does not.

## Example
```yaml
services:
  web:
    image: nginx:1
    networks: [front]
networks:
  front:
  back:  # unused-network
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks: [front]
networks:
  front:
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

RULE = Rule(("note",), needs=("top-level networks",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each network that nothing joins."""
    if not facts.services:
        return  # a part of a project, for others to include or to be given with others
    used = _used(facts)
    if any(not name or "${" in name for name in used):
        return  # a variable that has no value, or no sense, may name any of them
    for key, network in facts.project.networks.items():
        if key not in used and network.name not in used:
            yield Finding(
                network.key_place(),
                f"network '{key}' is defined, but no service joins it",
                remedy="take it out, or add it to the 'networks' of the services that should join it",
            )


def _used(facts: Facts) -> set[str]:
    """Return the keys of networks that services join, and whatever else may name one."""
    used: set[str] = set()
    for service in facts.services.values():
        # A mode, and that of a build, may also be the name that the engine knows a network by.
        used.update(service.networks)
        if service.network_mode:
            used.add(service.network_mode)
        if service.build is not None and service.build.network:
            used.add(service.build.network)
    return used
