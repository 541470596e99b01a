"""Two networks have subnets with addresses in common.

## What it does
Reports a `subnet` that overlaps with one of another network of the project, or with another one of
the same network. Networks that no service joins are not made, and those of services whose profiles
exclude each other are not made together; they do not count, nor do external ones.

## Why is this bad?
`docker compose config` takes it. The engine makes the first network and refuses the other: "pool
overlaps with other one on this address space".

## Example
```yaml
services:
  web:
    image: nginx:1
    networks: [front, back]
networks:
  front:
    ipam:
      config:
        - subnet: 172.28.0.0/16
  back:
    ipam:
      config:
        - subnet: 172.28.5.0/24  # overlapping-subnets
```

## Use instead
```yaml
services:
  web:
    image: nginx:1
    networks: [front, back]
networks:
  front:
    ipam:
      config:
        - subnet: 172.28.0.0/16
  back:
    ipam:
      config:
        - subnet: 172.29.5.0/24
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from composecheck.diagnostic import Diagnostic, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.diagnostic import Severity
    from composecheck.project import Network
    from composecheck.rules import Context
    from composecheck.subnets import Pool

SEVERITY: Severity = "error"
REFUSED = False


class Range(NamedTuple):
    """The addresses of one pool, as numbers that can be sorted."""

    version: int
    first: int
    last: int
    network: Network
    pool: Pool


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each pair of overlapping subnets, of networks that are there at the same time."""
    from composecheck.subnets import made

    seen = set()
    for profile, keys in made(context.project, context.services):
        for one, other in _overlaps(_ranges(context, keys)):
            # The one that is written later is to blame.
            first, second = sorted((one, other), key=lambda each: _written(each.pool))
            if (first.pool, second.pool) not in seen:
                seen.add((first.pool, second.pool))
                yield _finding(first, second, profile)


def _ranges(context: Context, keys: Iterable[str]) -> list[Range]:
    from composecheck.subnets import is_local, pools

    networks = context.project.networks
    named = {networks[key].name: networks[key] for key in sorted(keys) if key in networks}
    return sorted(
        (
            Range(
                pool.subnet.version,
                int(pool.subnet.network_address),
                int(pool.subnet.broadcast_address),
                network,
                pool,
            )
            for network in named.values()
            if is_local(network)
            for pool in pools(network)
        ),
        key=lambda each: (each.version, each.first, -each.last, _written(each.pool)),
    )


def _overlaps(ranges: list[Range]) -> Iterator[tuple[Range, Range]]:
    """Yield each range with the widest one before it that reaches into it; they are sorted."""
    widest: Range | None = None
    for each in ranges:
        if widest is None or each.version != widest.version or each.first > widest.last:
            widest = each
            continue
        yield widest, each
        if each.last > widest.last:
            widest = each


def _written(pool: Pool) -> tuple[str, int, int]:
    span = pool.place.span
    return span.source.path, span.line, span.column


def _finding(first: Range, second: Range, profile: str | None) -> Diagnostic:
    one, other = first.network.key, second.network.key
    networks = f"networks '{one}' and '{other}'" if one != other else f"two subnets of network '{one}'"
    when = f" (with profile '{profile}')" if profile else ""
    return Diagnostic(
        "overlapping-subnets",
        "warning" if profile else SEVERITY,
        f"{networks} overlap: {first.pool.subnet} and {second.pool.subnet}{when}",
        second.pool.place.span,
        remedy="give one of them a subnet of its own",
        related=(Related(first.pool.place.span, "the other"),),
    )
