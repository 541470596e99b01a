"""Findings that a comment suppresses: `# composecheck: ignore[rule-id, other-id] reason`.

A comment is for the findings of its line; alone in a line, for those of the line below. Where that
is the line of a service's key, it is for the whole service, and at the file's head for the file; where a
block of text begins there, for all of it. In a Dockerfile it is for the instruction below it, or inside of
one for the line below.
"""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from composecheck.findings.catalogue import GROUPS
from composecheck.findings.diagnostic import Diagnostic
from composecheck.lint.structure import ServiceLines, Structure
from composecheck.named import TYPE_CHECKING
from composecheck.rules import meant
from composecheck.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Literal

    from composecheck.dockerfile import Dockerfile
    from composecheck.text.source import Source

MARK = "composecheck:"
# A comment may have others before it, such as those of other linters.
_DIRECTIVE = re.compile(r"#+[ \t]*composecheck:[ \t]*")
_IGNORE = re.compile(r"ignore\[([^\[\]]*)\]")
_REASON = re.compile(r"(?:(?![ \t]#).)*")
_ID = re.compile(r"[^,\s](?:[^,]*[^,\s])?")


class Suppression(NamedTuple):
    """One id of a comment, at its place, and what it is for."""

    rule: str
    span: Span
    reason: str
    scope: Literal["line", "service", "instruction", "file"]
    line: int
    services: frozenset[str]
    lines: tuple[range, ...]  # besides: of the services, of a block of text, of an instruction


class Suppressed(NamedTuple):
    """A finding that is not told, by a comment or by an exception of the configuration, and why."""

    diagnostic: Diagnostic
    by: Literal["comment", "configuration"]
    reason: str


class Suppressions:
    """The comments of some files, and which of them have suppressed anything."""

    def __init__(self, sources: Iterable[Source], dockerfiles: Iterable[Dockerfile] = ()) -> None:
        self.findings: list[Diagnostic] = []
        self._all: list[Suppression] = []
        self._used: set[int] = set()
        self._index: dict[tuple[str, str, int | str], int] = {}
        for source in sources:
            if MARK in source.text:
                self._all += _read(source, self.findings)
        for dockerfile in dockerfiles:
            if MARK in dockerfile.text:
                self._all += _read_dockerfile(dockerfile, self.findings)
        for number, suppression in enumerate(self._all):
            for key in _keys(suppression):
                self._index.setdefault(key, number)

    def reason(self, diagnostic: Diagnostic) -> str | None:
        """Return why a finding is suppressed, None if it is not; of several comments the nearest counts."""
        rule, span = diagnostic.rule, diagnostic.span
        path = span.source.real
        keys: list[tuple[str, str, int | str]] = [
            *((f"{kind} {rule}", path, span.line) for kind in ("line", "block", "within")),
            (f"of {rule}", "", diagnostic.service or ""),
            (f"file {rule}", path, 0),
        ]
        for key in keys:
            number = self._index.get(key)
            if number is not None:
                self._used.add(number)
                return self._all[number].reason
        return None

    def unused(self, ran: Callable[[str], bool], unseen: Collection[str]) -> Iterator[Diagnostic]:
        """Yield a note on each that has suppressed nothing of a rule that ran, but in `unseen` services."""
        for number, suppression in enumerate(self._all):
            if number in self._used or not ran(suppression.rule):
                continue
            if unseen and (
                suppression.scope in ("instruction", "file") or not suppression.services.isdisjoint(unseen)
            ):
                continue
            message = f"there is no finding of '{suppression.rule}' for this comment to suppress"
            yield Diagnostic("unused-suppression", "note", message, suppression.span, "remove it")


def _keys(suppression: Suppression) -> Iterator[tuple[str, str, int | str]]:
    """Yield how `reason` finds a suppression."""
    path = suppression.span.source.real
    if suppression.scope == "file":
        yield f"file {suppression.rule}", path, 0
        return
    yield f"line {suppression.rule}", path, suppression.line
    if suppression.scope == "service":
        yield from ((f"of {suppression.rule}", "", name) for name in suppression.services)
    kind = "within" if suppression.scope == "service" else "block"
    yield from ((f"{kind} {suppression.rule}", path, line) for lines in suppression.lines for line in lines)


def _read(source: Source, findings: list[Diagnostic]) -> Iterator[Suppression]:
    """Yield the suppressions of a file, and add what is wrong with its comments."""
    numbers = sorted({source.span(m.start(), m.end()).line for m in re.finditer(MARK, source.text)})
    structure = Structure(source, numbers)
    head = _head(source)
    at: dict[int, list[ServiceLines]] = {}
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
        lines = tuple(service.lines for service in services) if scope == "service" else ()
        if target in structure.blocks:
            lines = (*lines, range(target, structure.blocks[target] + 1))
        for found in _DIRECTIVE.finditer(text, start):
            if found.start() > start and not text[found.start() - 1].isspace():
                continue
            place = partial(_span, source, number)
            for rule, span, reason in _ids(place, found, findings):
                yield Suppression(rule, span, reason, scope, target, names, lines)


def _read_dockerfile(dockerfile: Dockerfile, findings: list[Diagnostic]) -> Iterator[Suppression]:
    """Yield the suppressions of a Dockerfile, and add what is wrong with its comments."""
    for comment in dockerfile.comments:
        text, span = str(comment.node.value), comment.node.span
        if MARK not in text or span.text != text:  # in a value that has no places of its own
            continue
        scope: Literal["instruction", "file"] = "file" if comment.head else "instruction"
        place = partial(_span, span.source, span.line, shift=span.column - 1)
        for found in _DIRECTIVE.finditer(text):
            if found.start() and not text[found.start() - 1].isspace():
                continue
            for rule, where, reason in _ids(place, found, findings):
                line = comment.lines.start
                yield Suppression(rule, where, reason, scope, line, frozenset(), (comment.lines,))


def _ids(
    place: Callable[[int, int], Span], found: re.Match[str], findings: list[Diagnostic]
) -> Iterator[tuple[str, Span, str]]:
    """Yield the ids of a comment, each with its place and the comment's reason."""
    text = found.string
    whole = place(found.start(), len(text.rstrip()))
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
        span = place(each.start(), each.end())
        if each[0] in GROUPS:
            yield each[0], span, reason
        else:
            message = f"there is no rule '{each[0]}' to suppress"
            findings.append(Diagnostic("invalid-suppression", "warning", message, span, meant(each[0])))


def _span(source: Source, number: int, start: int, end: int, *, shift: int = 0) -> Span:
    return Span(source, number, start + shift + 1, number, end + shift + 1)


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
