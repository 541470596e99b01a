"""Files as text, and places in them."""

from __future__ import annotations

import re

from composecheck.named import NamedTuple

# What libyaml counts as the end of a line, and so its marks: less than str.splitlines does.
# `re` compiles it for the first file that has others than `\n`.
_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"


class Source:
    """One file's text.

    `path` is absolute, as the file was named or found; "<stdin>" for standard input. `real` is the path
    without links, by which files are told apart, and `shown` the one that reports show: relative to the
    folder of the check where the file lies in it, with `/`. Of a `withheld` one there are only places: its
    text is not to be shown.
    """

    __slots__ = ("_lines", "_starts", "path", "real", "shown", "text", "withheld")

    def __init__(
        self,
        path: str,
        text: str,
        *,
        real: str | None = None,
        shown: str | None = None,
        withheld: bool = False,
    ) -> None:
        self.path = path
        self.text = text
        self.real = path if real is None else real
        self.shown = path if shown is None else shown
        self.withheld = withheld
        self._lines: list[str] | None = None
        self._starts: list[int] | None = None

    def line(self, number: int) -> str:
        """Return a line's text (1-based) without its line ending, "" past the end."""
        if self._lines is None:
            plain = self.text.isascii() and "\r" not in self.text
            self._lines = self.text.split("\n") if plain else re.split(_BREAK, self.text)
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def starts(self) -> list[int]:
        """Return the offset in the text at which each line starts."""
        if self._starts is None:
            self._starts = [0, *(found.end() for found in re.finditer(_BREAK, self.text))]
        return self._starts

    def span(self, start: int, end: int) -> Span:
        """Return the place between two offsets of the text."""
        return Span(self, *self.position(start), *self.position(end))

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset in the text."""
        from bisect import bisect_right  # a clean file is asked for no offset

        starts = self.starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def __repr__(self) -> str:
        return f"Source({self.path!r})"


class Span(NamedTuple):
    """A place in a Source: 1-based line and column in code points, half open."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.shown}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        """The text between the two ends."""
        if self.line == self.end_line:
            return self.source.line(self.line)[self.column - 1 : self.end_column - 1]
        middle = [self.source.line(n) for n in range(self.line + 1, self.end_line)]
        first = self.source.line(self.line)[self.column - 1 :]
        last = self.source.line(self.end_line)[: self.end_column - 1]
        return "\n".join([first, *middle, last])


def whole(source: Source) -> Span:
    """Return the place that stands for a whole file: its first character."""
    return Span(source, 1, 1, 1, 1)


def within(source: Source, start: int, end: int) -> Span:
    """Return the place between two offsets, at most up to the end of the line where it begins."""
    line, column = source.position(start)
    rest = len(source.line(line)) + 1 - column
    return Span(source, line, column, line, column + max(min(end - start, rest), 1))
