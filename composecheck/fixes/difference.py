"""Two texts as a unified diff that shows no secret."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    # A change of lines: what becomes of the first two bounds is between the other two.
    _Change = tuple[str, int, int, int, int]

_CONTEXT = 3


class _Hunk(NamedTuple):
    """Changes that stand together, with the lines before the change from `start` to `end`."""

    start: int
    end: int
    changes: tuple[_Change, ...]


def difference(shown: str, before: str, after: str, hidden: Callable[[str], str] = str) -> str:
    """Return a unified diff of a file's text, "" where nothing has changed; `shown` is its path.

    `hidden` gives a line without what is not to be shown. Context ends before a line of which that changes
    anything, since a diff with another line could not be applied.
    """
    old, new = _lines(before), _lines(after)
    hunks = [line for hunk in _hunks(old, new, hidden) for line in _written(hunk, old, new, hidden)]
    return "".join([f"--- {shown}\n+++ {shown}\n", *hunks]) if hunks else ""


def _hunks(old: Sequence[str], new: Sequence[str], hidden: Callable[[str], str]) -> list[_Hunk]:
    from difflib import SequenceMatcher

    hunks: list[_Hunk] = []
    for change in SequenceMatcher(None, old, new).get_opcodes():
        tag, start, end, *_ = change
        if tag == "equal":
            continue
        first, last = start, end
        while start > max(first - _CONTEXT, 0) and _masked(old[start - 1], hidden) == old[start - 1]:
            start -= 1
        while end < min(last + _CONTEXT, len(old)) and _masked(old[end], hidden) == old[end]:
            end += 1
        if hunks and hunks[-1].end >= start:
            hunks[-1] = _Hunk(hunks[-1].start, end, (*hunks[-1].changes, change))
        else:
            hunks.append(_Hunk(start, end, (change,)))
    return hunks


def _written(
    hunk: _Hunk, old: Sequence[str], new: Sequence[str], hidden: Callable[[str], str]
) -> Iterator[str]:
    lines: list[str] = []
    at, added = hunk.start, 0
    for _, first, last, begin, end in hunk.changes:
        lines += [f" {line}" for line in old[at:first]]
        lines += [f"-{_masked(line, hidden)}" for line in old[first:last]]
        lines += [f"+{_masked(line, hidden)}" for line in new[begin:end]]
        at, added = last, added + (end - begin) - (last - first)
    lines += [f" {line}" for line in old[at : hunk.end]]
    _, first, _, begin, _ = hunk.changes[0]
    length = hunk.end - hunk.start
    here, there = _range(hunk.start, length), _range(begin - (first - hunk.start), length + added)
    yield f"@@ -{here} +{there} @@\n"
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _masked(line: str, hidden: Callable[[str], str]) -> str:
    text = line.removesuffix("\n")
    return hidden(text) + line[len(text) :]


def _range(start: int, length: int) -> str:
    """Return where lines are, as a diff counts them: of none, after which line."""
    return str(start + 1) if length == 1 else f"{start + bool(length)},{length}"


def _lines(text: str) -> list[str]:
    # Less than str.splitlines takes for an end, which no program that applies a diff would.
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
