"""What a mistyped name was meant to be."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# How many names are compared with one that is mistyped.
_NEAR = 60


def did_you_mean(
    name: str,
    names: Iterable[str],
    *,
    but: str = "",
    fold: Callable[[str], str] = str.lower,
    cutoff: float = 0.6,
) -> str:
    """Return "did you mean 'x'?" for the closest of the names `but` one, "" where none is close.

    `fold` takes out of a name what makes no difference, `cutoff` is how alike two have to be.
    """
    from difflib import get_close_matches

    folded = {fold(each): each for each in names}
    some = folded if len(folded) <= _NEAR else _neighbours(fold(name), tuple(folded))
    close = get_close_matches(fold(name), (each for each in some if folded[each] != but), n=1, cutoff=cutoff)
    return f"did you mean '{folded[close[0]]}'?" if close else ""


def _neighbours(name: str, names: tuple[str, ...]) -> Iterator[str]:
    """Yield those of many names that begin or end like one, since to compare all takes too long."""
    forward, backward = _sorted(names)
    for ordered, step in ((forward, 1), (backward, -1)):
        at = bisect_left(ordered, name[::step])
        yield from (each[::step] for each in ordered[max(at - _NEAR // 4, 0) : at + _NEAR // 4])


@lru_cache(maxsize=1)
def _sorted(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    return sorted(names), sorted(each[::-1] for each in names)
