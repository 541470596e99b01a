"""A report as GitLab's code quality reads it."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.report.fingerprint import fingerprints
from composecheck.report.masked import masked
from composecheck.text.visible import to_json

if TYPE_CHECKING:
    from typing import Any

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report

# GitLab's are info, minor, major, critical and blocker.
_SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}


def render(report: Report) -> str:
    """Return the findings as a list, with every note."""
    diagnostics = list(masked(report))
    found = zip(diagnostics, fingerprints(diagnostics), strict=True)
    return to_json([_finding(*one) for one in found])


def _finding(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    # It is shown in one line, where a remedy of several would be a muddle.
    brief = diagnostic.remedy and "\n" not in diagnostic.remedy
    return {
        "description": f"{diagnostic.message}; {diagnostic.remedy}" if brief else diagnostic.message,
        "check_name": diagnostic.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {
            "path": diagnostic.span.source.shown,
            "lines": {"begin": diagnostic.span.line, "end": diagnostic.span.end_line},
        },
    }
