"""What an engine can say of a start beforehand: a Project held against a Snapshot."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.preflight import disk, first_start, images, names, ports, resources, subnets, versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.snapshot import Snapshot


def examine(
    facts: Facts, snapshot: Snapshot, services: Collection[str] | None = None, *, everything: bool = False
) -> Iterator[Diagnostic]:
    """Yield what is in the way of a start of some services, or of all that are enabled.

    What belongs to the very project is in nobody's way. Between this and the start the engine may
    change; what it refuses then, it says itself. `everything` is what a check leaves to an engine, also
    what this one cannot tell.
    """
    project = facts.project
    started = [s for name, s in project.services.items() if services is None or name in services]
    for find in (
        ports.taken,
        subnets.overlapping,
        resources.missing,
        images.unavailable,
        names.taken,
        versions.too_old,
    ):
        yield from find(project, started, snapshot)
    yield from disk.low(project, snapshot)
    yield from first_start.failing(facts, [each.name for each in started], snapshot, everything=everything)


__all__ = ["examine"]
