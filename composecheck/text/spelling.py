"""What a mistyped name was meant to be, and how names are listed in a sentence."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import Literal

# How many names are compared with one that is mistyped, and how many of the most alike are looked at.
_NEAR = 60
_TRIED = 3
# Words up to a length may differ by so many letters; shorter ones by a letter too many, or two exchanged.
_SHORT = 3
_SLIPS = ((5, 1), (9, 2))
_MOST_SLIPS = 3


def did_you_mean(
    name: str,
    names: Iterable[str],
    *,
    but: Collection[str] = (),
    fold: Callable[[str], str] = str.lower,
    cutoff: float = 0.6,
    loosely: bool = False,
) -> str:
    """Return "did you mean 'x'?" for the closest of the names but some, "" where none is close.

    `fold` takes out of a name what makes no difference, `cutoff` is how alike two have to be. A name is close
    where it is the same one misspelt; `loosely`, where it is the most alike of a few that everybody knows.
    """
    return Names(names, fold).closest(name, but=but, cutoff=cutoff, loosely=loosely)


class Names:
    """Names that others may be meant to be: made once, however many are mistyped."""

    def __init__(self, names: Iterable[str], fold: Callable[[str], str] = str.lower) -> None:
        self._fold = fold
        self._names = {fold(each): each for each in names}

    def closest(
        self, name: str, *, but: Collection[str] = (), cutoff: float = 0.6, loosely: bool = False
    ) -> str:
        """Return "did you mean 'x'?", as `did_you_mean` does."""
        meant = self.like(name, but=but, cutoff=cutoff, loosely=loosely)
        return f"did you mean '{meant}'?" if meant else ""

    def like(
        self, name: str, *, but: Collection[str] = (), cutoff: float = 0.6, loosely: bool = False
    ) -> str:
        """Return the name that is meant, "" where none is."""
        from difflib import get_close_matches

        folded, names = self._fold(name), self._names
        some = names if len(names) <= _NEAR else self._neighbours(folded)
        found = (each for each in some if names[each] not in but)
        for close in get_close_matches(folded, found, n=_TRIED, cutoff=cutoff):
            if loosely or is_misspelling(folded, close):
                return names[close]
        return ""

    def _neighbours(self, name: str) -> Iterator[str]:
        """Yield those of many names that begin or end like one, since to compare all takes too long."""
        forward, backward = self._sorted
        for ordered, step in ((forward, 1), (backward, -1)):
            at = bisect_left(ordered, name[::step])
            yield from (each[::step] for each in ordered[max(at - _NEAR // 4, 0) : at + _NEAR // 4])

    @cached_property
    def _sorted(self) -> tuple[list[str], list[str]]:
        return sorted(self._names), sorted(each[::-1] for each in self._names)


def is_misspelling(name: str, meant: str) -> bool:
    """Return whether a name is another one misspelt, and no name of something else.

    Their numbers are the same, and so are their words but for a letter or two of a longer one: `databse` may
    be `database`, while `data-api` is not `lago-api`, nor `kafka2` `kafka1`.
    """
    import re

    if re.findall(r"\d+", name) != re.findall(r"\d+", meant):
        return False
    words, others = (re.split(r"[^a-z0-9]+", each.lower()) for each in (name, meant))
    if "".join(words) == "".join(others):
        return True
    if len(words) == len(others):
        return all(map(_is_slip, words, others))
    few, many = sorted((words, others), key=len)
    return not set(few) <= set(many) and _is_slip("".join(words), "".join(others))


def _is_slip(word: str, other: str) -> bool:
    """Return whether a word is another one but for a slip of the hand or two."""
    if word == other:
        return True
    shorter, longer = sorted((word, other), key=len)
    if len(longer) <= _SHORT and len(shorter) == len(longer):
        return sorted(word) == sorted(other) and _distance(word, other) == 1
    most = next((slips for length, slips in _SLIPS if len(shorter) <= length), _MOST_SLIPS)
    return _distance(word, other) <= most


def _distance(word: str, other: str) -> int:
    """Return how many letters are to be put in, taken out, changed or exchanged with the next."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]


def listed(names: Iterable[str], word: Literal["and", "or"] = "and") -> str:
    """Return "'a', 'b' and 'c'"."""
    quoted = [f"'{name}'" for name in names]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
