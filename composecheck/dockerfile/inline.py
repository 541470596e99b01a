"""A Dockerfile that stands in a Compose file, with the places that its characters have there."""

from __future__ import annotations

import re
from bisect import bisect_right

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.text.node import Node
    from composecheck.text.source import Source, Span

# The header of a literal block whose lines are as deep as the first of them.
_HEADER = re.compile(r"(?:[&!]\S*[ \t]+)*\|[+-]?[ \t]*(?:#.*)?")


class _Row(NamedTuple):
    """A line of a value: its line in the file, how deep that is, and what of the two is the same."""

    line: int
    indent: int
    length: int  # of the value's
    before: int  # characters that are the same at the beginning
    after: int  # and at the end
    written: int  # the length of the file's

    def start(self, column: int) -> int:
        """Return the column in the file for an offset in the line at which something begins."""
        if column <= self.before or self.length == self.written == self.before:
            return self.indent + column + 1
        if column >= self.length - self.after:
            return self.indent + self.written - (self.length - column) + 1
        return self.indent + self.before + 1

    def end(self, column: int) -> int:
        """Return the column in the file for an offset in the line at which something ends."""
        if column > self.before and column < self.length - self.after:
            return self.indent + self.written - self.after + 1
        return self.start(column)


class Inline:
    """The value of `dockerfile_inline`, and the places of its characters in the Compose file.

    A line that a variable changed keeps the places of what it did not change. All places are the key's
    where the value is no literal block.
    """

    __slots__ = ("_node", "_rows", "_starts", "text")

    def __init__(self, node: Node) -> None:
        self.text = str(node.value)
        self._node = node
        self._rows = _rows(node)
        self._starts = [0]
        for line in self.text.split("\n")[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, start: int, end: int) -> Span:
        """Return the place between two offsets of the text."""
        first, last = (bisect_right(self._starts, offset) - 1 for offset in (start, end))
        if max(first, last) >= len(self._rows):
            return self._node.place
        begins, ends = self._rows[first], self._rows[last]
        return self._node.span._replace(
            line=begins.line,
            column=begins.start(start - self._starts[first]),
            end_line=ends.line,
            end_column=ends.end(end - self._starts[last]),
        )


def _rows(node: Node) -> list[_Row]:
    """Return the lines of a value as they are written; none where the value is no literal block."""
    span = node.span
    source = span.source
    if not _HEADER.fullmatch(source.line(span.line), span.column - 1):
        return []
    values = str(node.value).split("\n")
    rows = list(_written(source, span))
    while len(rows) < len(values):  # the lines that end a block may be blank
        rows.append((rows[-1][0] + 1 if rows else span.line, 0, ""))
    body = [text for _, _, text in rows]
    if len("\n".join(values).rstrip("\n").split("\n")) != len("\n".join(body).rstrip("\n").split("\n")):
        return []  # a variable brought lines of its own
    return [_row(value, *row) for value, row in zip(values, rows, strict=False)]


def _written(source: Source, span: Span) -> Iterator[tuple[int, int, str]]:
    """Yield the lines of a block: their numbers, how deep they are, and what they hold."""
    indent = None
    for number in range(span.line + 1, span.end_line + 1):
        text = source.line(number)
        if indent is None and text.strip():
            indent = len(text) - len(text.lstrip(" "))
        if indent is None:
            yield number, 0, ""
        elif text[:indent].strip():
            return  # what ends the block
        else:
            yield number, min(indent, len(text)), text[indent:]


def _row(value: str, line: int, indent: int, written: str) -> _Row:
    if value == written:
        return _Row(line, indent, len(value), len(value), 0, len(written))
    before = _common(value, written)
    after = _common(value[before:][::-1], written[before:][::-1])
    return _Row(line, indent, len(value), before, after, len(written))


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with are the same."""
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    return at
