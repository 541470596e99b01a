"""A Dockerfile's text into logical lines, by BuildKit's rules: directives, continuations, comments.

https://docs.docker.com/reference/dockerfile/ tells of them; what it leaves open is as in BuildKit's
frontend/dockerfile/parser. Every character of a logical line knows where it stands in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Protocol

from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.text.source import Span

# What a part of a file is cut into: where it begins, where it ends without its line end.
Range = tuple[int, int]

_DIRECTIVE = re.compile(r"#[ \t]*(\w+)[ \t]*=[ \t]*(\S.*?)[ \t]*")


class Written(Protocol):
    """A text whose characters have places: a Source, or what a value of a Compose file holds."""

    @property
    def text(self) -> str:
        """The whole text."""
        ...

    def span(self, start: int, end: int) -> Span:
        """Return the place between two offsets of the text."""
        ...


class Line:
    """A logical line: its continuations joined, comments and blank lines between them left out."""

    __slots__ = ("_offsets", "_positions", "end", "text", "written")

    def __init__(self, written: Written, pieces: list[Range]) -> None:
        """Join pieces of a text, the first of them from the first character that is no blank."""
        self.written = written
        self.end = pieces[-1][1]  # an offset of the file
        self._offsets = [start for start, _ in pieces]
        self._positions = [0]
        for start, end in pieces[:-1]:
            self._positions.append(self._positions[-1] + end - start)
        self.text = "".join([written.text[start:end] for start, end in pieces])

    def offset(self, position: int) -> int:
        """Return where a character of the logical line stands in the file."""
        at = bisect_right(self._positions, position) - 1
        return self._offsets[at] + position - self._positions[at]

    def span(self, start: int, end: int) -> Span:
        """Return the place between two positions of the logical line."""
        first = self.offset(start)
        return self.written.span(first, self.offset(end - 1) + 1 if end > start else first)

    def node(self, start: int, end: int, value: str | None = None) -> Node:
        """Return what stands between two positions, or what it means."""
        return Node(self.text[start:end] if value is None else value, self.span(start, end))


class Lines:
    """The physical lines of a Dockerfile, taken one after the other."""

    __slots__ = (
        "_at", "_continued", "_numbers", "_physical", "comments", "directives", "escape", "written",
    )  # fmt: skip

    def __init__(self, written: Written) -> None:
        self.written = written
        self.directives: dict[str, Node] = {}
        # Each with the line below it, where it stands inside of an instruction.
        self.comments: list[tuple[Range, Range | None]] = []
        self._physical = list(_physical(written.text))
        self._numbers: dict[bool, dict[str, list[int]]] = {}
        self._at = 0
        self._read_directives()
        self.escape = str(self.directives["escape"].value) if "escape" in self.directives else "\\"
        mark = re.escape(self.escape)
        self._continued = re.compile(rf"(?<!{mark}){mark}[ \t]*$")

    def next(self) -> Line | None:
        """Return the next logical line, None at the end."""
        text = self.written.text
        while self._at < len(self._physical):
            start, end = self._physical[self._at]
            self._at += 1
            start += len(text[start:end]) - len(text[start:end].lstrip())
            if start == end:
                continue
            if text[start] == "#":
                self.comments.append(((start, end), None))
                continue
            pieces = self._pieces(start, end)
            line = Line(self.written, pieces)
            if line.text.strip():
                return line
        return None

    def body(self, terminator: str, *, chomps: bool) -> list[Range] | None:
        """Take the lines of a heredoc up to the one that ends it; None, and nothing taken, without an end.

        That would be an error to BuildKit: it was no heredoc, but a shift.
        """
        ends = self._ends(chomps).get(terminator, [])
        number = bisect_left(ends, self._at)
        if number == len(ends):
            return None
        lines = self._physical[self._at : ends[number]]
        self._at = ends[number] + 1
        return lines

    def _ends(self, chomps: bool) -> dict[str, list[int]]:
        """Return the numbers of the physical lines by what they hold, without leading tabs or with them."""
        if chomps not in self._numbers:
            text, numbers = self.written.text, self._numbers.setdefault(chomps, {})
            for number, (start, end) in enumerate(self._physical):
                line = text[start:end]
                numbers.setdefault(line.lstrip("\t") if chomps else line, []).append(number)
        return self._numbers[chomps]

    @property
    def last(self) -> int:
        """The offset at which the line ends that was taken last."""
        return self._physical[self._at - 1][1]

    def _pieces(self, start: int, end: int) -> list[Range]:
        """Return the pieces of a logical line that begins here, without what continues them."""
        text = self.written.text
        pieces: list[Range] = []
        while mark := self._continued.search(text[start:end]):
            pieces.append((start, start + mark.start()))
            # Comments and blank lines inside a continuation do not end it.
            following = self._following()
            if following is None:
                return pieces
            start, end = following
        return [*pieces, (start, end)]

    def _following(self) -> Range | None:
        """Take the next line that is neither blank nor a comment."""
        text = self.written.text
        comments: list[Range] = []
        while self._at < len(self._physical):
            start, end = self._physical[self._at]
            self._at += 1
            line = text[start:end].lstrip()
            if line.startswith("#"):
                comments.append((end - len(line), end))
            elif line:
                self.comments += [(comment, (start, end)) for comment in comments]
                return start, end
        return None

    def _read_directives(self) -> None:
        """Read the directives, which stand before all else, other comments too."""
        text = self.written.text
        for start, end in self._physical:
            match = _DIRECTIVE.fullmatch(text[start:end].strip())
            if match is None:
                break
            at = start + text[start:end].index("#") + match.start(2)
            value = Node(match[2], self.written.span(at, at + len(match[2])))
            self.directives.setdefault(match[1].lower(), value)


def _physical(text: str) -> Iterator[Range]:
    """Yield the lines of a text, without their ends."""
    start = 0
    while True:
        end = text.find("\n", start)
        if end < 0:
            yield start, len(text)
            return
        yield start, end - (end > start and text[end - 1] == "\r")
        start = end + 1
