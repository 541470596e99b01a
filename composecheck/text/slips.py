"""Names that are one another but for a slip of the finger: what can be corrected without asking.

Nearer than what "did you mean" asks for: a letter left out, doubled, mistaken, changed over with the next.
"""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# In a shorter word one other letter makes another word: "app" is no slip for "api".
_LONG, _LONGER = 5, 8


def slip_of(name: str, names: Iterable[str], *, but: Iterable[str] = ()) -> str | None:
    """Return the only one of the names that another is by a slip, None where there is none or a second."""
    ruled_out = {name, *but}
    found = [each for each in names if each not in ruled_out and _is_slip(name, each)]
    # Who forgets a letter does not forget where a word ends as well.
    nearest = [each for each in found if len(_words(each)) == len(_words(name))] or found
    return nearest[0] if len(nearest) == 1 else None


def _is_slip(name: str, meant: str) -> bool:
    # One slip leaves the first letter or the last one, and numbers tell things of a kind apart.
    if not _ends_alike(name, meant) or re.findall(r"\d+", name) != re.findall(r"\d+", meant):
        return False
    if _letters(name) == _letters(meant):
        return True
    words, others = _words(name), _words(meant)
    if len(words) != len(others):
        return len(_letters(name)) >= _LONG and _apart(_letters(name), _letters(meant)) == 1
    different = [(word, other) for word, other in zip(words, others, strict=True) if word != other]
    return len(different) == 1 and _near(*different[0])


def _ends_alike(name: str, meant: str) -> bool:
    return (
        abs(len(name) - len(meant)) <= 2
        and bool(name and meant)
        and (name[0].lower() == meant[0].lower() or name[-1].lower() == meant[-1].lower())
    )


def _words(name: str) -> list[str]:
    return re.split(r"[\W_]+", name.lower())


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _near(word: str, meant: str) -> bool:
    shorter = min(len(word), len(meant))
    if shorter < 3:
        return False
    apart = _apart(word, meant)
    if apart == 1 and len(word) == len(meant) and sorted(word) != sorted(meant):
        return shorter >= _LONG
    return apart == 1 or (apart == 2 and shorter >= _LONGER)


def _apart(word: str, other: str) -> int:
    """Return by how many slips two words differ, 3 for more than two."""
    if abs(len(word) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(word, 1):
        above, row = (before, row), [at]
        older, old = above
        for to, another in enumerate(other, 1):
            best = min(old[to] + 1, row[-1] + 1, old[to - 1] + (letter != another))
            if at > 1 and to > 1 and letter == other[to - 2] and word[at - 2] == another:
                best = min(best, older[to - 2] + 1)
            row.append(best)
        before = old
    return min(row[-1], 3)
