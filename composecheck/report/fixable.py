"""What of a report `check --fix` would mend."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.fixes.offers import Offers
    from composecheck.lint import Report


def fixable(report: Report, *, notes: bool) -> list[str | None]:
    """Return for each finding "safe", or "unsafe" where `--unsafe-fixes` is needed, or None for no fix.

    What only the proof refuses is not known here: that would be a second check. Notes that are not
    shown have no fix.
    """
    shown = [one.fix is not None and (notes or one.severity != "note") for one in report.diagnostics]
    if not any(shown):
        return [None] * len(shown)
    from composecheck.fixes.offers import Offers

    of = report.owners or [0] * len(shown)
    found: dict[int, list[Diagnostic]] = {}
    for number, one in zip(of, report.diagnostics, strict=True):
        found.setdefault(number, []).append(one)
    offers = {number: Offers(report.projects[number], some) for number, some in found.items()}
    return [
        _way(offers[number], one) if asked else None
        for number, one, asked in zip(of, report.diagnostics, shown, strict=True)
    ]


def _way(offers: Offers, diagnostic: Diagnostic) -> str | None:
    fix = diagnostic.fix() if diagnostic.fix is not None else None
    if fix is None or offers.against(diagnostic, fix):
        return None
    return "unsafe" if fix.unsafe else "safe"
