"""The places of files that fixes take and have written."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from composecheck.text.node import Node
    from composecheck.text.source import Span

    # A file's path without links, two offsets in its text, and what comes between them.
    Edited = tuple[str, int, int, str]

    # A part of a file, by its path without links and two places in its text.
    Part = tuple[str, tuple[int, int], tuple[int, int]]


class Taken:
    """The places of a file that edits take; what another edit touches there is not free."""

    def __init__(self) -> None:
        self._places: list[tuple[int, int]] = []
        self._edits: set[Edited] = set()

    def free(self, edit: Edited) -> bool:
        """Return whether an edit touches no other than itself."""
        if edit in self._edits:
            return True
        at = bisect_left(self._places, edit[1:3])
        before, after = self._places[max(at - 1, 0) : at], self._places[at : at + 1]
        return not (before and before[0][1] >= edit[1]) and not (after and after[0][0] <= edit[2])

    def add(self, edit: Edited) -> None:
        """Take an edit's place."""
        insort(self._places, edit[1:3])
        self._edits.add(edit)


class Written:
    """The places of a file that hold what fixes have written, each with the pass that it was written in."""

    def __init__(self) -> None:
        self._places: list[tuple[int, int, int]] = []

    def add(self, edits: Iterable[Edited], pass_: int, final: Container[Edited]) -> None:
        """Take in the edits of a pass, of which some are final; what was there before moves with the text."""
        ends, shifts, written = [], [0], []
        for edit in sorted(edits, key=lambda edit: edit[1:3]):
            _, start, end, new = edit
            if edit in final:
                written.append((start + shifts[-1], start + shifts[-1] + len(new), pass_))
            ends.append(end)
            shifts.append(shifts[-1] + len(new) - (end - start))
        moved = (
            (start + shifts[bisect_right(ends, start)], end + shifts[bisect_right(ends, end)], number)
            for start, end, number in self._places
        )
        self._places = [*moved, *written]

    def later(self, edit: Edited, pass_: int) -> bool:
        """Return whether an edit touches what was written in an earlier pass than that of its finding."""
        return any(
            number < pass_ and start <= edit[2] and edit[1] <= end for start, end, number in self._places
        )


def applied(text: str, lines: Sequence[int], edits: Sequence[Edited]) -> tuple[str, list[int]]:
    """Return a text after edits, and of each of its lines which one it was."""
    parts: list[str] = []
    numbers: list[int] = []
    at, line = 0, 0
    for _, start, end, new in sorted(
        edits, key=lambda edit: edit[1:3]
    ):  # those at one place keep their order
        kept, gone = text[at:start], text[start:end]
        parts += (kept, new)
        passed = kept.count("\n")
        numbers += [*lines[line : line + passed], *[lines[line + passed]] * new.count("\n")]
        line += passed + gone.count("\n")
        at = end
    return "".join([*parts, text[at:]]), [*numbers, *lines[line:]]


def parts(document: Node, path: tuple[str, ...]) -> Iterator[Part]:
    """Yield what is written of what a path of the model leads to, in whatever files.

    Where it leads further than the document, it is the last mapping on the way that counts; the document
    itself never does, for everything is in it.
    """
    node = _last(document, path)
    if node is document:
        return
    for span in (node.key_span, *(child.key_span for child in node.mapping.values())):
        if span is not None and (part := _written(span, whole=span is node.key_span)) is not None:
            yield part


def _last(document: Node, path: tuple[str, ...]) -> Node:
    node = document
    for key in path:
        inner = node.get(key) or (_entry(node, key) if node.items else None)
        if inner is None:
            break
        node = inner
    return node


def _entry(node: Node, key: str) -> Node | None:
    return node.items[int(key)] if key.isdecimal() and int(key) < len(node.items) else None


def _written(key: Span, *, whole: bool) -> Part | None:
    """Return where what stands under a key is written; where not `whole`, the mapping that the key is in."""
    from composecheck.remedies.edits.layout import layout_of

    layout = layout_of(key.source)
    piece = layout.scalars.get(layout.offset(key))
    inside = piece.below if whole and piece is not None else piece.parent if piece is not None else None
    if inside is None:
        return None
    return key.source.real, key.source.position(inside.start), key.source.position(inside.end)


def place(span: Span) -> tuple[str, int, int]:
    """Return what tells one beginning of a place from another."""
    return span.source.real, span.line, span.column
