"""A report as the workflow commands that GitHub Actions makes annotations of."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.report.masked import masked
from composecheck.report.summary import summary
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
# A command ends with its line, and its properties with a colon or a comma.
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report, *, notes: bool = False) -> str:
    """Return a command for each finding, and the counts for who reads the log.

    Notes are only counted unless asked for: of each kind GitHub shows no more than ten a step.
    """
    commands = [_command(d) for d in masked(report) if notes or d.severity != "note"]
    return "\n".join([*commands, summary(report, notes=notes)])


def _command(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    properties = {"file": span.source.shown, "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:  # across lines the runner takes no columns
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    properties["title"] = diagnostic.rule
    given = ",".join(f"{key}={one_line(value).translate(_PROPERTY)}" for key, value in properties.items())
    message = "\n".join(_lines(diagnostic)).translate(_DATA)
    return f"::{_COMMANDS[diagnostic.severity]} {given}::{message}"


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield diagnostic.message
    yield from (f"{one_line(str(related.span))}: {related.message}" for related in diagnostic.related)
    if diagnostic.remedy:
        yield f"help: {diagnostic.remedy}"
