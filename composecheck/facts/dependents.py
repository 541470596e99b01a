"""How a dependent gets along until a dependency is ready, by what is known of its image."""

from __future__ import annotations

import re

from composecheck.facts.commands import started
from composecheck.facts.commands.shells import script_in
from composecheck.knowledge import plain_name
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.facts import Facts
    from composecheck.knowledge import Asking, Family
    from composecheck.model.project import Service

_ANY = "*"
_SUBCOMMAND = r"(?:re)?(?:start|run|serve|server|up|web|worker|main|migrate|init|setup)(?:[-:]\w+)*"
# Folders that are called like the program whose files they hold.
_OF_PROGRAM = r"/(?:usr/share|etc|opt|var/lib)/([\w-]+)/"


def asking(facts: Facts, service: Service, target: Service) -> Asking | None:
    """Return how a service's image asks for another service at its start, None where that is not known.

    That of an image which a Dockerfile begins with counts as well, as long as the same program runs; which
    tag it is makes no difference where all do so, nor does a registry of one's own. Of an image that is not
    known the program tells what it is.
    """
    family, other = facts.images.likely(service), facts.images.resembled(target)
    if family is None and service.build is None:
        family = facts.images.knowledge.alike(service.image)
    if other is None or other.kind == "runtime":
        other = facts.running(target) or other
    found = _first(facts, service, family, other) if family is not None else None
    if found is None and (family is None or family.kind == "runtime"):
        family = facts.running(service)
        found = _first(facts, service, family, other) if family is not None else None
        if found is not None and found.asks == "waits":
            return None  # so does the entrypoint of another image
    return found


def seeming_of(facts: Facts, service: Service, target: Service) -> Family | None:
    """Return the family whose folders a service mounts, if that gets along until its target is there."""
    other = facts.images.resembled(target)
    for mount in service.mounts:
        match = re.match(_OF_PROGRAM, mount.target or "")
        family = facts.images.knowledge.running(match[1]) if match is not None else None
        asked = next((each for each in family.dependent if each.fits(other)), None) if family else None
        if (
            asked is not None
            and asked.asks != "once"
            and _applies(asked, service.environment, started(facts, service)[0])
        ):
            return family
    return None


def _first(facts: Facts, service: Service, family: Family, other: Family | None) -> Asking | None:
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
    words, _ = started(facts, service)
    as_usual = not words or words[0].startswith("-") or _ANY in asked.program
    # What an entrypoint is given alone is for its program, as in `start` or `server`.
    as_usual = as_usual or (asked.asks == "once" and re.fullmatch(_SUBCOMMAND, words[0]) is not None)
    if as_usual and not facts.images.has_entrypoint(service):
        return True
    own = frozenset() if asked.asks == "waits" else _usual(service, family)
    names = asked.program - {_ANY} or own
    if not any(name in names for name in _programs(facts, words, service)):
        return False
    return asked.asks not in ("demand", "never") or not _does_more(facts, service, names)


def _does_more(facts: Facts, service: Service, names: frozenset[str]) -> bool:
    """Return whether a script does other work than to run a program: a migration that connects before it."""
    from composecheck.facts.commands.calls import inner
    from composecheck.facts.commands.waits import is_work

    call = facts.call(service)
    return call is not None and any(
        is_work(command) and not _is_named(inner(command.words).words, names)
        for command in call.script.commands
    )


def _is_named(words: Sequence[str], names: frozenset[str]) -> bool:
    """Return whether a command is a program of some names, or the words that a script is given."""
    return not words or words[0].rpartition("/")[2] in names or words[0] in ("$@", "${@}")


def running(facts: Facts, service: Service) -> Family | None:
    """Return the family of the program that a command runs in the end: `sh -c "sleep 3 && exec loki"`."""
    words, _ = started(facts, service)
    names = _run_names(words, service)
    name = _script_runs(facts, service) or (names[-1] if names else None)
    return facts.images.knowledge.running(name) if name is not None else None


def _script_runs(facts: Facts, service: Service) -> str | None:
    """Return the program that a script of the project runs last, None where none is started."""
    from composecheck.facts.commands.calls import inner

    call = facts.call(service)
    commands = call.script.commands if call is not None and call.file is not None else ()
    last = inner(commands[-1].words).words if commands else ()
    return last[0].rpartition("/")[2] if last else None


def _usual(service: Service, family: Family) -> frozenset[str]:
    """Return what the program of an image is commonly called: as the image is, and as its family."""
    return frozenset((family.name, plain_name(service.image)))


def _programs(facts: Facts, words: Sequence[str], service: Service) -> Iterator[str]:
    """Yield the names of the commands that some words run, those that a shell runs for them too."""
    if words:
        yield from _run_names(words, service)
        # What an entrypoint is given to run, as in `tini -- grafana`.
        yield from (word.rpartition("/")[2] for word in words if not word.startswith("-"))
        script = _script_runs(facts, service)
        if script is not None:
            yield script


def _run_names(words: Sequence[str], service: Service) -> list[str]:
    if not words:
        return []
    from composecheck.facts.commands.runs import runs_of

    environment = {name: value for name, value in service.environment.items() if value is not None}
    return [run.name for run in runs_of(tuple(words), service.key_place(), {}, environment, 0)]
