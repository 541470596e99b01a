"""What mends a finding, in words and in YAML that fits the file at hand."""

from __future__ import annotations

import json

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.facts import Facts
    from composecheck.facts.answers import Answer
    from composecheck.knowledge import Family, Probing
    from composecheck.model.project import Service


# How long it may take to fill a store first, usually and on a slow machine, in seconds: nobody knows.
_FILLING = (30.0, 150.0)


class Offer(NamedTuple):
    """A healthcheck for a service: one that works for certain, one that should, or what to look up for it.

    `probing` is None where nobody could write it without a look at the service. `doubt` is what to look up: a
    clause for a person, "" where there is nothing.
    """

    probing: Probing | None
    certain: bool = False
    doubt: str = ""


def offer(facts: Facts, service: Service) -> Offer:
    """Return what can be said of a healthcheck for a service that has none."""
    family = facts.images.likely(service)
    if family is None or family.healthcheck is None:
        from composecheck.remedies.own import own

        return own(facts, service, family)
    from composecheck.facts.answers import answer, test_at
    from composecheck.remedies.own import WORKS_ALONE, listens_nowhere

    if (service.command or service.entrypoint) and listens_nowhere(facts, service):
        return Offer(None, doubt=WORKS_ALONE)
    found = answer(facts, service, family)
    probing = None if found.doubts else test_at(family.healthcheck, family, found)
    exact = family.certain and facts.images.family(service) is not None
    certain = exact and probing is not None and found.certain
    if probing is not None:
        from composecheck.knowledge import lasting
        from composecheck.remedies.risky import fits, is_filled

        certain = certain and fits(facts, service, probing)
        if is_filled(service):
            probing = lasting(probing, _FILLING)
    return Offer(probing, certain, _doubt(family, found, probing))


def certain(facts: Facts, service: Service) -> Probing | None:
    """Return the healthcheck that works for a service for certain, as it is configured here; else None.

    Who gives the image another command, or files in place of its configuration, may have given it
    another port, a password or TLS; so may who sets a variable that nobody knows.
    """
    offered = offer(facts, service)
    return offered.probing if offered.certain else None


def some_of(names: Sequence[str]) -> str:
    """Return names as "a, b and c", or "a, b, c and 4 more"."""
    *first, last = names[:3] if len(names) <= 3 else [*names[:3], f"{len(names) - 3} more"]
    return f"{', '.join(first)} and {last}" if first else last


def _doubt(family: Family, found: Answer, probing: Probing | None) -> str:
    """Return what to look up before a family's healthcheck is written, "" for nothing."""
    if found.doubts:
        from composecheck.facts.answers import usual_port

        usual = usual_port(family)
        port = f" from port {usual}" if usual is not None else ""
        names = some_of([f"'{name}'" for name in found.doubts])
        return f"look up where it answers: {names} may have changed that{port}"
    if found.changed:
        return f"look up whether {' or '.join(found.changed)} changes where it answers"
    if probing is None:
        return (
            f"it answers on port {found.port}" if found.port is not None else f"it answers on '{found.host}'"
        )
    if not family.certain:
        return f"if it is '{family.name}', as its name says"
    return ""


def given(service: Service, offered: Offer, *, verb: str = "") -> str:
    """Return the clause that tells to give a service a healthcheck, before the YAML of one if there is any.

    `verb` is what to do with it in place of "give 'x' a healthcheck".
    """
    clause = verb or f"give '{service.name}' a healthcheck"
    if offered.probing is None:
        clause += ", a command that succeeds once it answers"
    return f"{clause} ({offered.doubt})" if offered.doubt else clause


def condition(dependent: str, dependency: str, word: str) -> str:
    """Return the `depends_on` entry with a condition, as YAML under `services`."""
    return f"{dependent}:\n  depends_on:\n    {dependency}:\n      condition: {word}"


def healthcheck(service: Service, probing: Probing) -> str:
    """Return a healthcheck for a service, as YAML under `services`."""
    disabled = service.healthcheck is not None and service.healthcheck.disabled
    lines = [f"{service.name}:", "  healthcheck:", *(["    disable: false"] if disabled else [])]
    lines.append(f"    test: {json.dumps(probing.test, ensure_ascii=False)}")
    lines += [f"    interval: {probing.interval}", f"    timeout: {probing.timeout}"]
    if probing.start_period is not None:
        lines.append(f"    start_period: {probing.start_period}")
    return "\n".join([*lines, f"    retries: {probing.retries}"])


def indented(text: str) -> str:
    """Return lines set off by two blanks, as a block under a sentence."""
    return "  " + text.replace("\n", "\n  ")
