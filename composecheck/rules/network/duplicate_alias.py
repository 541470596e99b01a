"""A name in a network stands for two services.

## What it does
Reports an entry of `aliases` that another service of the same network has too, as an alias, as its
name, `container_name` or `hostname`; and a `container_name` that is another service's name. Services
in different networks, or whose profiles exclude each other, do not count. Of an alias that both
services give themselves, and of services that are made of the same image and command, it is a note: they
may be meant to share the work, or to find each other, under one name. Two stores of data of different images
are not, for each has data of its own.

## Why is this bad?
The engine's DNS gives the addresses of both, in a random order: every other connection goes to the
wrong one.

## Example
```yaml
services:
  db:
    image: mariadb:11
  reports:
    image: reports:1
    networks:
      default:
        aliases:
          - db  # duplicate-alias
```

## Use instead
```yaml
services:
  db:
    image: mariadb:11
  reports:
    image: reports:1
    networks:
      default:
        aliases:
          - reports-db
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

RULE = Rule(("warning", "note"), needs=("aliases", "container_name"), since="0.1")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each alias and container name that another service has in the same network."""
    for clash in facts.clashes:
        kinds = {clash.first.kind, clash.second.kind}
        # Container names are one by one in the whole engine: another rule tells of two alike.
        if "alias" in kinds or kinds == {"service", "container_name"}:
            yield _finding(facts, clash)


def _finding(facts: Facts, clash: Clash) -> Finding:
    from composecheck.facts.names import described

    first, second = clash.first, clash.second
    service = second.service.name
    what = "alias" if second.kind == "alias" else "container name"
    intended = _is_intended(facts, clash)
    return Finding(
        second.place,
        f"{what} '{second.text}' of service '{service}' in network '{clash.network}' "
        f"is also {described(first)}: the name stands for both",
        remedy=f"give '{service}' another {what}, or put the two in different networks"
        + ("; leave it where they share the work, or find each other by it" if intended else ""),
        service=service,
        related=(Related(first.key_place, described(first)),),
        confidence="possible" if intended else "certain",
    )


def _is_intended(facts: Facts, clash: Clash) -> bool:
    """Whether two may have one name on purpose."""
    from composecheck.facts.names import same_program

    first, second = clash.first, clash.second
    if same_program(first.service, second.service):
        return True
    if not first.kind == second.kind == "alias":
        return False
    one, other = first.service, second.service
    stores = facts.images.store(one) is not None and facts.images.store(other) is not None
    return not stores or (one.image is not None and one.image == other.image)
