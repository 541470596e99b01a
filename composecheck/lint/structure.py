"""What a Compose file's comments lie between: its scalars, and the lines of its services."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from composecheck.text.source import Source

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BLOCK = re.compile(r"(?:[&!]\S*[ \t]+)*[|>]")


class ServiceLines(NamedTuple):
    """A key of `services`, and the lines from it to the end of its value."""

    name: str
    lines: range


class _Open:
    """A collection that is being read, and of a mapping the key whose value is to come."""

    __slots__ = ("key", "line", "mapping")

    def __init__(self, mapping: bool) -> None:
        self.mapping = mapping
        self.key: str | None = None
        self.line = 0


class Structure:
    """Where a file's scalars are in some lines (by number), and its services.

    `known` is the last line that this holds for, where the text stops being YAML; `blocks` has the last
    line of each block scalar, by its first.
    """

    def __init__(self, source: Source, numbers: list[int]) -> None:
        self.scalars: dict[int, list[tuple[int, int]]] = {}
        self.services: list[ServiceLines] = []
        self.known = 0
        self.blocks: dict[int, int] = {}
        self._source = source
        self._numbers = numbers
        self._stack: list[_Open] = []
        self._last = 0  # where the last value ends: the end of a block is where the next thing begins
        try:
            get_event = _Loader(source.text).get_event
            while (event := get_event()) is not None:
                self._read(event)
                self.known = max(self.known, event.start_mark.line)
            self.known += 1
        except yaml.YAMLError:
            pass

    def _read(self, event: Any) -> None:
        kind, start, end = type(event), event.start_mark, event.end_mark
        if kind is ScalarEvent:
            self._last = end.line + (end.column > 0)
            if event.style in ("|", ">"):
                self.blocks[start.line + 1] = self._last
            self._scalar(start, end)
            self._done(event.value, start.line + 1)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            self._stack.append(_Open(kind is MappingStartEvent))
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._stack.pop()
            if end.column > start.column:  # a bracket
                self._last = end.line + 1
            self._done("", start.line + 1)
        elif kind is AliasEvent:
            self._last = end.line + 1
            self._done("", start.line + 1)

    def _done(self, text: str, line: int) -> None:
        """Take note of a node that is complete: a key, or a value."""
        stack = self._stack
        if not stack or not stack[-1].mapping:
            return
        top = stack[-1]
        if top.key is None:
            top.key, top.line = text, line
            return
        if len(stack) == 2 and stack[0].key == "services":
            self.services.append(ServiceLines(top.key, range(top.line, max(self._last, top.line) + 1)))
        top.key = None

    def _scalar(self, start: Any, end: Any) -> None:
        """Write down the part of each line of interest that a scalar takes."""
        first, last, column = start.line + 1, end.line + 1, start.column
        at = bisect_left(self._numbers, first)
        if at == len(self._numbers) or self._numbers[at] > last:
            return
        header = _BLOCK.match(self._source.line(first), column)
        if header is not None:  # after the header of a block there may be a comment
            self.scalars.setdefault(first, []).append((column, header.end()))
            first, column = first + 1, 0
        for number in self._numbers[at : bisect_left(self._numbers, last + 1)]:
            if number >= first:
                left = column if number == first else 0
                right = end.column if number == last else len(self._source.line(number))
                self.scalars.setdefault(number, []).append((left, right))
