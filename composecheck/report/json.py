"""A report for programs: the contract is `schemas/report.schema.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from composecheck.redact import mask, secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.diagnostic import Diagnostic
    from composecheck.lint import Report

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """Return the report as JSON, with every note."""
    secrets = secrets_of(report.project) if report.project else frozenset[str]()
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "diagnostics": [_finding(diagnostic, secrets) for diagnostic in report.diagnostics],
            "summary": {
                "errors": report.count("error"),
                "warnings": report.count("warning"),
                "notes": report.count("note"),
                "suppressed": len(report.suppressed),
                "files": report.files,
                "services": len(report.project.services) if report.project else 0,
            },
        },
        indent=2,
        ensure_ascii=False,
    )


def _finding(diagnostic: Diagnostic, secrets: Iterable[str]) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "message": mask(diagnostic.message, secrets),
        "remedy": mask(diagnostic.remedy, secrets),
        "file": span.source.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "service": diagnostic.service,
        "related": [
            {
                "file": related.span.source.path,
                "line": related.span.line,
                "column": related.span.column,
                "message": mask(related.message, secrets),
            }
            for related in diagnostic.related
        ],
    }
