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

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.subnets import Pool
    from composecheck.model.project import Network

RULE = Rule(("error", "warning"), needs=("ipam",), since="0.1")


class Range(NamedTuple):
    """The addresses of one pool, as numbers that can be sorted."""

    version: int
    first: int
    last: int
    network: Network
    pool: Pool


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each pair of overlapping subnets, of networks that exist at the same time."""
    from composecheck.facts.subnets import made

    active, added = made(facts.project, facts.services)
    ranges = _ranges(active)
    widest = _widest(ranges)
    yield from (_finding(first, second, None) for first, second in _overlaps(ranges))
    seen = set()
    for profile, networks in added:
        extra = _ranges(networks)
        for first, second in (*_overlaps(extra), *_across(extra, ranges, widest)):
            pair = (first.pool.entry, second.pool.entry)
            if pair not in seen:
                seen.add(pair)
                yield _finding(first, second, profile)


def _ranges(networks: Iterable[Network]) -> list[Range]:
    from composecheck.facts.subnets import is_local, pools

    return sorted(
        (
            Range(
                pool.subnet.version,
                int(pool.subnet.network_address),
                int(pool.subnet.broadcast_address),
                network,
                pool,
            )
            for network in networks
            if is_local(network)
            for pool in pools(network)
        ),
        key=lambda each: (each.version, each.first, -each.last, _written(each.pool)),
    )


def _widest(ranges: Sequence[Range]) -> list[Range]:
    """Return for each of some sorted ranges which one reaches farthest, of it and those before it."""

    def wider(left: Range, right: Range) -> Range:
        return max(left, right, key=_reach)

    return list(accumulate(ranges, wider))


def _reach(addresses: Range) -> tuple[int, int]:
    return addresses.version, addresses.last


def _across(
    extra: Sequence[Range], ranges: Sequence[Range], widest: Sequence[Range]
) -> Iterator[tuple[Range, Range]]:
    """Yield each extra range with one of the sorted ranges that it overlaps with."""
    starts = [(each.version, each.first) for each in ranges]
    for each in extra:
        at = bisect_right(starts, (each.version, each.last))
        if at and widest[at - 1].version == each.version and widest[at - 1].last >= each.first:
            yield widest[at - 1], each


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
    place = pool.place
    return place.source.path, place.line, place.column


def _finding(left: Range, right: Range, profile: str | None) -> Finding:
    # The one that is written later is to blame.
    first, second = sorted((left, right), key=lambda each: _written(each.pool))
    keys = first.network.key, second.network.key
    networks = (
        f"networks '{keys[0]}' and '{keys[1]}'"
        if keys[0] != keys[1]
        else f"two subnets of network '{keys[0]}'"
    )
    when = f" (with profile '{profile}')" if profile else ""
    return Finding(
        second.pool.place,
        f"{networks} overlap: {first.pool.subnet} and {second.pool.subnet}{when}",
        remedy="give one of them a subnet of its own",
        related=(Related(first.pool.place, "the other"),),
        severity="warning" if profile else "error",
    )
