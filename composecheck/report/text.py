"""A report for a person: each finding with its line of the file, a mark under it, and the remedy."""

from __future__ import annotations

import re
from typing import NamedTuple

from composecheck.named import TYPE_CHECKING
from composecheck.report.fixable import fixable
from composecheck.report.masked import with_secrets
from composecheck.report.summary import count, summary
from composecheck.text import width
from composecheck.text.redact import MASK
from composecheck.text.visible import TAB, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report
    from composecheck.text.secrets import Secrets
    from composecheck.text.source import Span

    _Found = tuple[Diagnostic, Secrets]

# Of a longer line only the part around the mark is shown.
_WIDEST = 120
_BEFORE_MARK = 40
# What is further from the mark is not even measured, since a line may hold a whole file.
_FAR = 4 * _WIDEST
_RED, _YELLOW, _CYAN, _BLUE, _BOLD, _DIM, _PLAIN = (
    f"\033[{n}m" for n in ("1;31", "1;33", "1;36", "34", "1", "2", "0")
)
_COLORS = {"error": _RED, "warning": _YELLOW, "note": _CYAN}
# Of more findings than this that say the same of one thing and another, only the first are shown.
_MANY = 5
_FIRST = 3
_NAMES = re.compile(r"'[^']*'|\d+")


def render(
    report: Report,
    *,
    notes: bool = False,
    color: bool = False,
    every: bool = False,
    by_check: bool = True,
) -> str:
    """Return the whole text, with a line of counts at its end; notes are only counted unless asked for.

    Without `every`, long runs of one rule are summed up, each in a line before the last. Where it is not
    printed `by_check`, no finding has a mark that says what its '--fix' mends.
    """
    shown = [one for one in with_secrets(report) if notes or one[0].severity != "note"]
    paint = _Paint(color)
    full, rest = (shown, []) if every else _summed_up(shown, paint)
    ways = fixable(report, notes=notes)
    safe = {id(d) for d, way in zip(report.diagnostics, ways, strict=True) if by_check and way == "safe"}
    parts = ["\n".join(_finding(d, secrets, paint, fixable=id(d) in safe)) for d, secrets in full]
    return "\n\n".join(
        [*parts, *rest, paint(_BOLD, summary(report, notes=notes, ways=ways, by_check=by_check))]
    )


def _summed_up(found: Sequence[_Found], paint: _Paint) -> tuple[Sequence[_Found], list[str]]:
    """Return the findings that are shown in full, and what is said of the others."""
    kinds: dict[tuple[str, str, str], list[Diagnostic]] = {}
    for d, _ in found:
        kinds.setdefault((d.severity, d.rule, _NAMES.sub("", d.message)), []).append(d)
    runs = {kind: group[_FIRST:] for kind, group in kinds.items() if len(group) > _MANY}
    if not runs:
        return found, []
    hidden = {id(d) for group in runs.values() for d in group}
    rules: dict[tuple[str, str], list[Diagnostic]] = {}
    for (severity, rule, _), group in runs.items():
        rules.setdefault((severity, rule), []).extend(group)
    lines = []
    for (severity, rule), group in rules.items():
        where = count(len({d.span.source.shown for d in group}), "file")
        number = paint(_COLORS[severity], f"{len(group)} more {severity}s")
        lines.append(f"{number} like these in {where} {paint(_DIM, f'[{rule}]')}; 'check --all' shows them")
    return [one for one in found if id(one[0]) not in hidden], ["\n".join(lines)]


class _Paint:
    """Colours, or none."""

    __slots__ = ("_on",)

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, color: str, text: str) -> str:
        return f"{color}{text}{_PLAIN}" if self._on and text else text


class _Mark(NamedTuple):
    """A place to show, and what to say under it."""

    span: Span
    label: str
    sign: str


def _finding(diagnostic: Diagnostic, secrets: Secrets, paint: _Paint, *, fixable: bool) -> Iterator[str]:
    d = diagnostic
    color = _COLORS[d.severity]
    message = one_line(secrets.mask(d.message))
    rule = paint(_DIM, f"[{d.rule}]") + (f" {paint(_CYAN, '[*]')}" if fixable else "")
    yield f"{one_line(str(d.span))}: {paint(color, d.severity + ':')} {paint(_BOLD, message)} {rule}"
    marks = [_Mark(d.span, "", "^"), *(_Mark(r.span, r.message, "-") for r in d.related)]
    gutter = max(len(str(mark.span.line)) for mark in marks)
    path = d.span.source.shown
    for mark in marks:
        if mark.span.source.shown != path:
            path = mark.span.source.shown
            # What a withheld one says stands beside its place, since there is no line to show.
            said = f": {one_line(secrets.mask(mark.label))}" if mark.span.source.withheld else ""
            yield f"{' ' * gutter}  {paint(_BLUE, '-->')} {one_line(str(mark.span))}{said}"
        if mark.span.source.withheld:
            continue
        yield from _shown(mark, gutter, secrets, paint, color if mark.sign == "^" else _BLUE)
    first, *more = secrets.remedy(d.remedy).split("\n") if d.remedy else [""]
    if first:
        yield f"{' ' * gutter}  {paint(_CYAN, 'help:')} {first}"
        yield from (f"{' ' * gutter}  {' ' * len('help: ')}{line}" for line in more)


def _shown(mark: _Mark, gutter: int, secrets: Secrets, paint: _Paint, color: str) -> Iterator[str]:
    """Yield the line of a place, and the mark under it."""
    span = mark.span
    line = span.source.line(span.line)
    last = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    begin, end = max(span.column - 1 - _FAR, 0), min(span.column - 1 + _FAR, len(line))
    cells = _cells(line, begin, end, secrets)
    first = min(span.column - 1 - begin, len(cells))
    before, under = cells[:first], cells[first : max(last - begin, first)]
    start, length = width.columns("".join(before)), max(width.columns("".join(under)), 1)
    text = "".join(cells)
    if begin or end < len(line) or width.columns(text) > _WIDEST:
        text, start = _window(cells, first, start, cut=(begin > 0, end < len(line)))
        length = min(length, max(_WIDEST - start, 1))
    bar = paint(_BLUE, "|")
    yield f" {paint(_BLUE, str(span.line).rjust(gutter))} {bar} {text.rstrip()}".rstrip()
    label = f" {one_line(secrets.mask(mark.label))}" if mark.label else ""
    yield f" {' ' * gutter} {bar} {' ' * start}{paint(color, mark.sign * length + label)}"


def _window(cells: Sequence[str], first: int, start: int, *, cut: tuple[bool, bool]) -> tuple[str, int]:
    """Return the part of a long line around its mark, and where the mark is in it.

    `cut` says whether the cells begin and end within the line.
    """
    begin, skipped = 0, 0
    while begin < first and start - skipped > _BEFORE_MARK:
        skipped += width.columns(cells[begin])
        begin += 1
    before = "…" if begin or cut[0] else ""
    text, at = before, begin
    while at < len(cells) and width.columns(text) < _WIDEST:
        text += cells[at]
        at += 1
    return text + ("…" if at < len(cells) or cut[1] else ""), start - skipped + len(before)


def _cells(line: str, begin: int, end: int, secrets: Secrets) -> list[str]:
    """Return what is shown for each character of a part of a line: tabs as blanks, secrets as a mask."""
    cells = [TAB if char == "\t" else one_line(char) for char in line[begin:end]]
    for first, last in secrets.ranges(line):
        inside = range(max(first, begin) - begin, min(last, end) - begin)
        for at in inside:
            cells[at] = "" if at > inside[0] else MASK
    return cells
