"""Findings that a comment suppresses: `# composecheck: ignore[rule-id, other-id] reason`.

A comment is for the findings of its line; alone in a line, for those of the line below. Where that
is the line of a service's key, it is for the whole service, and at the file's head for the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from composecheck.findings.catalogue import GROUPS
from composecheck.findings.diagnostic import Diagnostic
from composecheck.rules import meant
from composecheck.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from composecheck.text.source import Source

MARK = "composecheck:"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A comment may have others before it, such as those of other linters.
_DIRECTIVE = re.compile(r"#+[ \t]*composecheck:[ \t]*")
_IGNORE = re.compile(r"ignore\[([^\[\]]*)\]")
_REASON = re.compile(r"(?:(?![ \t]#).)*")
_ID = re.compile(r"[^,\s](?:[^,]*[^,\s])?")
_BLOCK = re.compile(r"(?:[&!]\S*[ \t]+)*[|>]")


class Suppression(NamedTuple):
    """One id of a comment, at its place, and what it is for."""

    rule: str
    span: Span
    reason: str
    scope: Literal["line", "service", "file"]
    line: int
    services: frozenset[str]
    lines: tuple[range, ...]  # of the services


class Suppressed(NamedTuple):
    """A finding that is not told, by a comment or by an exception of the configuration, and why."""

    diagnostic: Diagnostic
    by: Literal["comment", "configuration"]
    reason: str


class Suppressions:
    """The comments of some files, and which of them have suppressed anything."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.findings: list[Diagnostic] = []
        self._all: list[Suppression] = []
        self._used: set[int] = set()
        self._index: dict[tuple[str, str, int | str], int] = {}
        for source in sources:
            if MARK in source.text:
                self._all += _read(source, self.findings)
        for at, one in enumerate(self._all):
            for key in _keys(one):
                self._index.setdefault(key, at)

    def reason(self, diagnostic: Diagnostic) -> str | None:
        """Return why a finding is suppressed, None if it is not; of several comments the nearest counts."""
        rule, span = diagnostic.rule, diagnostic.span
        path = span.source.real
        keys = (("line", path, span.line), ("within", path, span.line), ("of", "", diagnostic.service or ""))
        for kind, where, what in (*keys, ("file", path, 0)):
            at = self._index.get((f"{kind} {rule}", where, what))
            if at is not None:
                self._used.add(at)
                return self._all[at].reason
        return None

    def unused(self, ran: Callable[[str], bool], unseen: Collection[str]) -> Iterator[Diagnostic]:
        """Yield a note on each that has suppressed nothing of a rule that ran, but in `unseen` services."""
        for at, one in enumerate(self._all):
            if at in self._used or not ran(one.rule):
                continue
            if unseen and (one.scope == "file" or not one.services.isdisjoint(unseen)):
                continue
            message = f"there is no finding of '{one.rule}' for this comment to suppress"
            yield Diagnostic("unused-suppression", "note", message, one.span, "remove it")


def _keys(one: Suppression) -> Iterator[tuple[str, str, int | str]]:
    """Yield how `reason` finds a suppression."""
    path = one.span.source.real
    if one.scope == "file":
        yield f"file {one.rule}", path, 0
        return
    yield f"line {one.rule}", path, one.line
    if one.scope == "service":
        yield from ((f"of {one.rule}", "", name) for name in one.services)
        yield from ((f"within {one.rule}", path, line) for lines in one.lines for line in lines)


def _read(source: Source, findings: list[Diagnostic]) -> Iterator[Suppression]:
    """Yield the suppressions of a file, and add what is wrong with its comments."""
    numbers = sorted({source.span(m.start(), m.end()).line for m in re.finditer(MARK, source.text)})
    structure = _Structure(source, numbers)
    head = _head(source)
    at: dict[int, list[_Service]] = {}
    for service in structure.services:
        for line in service.lines:
            at.setdefault(line, []).append(service)
    below = 0
    for number in numbers:
        text = source.line(number)
        start = _comment(text, structure.scalars.get(number, ()))
        if start is None or (number >= head and number > structure.known):
            continue
        if number >= below:  # else it is one of several comments above the same line
            below = _below(source, number)
        target = number if text[:start].strip() else below if source.line(below).strip() else 0
        services = at.get(target, [])
        scope: Literal["line", "service", "file"] = "line"
        if number < head:
            scope = "file"
        elif keyed := [service for service in services if target == service.lines.start]:
            scope, services = "service", keyed
        names = frozenset(service.name for service in services)
        lines = tuple(service.lines for service in services)
        for found in _DIRECTIVE.finditer(text, start):
            if found.start() > start and not text[found.start() - 1].isspace():
                continue
            for rule, span, reason in _ids(source, number, found, findings):
                yield Suppression(rule, span, reason, scope, target, names, lines)


def _ids(
    source: Source, number: int, found: re.Match[str], findings: list[Diagnostic]
) -> Iterator[tuple[str, Span, str]]:
    """Yield the ids of a comment, each with its place and the comment's reason."""
    text = found.string
    whole = _span(source, number, found.start(), len(text.rstrip()))
    ignore = _IGNORE.match(text, found.end())
    ids = list(_ID.finditer(text, ignore.start(1), ignore.end(1))) if ignore else []
    if ignore is None or not ids or len(ids) <= ignore[1].count(","):
        message = "this comment is no suppression that composecheck understands"
        remedy = "write '# composecheck: ignore[rule-id] reason'"
        findings.append(Diagnostic("invalid-suppression", "warning", message, whole, remedy))
        return
    told = _REASON.match(text, ignore.end())
    reason = told[0].strip() if told else ""
    if not reason:
        message = "this suppression does not say why"
        remedy = "write the reason after the bracket"
        findings.append(Diagnostic("suppression-without-reason", "note", message, whole, remedy))
    for each in ids:
        span = _span(source, number, each.start(), each.end())
        if each[0] in GROUPS:
            yield each[0], span, reason
        else:
            message = f"there is no rule '{each[0]}' to suppress"
            findings.append(Diagnostic("invalid-suppression", "warning", message, span, meant(each[0])))


def _span(source: Source, number: int, start: int, end: int) -> Span:
    return Span(source, number, start + 1, number, end + 1)


def _head(source: Source) -> int:
    """Return the line of the first thing in a file that is neither blank nor a comment."""
    number, at = 1, 0
    while at < len(source.text):
        text = source.line(number)
        if text.strip() and not text.lstrip().startswith("#"):
            break
        number, at = number + 1, at + len(text) + 1
    return number


def _below(source: Source, number: int) -> int:
    """Return the line under a comment and those that follow it."""
    number += 1
    while source.line(number).lstrip().startswith("#"):
        number += 1
    return number


def _comment(text: str, scalars: Sequence[tuple[int, int]]) -> int | None:
    """Return where the comment of a line begins: at a number sign outside all scalars, given in order."""
    at = text.find("#")
    for start, end in scalars:
        if start <= at < end:
            at = text.find("#", end)
    return at if at >= 0 else None


class _Service(NamedTuple):
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


class _Structure:
    """Where a file's scalars are in some lines (by number), and its services.

    `known` is the last line that this holds for, where the text stops being YAML.
    """

    def __init__(self, source: Source, numbers: list[int]) -> None:
        self.scalars: dict[int, list[tuple[int, int]]] = {}
        self.services: list[_Service] = []
        self.known = 0
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
            self.services.append(_Service(top.key, range(top.line, max(self._last, top.line) + 1)))
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
