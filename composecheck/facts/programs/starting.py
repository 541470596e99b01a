"""What a container's command asks of servers before, or as, its program starts: a migration, a worker."""

from __future__ import annotations

import re

from composecheck.facts.commands import files_of, started
from composecheck.facts.commands.calls import called, inner, packaged
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.commands.files import Files
    from composecheck.facts.programs import Asked
    from composecheck.facts.programs.reading import Program
    from composecheck.knowledge.libraries import Protocol
    from composecheck.model.project import Service

_DEEPEST = 4
_LOOP = r"\b(?:until|while)\b|\bfor\b.*\bdo\b|\bretry\b|wait[-_]for|wait4x|dockerize"


def by_command(facts: Facts, service: Service, program: Program, protocol: Protocol) -> Asked | None:
    """Return how the command of a service asks for a server, None where it does not."""
    from composecheck.facts.programs import Asked

    run = lines(facts, service)
    for ecosystem in program.ecosystems:
        for each in ecosystem.commands:
            if protocol.name not in each.on:
                continue
            for line in run:
                match = re.search(each.text, line)
                if match is not None:
                    asks = "retries" if re.search(_LOOP, line) else each.asks
                    ways = {"once": "asks for it once", "retries": "tries again", "demand": "asks later"}
                    return Asked(asks, f"its command '{match[0].strip()}' {ways[asks]}")
    return None


def lines(facts: Facts, service: Service) -> list[str]:
    """Return the commands that a service's container runs at its start, each as a line."""
    words, _ = started(facts, service)
    return [*_lines(words, files_of(facts, service), 0)] if words else []


def _lines(words: Sequence[str], files: Files | None, depth: int) -> Iterator[str]:
    """Yield the commands that some words run, each as a line, those of scripts and packages too."""
    yield " ".join(words)
    if depth >= _DEEPEST:
        return
    for start in (0, *(number + 1 for number, word in enumerate(words) if word == "--")):
        rest = inner(words[start:]).words if words[start:] else ()
        call = (called(rest, files) or packaged(rest, files)) if rest else None
        for command in call.script.commands if call is not None else ():
            yield from _lines(command.words, files, depth + 1)
