"""What is said of a variable that an image demands and does not get, by a rule and by who asks an engine."""

from __future__ import annotations

import os

from composecheck.findings.rule import Finding
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.facts import Facts
    from composecheck.facts.first_start import Demand
    from composecheck.findings.diagnostic import Confidence, Severity


def findings(facts: Facts, demands: Iterable[Demand]) -> Iterator[Finding]:
    """Yield what is to be said of demands."""
    for demand in demands:
        words = said(facts, demand)
        yield Finding(
            demand.place,
            words.message,
            remedy=words.remedy,
            service=demand.service.name,
            severity=words.severity,
            confidence=words.confidence,
        )


class Said(NamedTuple):
    """The words of a finding, how bad it is and how sure."""

    message: str
    remedy: str
    severity: Severity
    confidence: Confidence


def said(facts: Facts, demand: Demand) -> Said:
    """Return what is said of a demand: a warning, and a note where an earlier start is likely."""
    service = demand.service
    image = f"'{service.image}'" if service.image else "the image that it begins with"
    name = demand.names[0]
    if demand.refused:
        message = (
            f"service '{service.name}' sets '{name}' to '{demand.value}', with which {image} does not start"
        )
        remedy = f"give '{name}' another value, or leave it out"
    elif demand.empty is not None:
        name, variable = demand.empty
        message = (
            f"service '{service.name}' sets '{name}' to the value of '{variable}', which is empty: "
            f"without one {image} ends at its first start"
        )
        remedy = f"give '{variable}' a value, {_where(facts)}"
    elif (blank := _left_empty(demand)) is not None:
        message = (
            f"service '{service.name}' leaves '{blank}' empty, with which {image} ends at its first start"
        )
        remedy = f"fill in '{blank}'"
    else:
        message = f"service '{service.name}' {_lacks(demand)}, without which {image} ends at its first start"
        remedy = f"set {listed((name, *(group[0] for group in demand.more)))} in its 'environment'"
    severity: Severity = "note" if demand.over or not demand.certain else "warning"
    confidence: Confidence = "certain" if service.build is None else "likely"
    if severity == "note":
        confidence = "possible"
    return Said(f"{message}; {demand.over}" if demand.over else message, remedy, severity, confidence)


def _lacks(demand: Demand) -> str:
    """Return a clause of what is not set: one of a few names, or one each of several such groups."""
    if not demand.more and len(demand.names) > 1:
        return f"sets none of {listed(demand.names, 'or')}"
    return f"does not set {', nor '.join(listed(group, 'or') for group in (demand.names, *demand.more))}"


def _left_empty(demand: Demand) -> str | None:
    """Return the variable that is there and has no value, as one that is to be filled in."""
    given = demand.service.environment
    return next((name for name in demand.names if given.get(name) == ""), None)


def _where(facts: Facts) -> str:
    """Return where a variable of a project gets its value, by the files that are there."""
    from composecheck.text.samples import sample

    disk, path = facts.project.disk, os.path.join(facts.project.folder, ".env")
    beside = sample(path, disk)
    if beside and not disk.exists(path):
        return f"in '.env': copy '{beside}' to it"
    return f"in '.env', as '{beside}' shows" if beside else "in '.env' or in the shell that starts it"
