"""A report as JUnit XML: a suite a file, and in it a case for each rule that has something to say."""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as ET

from composecheck.named import TYPE_CHECKING
from composecheck.report.masked import masked
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report

# The one case of a file in which nothing was found: a suite without any is taken for a failed run.
_NOTHING = "check"


def render(report: Report) -> str:
    """Return the report as XML; what is at warning or above fails, notes are a case's output."""
    found: dict[str, list[Diagnostic]] = {
        source.shown: [] for project in report.projects if project is not None for source in project.files
    }
    for diagnostic in masked(report):
        found.setdefault(diagnostic.span.source.shown, []).append(diagnostic)
    suites = [_suite(path, found[path]) for path in sorted(found)]
    root = ET.Element("testsuites", {"name": "composecheck", **_counts(suites)})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _suite(path: str, diagnostics: Sequence[Diagnostic]) -> ET.Element:
    cases = [
        _case(path, rule, list(group))
        for rule, group in groupby(sorted(diagnostics, key=lambda d: d.rule), lambda d: d.rule)
    ]
    cases = cases or [_case(path, _NOTHING, [])]
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "time": "0"}
    suite = ET.Element("testsuite", {"name": one_line(path), **counts})
    suite.extend(cases)
    return suite


def _counts(suites: Sequence[ET.Element]) -> dict[str, str]:
    return {
        key: str(sum(int(suite.attrib[key]) for suite in suites)) for key in ("tests", "failures", "errors")
    }


def _case(path: str, rule: str, diagnostics: Sequence[Diagnostic]) -> ET.Element:
    """Return one case; of several findings of a rule, since readers show only one failure of a case."""
    case = ET.Element("testcase", {"name": rule, "classname": one_line(path), "time": "0"})
    failed = [diagnostic for diagnostic in diagnostics if diagnostic.severity != "note"]
    notes = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "note"]
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        severity = "error" if any(diagnostic.severity == "error" for diagnostic in failed) else "warning"
        attributes = {"type": severity, "message": failed[0].message + more}
        ET.SubElement(case, "failure", attributes).text = _text(failed)
    if notes:
        ET.SubElement(case, "system-out").text = _text(notes)
    return case


def _text(diagnostics: Sequence[Diagnostic]) -> str:
    return "\n".join(line for diagnostic in diagnostics for line in _lines(diagnostic))


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    place = one_line(str(diagnostic.span))
    yield f"{place}: {diagnostic.severity}: {diagnostic.message} [{diagnostic.rule}]"
    yield from (f"  {one_line(str(related.span))}: {related.message}" for related in diagnostic.related)
    if diagnostic.remedy:
        yield "  help: " + diagnostic.remedy.replace("\n", "\n        ")
