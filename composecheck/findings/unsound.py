"""Services whose healthcheck may not succeed in time, by what has been found."""

from __future__ import annotations

from composecheck.findings.catalogue import GROUPS, SUCCEEDS
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.findings.diagnostic import Diagnostic


def unsound(diagnostics: Sequence[Diagnostic]) -> dict[str | None, Diagnostic]:
    """Return by service the first finding by which its healthcheck may not succeed in time."""
    return {
        found.service: found
        for found in reversed(diagnostics)
        if GROUPS.get(found.rule) == "health" and found.rule not in SUCCEEDS
    }


def mended_first(diagnostics: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield findings; one that tells to wait for such a healthcheck says what to mend before."""
    faults = unsound(diagnostics)
    for each in diagnostics:
        fault = faults.get(each.awaits) if each.awaits else None
        if fault is None:
            yield each
            continue
        how = f": {fault.remedy}" if "\n" not in fault.remedy else ""
        first = f"mend the healthcheck of '{each.awaits}' first ({fault.rule} in line {fault.span.line}{how})"
        yield each._replace(remedy=f"{first}, then {each.remedy}")
