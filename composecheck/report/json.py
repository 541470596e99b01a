"""A report for programs: the contract is `schemas/report.schema.json`."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.report.fixable import fixable
from composecheck.report.masked import masked
from composecheck.text.visible import to_json

if TYPE_CHECKING:
    from typing import Any

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """Return the report as JSON, with every note."""
    return to_json(
        {
            "schema_version": SCHEMA_VERSION,
            "diagnostics": [
                _finding(diagnostic, fix)
                for diagnostic, fix in zip(masked(report), fixable(report, notes=True), strict=True)
            ],
            "summary": {
                "errors": report.count("error"),
                "warnings": report.count("warning"),
                "notes": report.count("note"),
                "suppressed": len(report.suppressed),
                "files": report.files,
                "services": report.services,
                "projects": len(report.projects),
                "more_files": [*report.more],
            },
        }
    )


def _finding(diagnostic: Diagnostic, fix: str | None) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "confidence": diagnostic.confidence,
        "message": diagnostic.message,
        "remedy": diagnostic.remedy,
        "file": span.source.shown,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "service": diagnostic.service,
        "fixable": fix is not None,
        "fix": fix,
        "related": [
            {
                "file": related.span.source.shown,
                "line": related.span.line,
                "column": related.span.column,
                "message": related.message,
            }
            for related in diagnostic.related
        ],
    }
