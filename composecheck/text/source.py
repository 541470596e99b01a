"""Files as text, and places in them: the only reader of the user's files."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

from composecheck.errors import SourceError
from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Far above any real file, and a Compose file of that size is read in some twenty seconds.
MAX_BYTES = 50_000_000
# What libyaml counts as the end of a line, and so its marks: less than str.splitlines does.
# `re` compiles it for the first line that is asked for, and a clean file is asked for none.
_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"


class Source:
    """One file's text.

    `path` is the file as the user named it or as it was found (relative to the current
    folder where possible), with `/`; "<stdin>" for standard input. It is what reports show.
    """

    __slots__ = ("_lines", "_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._lines: list[str] | None = None
        self._starts: list[int] | None = None

    def line(self, number: int) -> str:
        """Return a line's text (1-based) without its line ending, "" past the end."""
        if self._lines is None:
            self._lines = re.split(_BREAK, self.text)
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def starts(self) -> list[int]:
        """Return the offset in the text at which each line starts."""
        if self._starts is None:
            self._starts = [0, *(found.end() for found in re.finditer(_BREAK, self.text))]
        return self._starts

    def span(self, start: int, end: int) -> Span:
        """Return the place between two offsets of the text."""
        return Span(self, *self._position(start), *self._position(end))

    def _position(self, offset: int) -> tuple[int, int]:
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
        return f"{self.source.path}:{self.line}:{self.column}"

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
    starts = source.starts()
    line = bisect_right(starts, start)
    last = len(source.line(line)) + starts[line - 1]
    column = start - starts[line - 1] + 1
    return Span(source, line, column, line, column + max(min(end, last) - start, 1))


def read(
    path: Path,
    *,
    shown: str | None = None,
    limit: int = MAX_BYTES,
    pipe: bool = False,
    texts: Mapping[str, str] = {},
) -> Source:
    """Read a UTF-8 file (a byte-order mark is dropped); `limit` is in bytes.

    A `pipe` is read only on request, since nobody may ever write to it; `texts` are read in place of
    what files hold, by their paths without links. Raises SourceError with the reason and, for bytes
    that are not UTF-8, the place.
    """
    shown = shown or show(path)
    try:
        if texts and (text := texts.get(os.path.realpath(path))) is not None:
            return Source(shown, text)
        if not pipe and stat.S_ISFIFO(path.stat().st_mode):
            raise SourceError(shown, "is a pipe, not a file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except IsADirectoryError:
        raise SourceError(shown, "is a folder, not a file") from None
    except OSError as error:
        raise SourceError(shown, (error.strerror or str(error)).lower()) from None
    except ValueError:
        raise SourceError(shown, "no file's name holds a null character") from None
    return decode(shown, data, limit=limit)


def decode(shown: str, data: bytes, *, limit: int | None = None) -> Source:
    """Make a Source of bytes in UTF-8; raises SourceError as `read` does."""
    if limit is not None and len(data) > limit:
        raise SourceError(shown, f"is larger than the limit of {limit} bytes", rule="document-limit")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        starts = Source(shown, before).starts()
        raise SourceError(
            shown,
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            rule="invalid-encoding",
            line=len(starts),
            column=len(before) - starts[-1] + 1,
        ) from None
    return Source(shown, text)


def show(path: Path) -> str:
    """Return a path as reports show it: relative to the current folder, with `/`."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError, RuntimeError):  # the last for links in a circle, until Python 3.13
        return path.as_posix()
