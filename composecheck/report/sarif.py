"""A report as SARIF 2.1.0, which code scanning and editors read."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from composecheck.named import TYPE_CHECKING
from composecheck.report.fingerprint import fingerprints
from composecheck.report.masked import masked
from composecheck.rules import module
from composecheck.text.visible import to_json
from composecheck.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from composecheck.findings.diagnostic import Diagnostic, Related
    from composecheck.lint import Report
    from composecheck.text.source import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_WORD = re.compile(r"(?:^|-)([a-z])")


def render(report: Report) -> str:
    """Return the report as SARIF, with every note and the manuals of the rules that found something."""
    diagnostics = list(masked(report))
    rules = sorted({diagnostic.rule for diagnostic in diagnostics})
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "composecheck",
                        "version": __version__,
                        "rules": [_rule(name) for name in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "the folder composecheck ran in"}}},
                "results": [
                    _result(diagnostic, rules.index(diagnostic.rule), fingerprint)
                    for diagnostic, fingerprint in zip(diagnostics, fingerprints(diagnostics), strict=True)
                ],
            }
        ],
    }
    return to_json(log)


def _rule(name: str) -> dict[str, Any]:
    """Return a rule with its manual, which is its module's docstring."""
    rule = module(name)
    manual = rule.__doc__.strip()
    return {
        "id": name,
        "name": _WORD.sub(lambda match: match[1].upper(), name),
        "shortDescription": {"text": manual.partition("\n")[0]},
        "fullDescription": {"text": " ".join(_section(manual, "What it does").split())},
        "help": {"text": manual, "markdown": manual},
        "defaultConfiguration": {"level": rule.RULE.severities[0]},
    }


def _section(manual: str, title: str) -> str:
    """Return what stands under a heading; the first line where there is no such heading."""
    text = f"\n{manual}\n".partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return text.strip() or manual.partition("\n")[0]


def _result(diagnostic: Diagnostic, index: int, fingerprint: str) -> dict[str, Any]:
    location = _location(diagnostic.span)
    if diagnostic.service is not None:
        name = diagnostic.service
        location["logicalLocations"] = [
            {"name": name, "fullyQualifiedName": f"services.{name}", "kind": "object"}
        ]
    text = diagnostic.message + (f"\nhelp: {diagnostic.remedy}" if diagnostic.remedy else "")
    result = {
        "ruleId": diagnostic.rule,
        "ruleIndex": index,
        "level": diagnostic.severity,
        "message": {"text": _plain(text)},
        "locations": [location],
        "partialFingerprints": {"composecheck/v1": fingerprint},
    }
    if diagnostic.related:
        result["relatedLocations"] = _related(diagnostic.related)
    return result


def _related(related: Iterable[Related]) -> list[dict[str, Any]]:
    return [
        {"id": number, **_location(one.span), "message": {"text": _plain(one.message)}}
        for number, one in enumerate(related, 1)
    ]


def _location(span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(span.source.shown),
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    }


def _artifact(path: str) -> dict[str, str]:
    uri = quote(os.fsencode(path))
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _plain(text: str) -> str:
    """Return a text of which no part is taken for a link (3.11.6).

    Braces stay single, against 3.11.5: the readers there are show a doubled one as two.
    """
    return re.sub(r"[\[\]\\]", r"\\\g<0>", text) if "](" in text else text
