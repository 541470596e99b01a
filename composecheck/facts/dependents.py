"""How a dependent gets along until a dependency is ready, by what is known of its image."""

from __future__ import annotations

import re

from composecheck.facts.commands import started
from composecheck.facts.commands.shells import script_in
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.facts import Facts
    from composecheck.knowledge import Asking, Family
    from composecheck.model.project import Service

_ANY = "*"


def asking(facts: Facts, service: Service, target: Service) -> Asking | None:
    """Return how a service's image asks for another service at its start, None where that is not known.

    That of an image which a Dockerfile begins with counts as well, as long as the same program runs; which
    tag it is makes no difference where all do so, nor does a registry of one's own.
    """
    family = facts.images.likely(service)
    if family is None or (family.kind == "runtime" and not family.dependent):
        family = _by_program(facts, service)
    if family is None or not family.dependent:
        return None
    other = facts.images.resembled(target)
    words, _ = started(facts, service)
    return next(
        (
            each
            for each in family.dependent
            if each.fits(other)
            and _applies(each, service.environment, words)
            and _runs(facts, service, family, each)
        ),
        None,
    )


def _by_program(facts: Facts, service: Service) -> Family | None:
    """Return the language whose program a command begins with: in an image of one's own it does the same."""
    from composecheck.facts.commands.calls import inner

    words = inner(started(facts, service)[0]).words
    return facts.images.knowledge.running(words[0].rpartition("/")[2]) if words else None


def limit(asked: Asking, facts: Facts, service: Service) -> float | None:
    """Return after how many seconds a service's image gives up, as its variable sets it; None for never."""
    if asked.variable is None:
        return asked.limit
    value = _given(asked.variable, service.environment, started(facts, service)[0]).strip()
    if not value:
        return asked.limit
    if value == asked.endless:
        return None
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", value, re.ASCII):
        return float(value) * asked.unit
    try:
        return parse_duration(value)
    except ValueError:
        return asked.limit


def runs_its_server(facts: Facts, service: Service, family: Family) -> bool:
    """Return whether a service runs the server of its image, and not a client that is there as well."""
    from composecheck.facts.commands.jobs import ends

    words, _ = started(facts, service)
    if service.entrypoint is None and (not words or words[0].startswith("-")):
        return True
    first = words[0].rpartition("/")[2] if words else ""
    return first in _usual(service, family) or (
        script_in(words) is None and ends(service, facts.images.ends(service)) is False
    )


def _applies(asked: Asking, environment: Mapping[str, str | None], words: Sequence[str]) -> bool:
    return all(re.fullmatch(pattern, _given(name, environment, words)) for name, pattern in asked.when)


def _given(name: str, environment: Mapping[str, str | None], words: Sequence[str]) -> str:
    """Return the value of a variable, or that of an option of a command, "" where it is not given."""
    if not name.startswith("-"):
        return environment.get(name) or ""
    for at, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option.startswith("-") and option.lstrip("-") == name.lstrip("-"):
            return value if equals else "".join(words[at + 1 : at + 2])
    return ""


def _runs(facts: Facts, service: Service, family: Family, asked: Asking) -> bool:
    """Return whether what is known of an image holds for the command that it is given here."""
    built = facts.images.built(service) if service.entrypoint is None else None
    own_entrypoint = service.entrypoint is not None or (built is not None and built.entrypoint is not None)
    words, _ = started(facts, service)
    if not own_entrypoint and (not words or words[0].startswith("-") or _ANY in asked.program):
        return True
    names = asked.program or (frozenset() if asked.asks == "waits" else _usual(service, family))
    if not any(name in names for name in _programs(words, service)):
        return False
    return asked.asks not in ("demand", "never") or not _does_more(facts, service, words, names)


def _does_more(facts: Facts, service: Service, words: Sequence[str], names: frozenset[str]) -> bool:
    """Return whether a script does other work than to run a program: a migration that connects before it."""
    from composecheck.facts.commands import files_of
    from composecheck.facts.commands.calls import called, inner
    from composecheck.facts.commands.waits import is_work

    call = called(words, files_of(facts, service))
    return call is not None and any(
        is_work(command) and not _is_named(inner(command.words).words, names)
        for command in call.script.commands
    )


def _is_named(words: Sequence[str], names: frozenset[str]) -> bool:
    """Return whether a command is a program of some names, or the words that a script is given."""
    return not words or words[0].rpartition("/")[2] in names or words[0] in ("$@", "${@}")


def _usual(service: Service, family: Family) -> frozenset[str]:
    """Return what the program of an image is commonly called: as the image is, and as its family."""
    image = (service.image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
    return frozenset((family.name, image))


def _programs(words: Sequence[str], service: Service) -> Iterator[str]:
    """Yield the names of the commands that some words run, those that a shell runs for them too."""
    from composecheck.facts.commands.runs import runs_of

    if words:
        environment = {name: value for name, value in service.environment.items() if value is not None}
        for run in runs_of(tuple(words), service.key_place(), {}, environment, 0):
            yield run.name
        # What an entrypoint is given to run, as in `tini -- grafana`.
        yield from (word.rpartition("/")[2] for word in words if not word.startswith("-"))
