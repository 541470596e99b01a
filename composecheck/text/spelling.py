"""What a mistyped name was meant to be, and how names are listed in a sentence."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Literal

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
    return Names(names, fold).closest(name, but=but, cutoff=cutoff)


class Names:
    """Names that others may be meant to be: made once, however many are mistyped."""

    def __init__(self, names: Iterable[str], fold: Callable[[str], str] = str.lower) -> None:
        self._fold = fold
        self._names = {fold(each): each for each in names}

    def closest(self, name: str, *, but: str = "", cutoff: float = 0.6) -> str:
        """Return "did you mean 'x'?", as `did_you_mean` does."""
        from difflib import get_close_matches

        folded, names = self._fold(name), self._names
        some = names if len(names) <= _NEAR else self._neighbours(folded)
        close = get_close_matches(folded, (each for each in some if names[each] != but), n=1, cutoff=cutoff)
        return f"did you mean '{names[close[0]]}'?" if close else ""

    def _neighbours(self, name: str) -> Iterator[str]:
        """Yield those of many names that begin or end like one, since to compare all takes too long."""
        forward, backward = self._sorted
        for ordered, step in ((forward, 1), (backward, -1)):
            at = bisect_left(ordered, name[::step])
            yield from (each[::step] for each in ordered[max(at - _NEAR // 4, 0) : at + _NEAR // 4])

    @cached_property
    def _sorted(self) -> tuple[list[str], list[str]]:
        return sorted(self._names), sorted(each[::-1] for each in self._names)


def listed(names: Iterable[str], word: Literal["and", "or"] = "and") -> str:
    """Return "'a', 'b' and 'c'"."""
    quoted = [f"'{name}'" for name in names]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
