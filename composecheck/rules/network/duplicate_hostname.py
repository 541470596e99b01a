"""Two services of a network have the same hostname.

## What it does
Reports a `hostname` that another service of the same network has too, or that is another service's
name or container name. Services in different networks, or whose profiles exclude each other, do not
count. Of services that are made of the same image and command it is a note.

## Why is this bad?
Where a `hostname` is set, the engine's DNS knows the container by it: the name then stands for both,
in a random order, and every other connection goes to the wrong one.

## Example
```yaml
services:
  one:
    image: one:1
    hostname: node
  two:
    image: two:1
    hostname: node  # duplicate-hostname
```

## Use instead
```yaml
services:
  one:
    image: one:1
    hostname: node-1
  two:
    image: two:1
    hostname: node-2
```
"""

from __future__ import annotations

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.names import Clash

RULE = Rule(("warning", "note"), needs=("hostname",), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each hostname that another service has in the same network."""
    for clash in facts.clashes:
        if clash.second.kind == "hostname" and clash.second.text.lower() != "localhost":
            yield _finding(clash)


def _finding(clash: Clash) -> Finding:
    from composecheck.facts.names import described, same_program

    first, second = clash.first, clash.second
    service = second.service.name
    intended = same_program(first.service, second.service)
    return Finding(
        second.place,
        f"hostname '{second.text}' of service '{service}' is also {described(first)} "
        f"in network '{clash.network}': the name stands for both",
        remedy=f"give '{service}' another hostname",
        service=service,
        related=(Related(first.key_place, described(first)),),
        confidence="possible" if intended else "certain",
    )
