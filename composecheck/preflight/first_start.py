"""Services whose first start fails on this engine: what their images demand is missing, and so is data."""

from __future__ import annotations

from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from composecheck.facts import Facts
    from composecheck.facts.first_start import Demand
    from composecheck.snapshot import Snapshot


def failing(
    facts: Facts, services: Collection[str], snapshot: Snapshot, *, everything: bool
) -> Iterator[Diagnostic]:
    """Yield what ends the first start of some services; `everything` also what this engine cannot tell."""
    from composecheck.facts.first_start import demands
    from composecheck.remedies.demanded import said

    made = {each.service for each in snapshot.containers if each.project == facts.project.name}
    for demand in demands(facts):
        if demand.service.name not in services:
            continue
        first = _is_first(facts, demand, snapshot, made)
        if first is False or (first is None and not everything):
            continue
        words = said(facts, demand)
        yield Diagnostic(
            demand.rule,
            "error" if first else words.severity,
            words.message,
            demand.place,
            remedy=words.remedy,
            service=demand.service.name,
            confidence="certain" if first else words.confidence,
        )


def _is_first(facts: Facts, demand: Demand, snapshot: Snapshot, made: Collection[str]) -> bool | None:
    """Return whether a service starts for the first time; None where the engine cannot tell."""
    if demand.over or not demand.certain:
        return None
    if demand.store is None:
        # What has no volume of its own goes with its container; a folder's files have been looked at.
        return None if demand.service.name in made else True
    volume = facts.project.volumes.get(demand.store)
    if volume is None or snapshot.volumes is None:
        return None
    return volume.name not in snapshot.volumes
