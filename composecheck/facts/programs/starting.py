"""What a container's command asks of servers before, or as, its program starts: a migration, a worker."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from composecheck.facts.commands import started
from composecheck.facts.commands.calls import called, inner, packaged
from composecheck.facts.commands.syntax import Branch, Command, Function, Loop, parts, walk
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.commands.calls import Call
    from composecheck.facts.commands.files import Files
    from composecheck.facts.commands.syntax import Block
    from composecheck.facts.programs import Asked
    from composecheck.facts.programs.reading import Program
    from composecheck.knowledge.libraries import Protocol, Way
    from composecheck.model.project import Service

_DEEPEST = 4
# What tries again the command behind it.
_AGAIN = r"\bretry\b|wait[-_]for|wait4x|dockerize"
_PROBES = r"\bnc\b|/dev/tcp/|\bncat\b|pg_isready|\bpsql\b|mysqladmin|\bmysql\b|redis-cli|socket"
_FIRST = r"\$(?:1|\{1[}:])|\$[@*]"  # the argument that a script looks at
_CASE = r"\bcase\s+([^\n;]{1,200}?)\s+in\b"
_PATTERN = r"(?:\bin\b|;;&?|;&)\s*\(?([^()\n;]{1,200})\)\s*(?:#[^\n]*)?\s*\Z"
_NEAR = 1_000
_LONGEST = 2_000  # command that is looked at
_WAYS = {"once": "asks for it once", "retries": "tries again", "demand": "asks later"}


class Line(NamedTuple):
    """A command as one text, and whether a loop or another command runs it again."""

    text: str
    again: bool = False


def by_command(facts: Facts, service: Service, program: Program, protocol: Protocol) -> Asked | None:
    """Return how the command of a service asks for a server, None where it does not."""
    from composecheck.facts.programs import Asked

    run = lines(facts, service)
    for ecosystem in program.ecosystems:
        for each in ecosystem.commands:
            for number, line in enumerate(run) if protocol.name in each.on else ():
                match = re.search(each.text, line.text)
                if match is not None:
                    again = line.again or re.search(_AGAIN, line.text) or _probed(run[:number], protocol)
                    asks: Way = "retries" if again else each.asks
                    return Asked(asks, f"its command '{match[0].strip()}' {_WAYS[asks]}")
    return None


def _probed(run: Sequence[Line], protocol: Protocol) -> bool:
    """Return whether a loop has looked for a server of the protocol, or of whom a variable tells."""
    told = rf"(?i)\$|{protocol.words}"
    loops = (each.text for each in run if each.again)
    return any(re.search(_PROBES, text) and re.search(told, text) for text in loops)


def lines(facts: Facts, service: Service) -> list[Line]:
    """Return the commands that a service's container runs at its start."""
    words, _ = started(facts, service)
    return [*_lines(words, facts.files(service), 0, again=False)] if words else []


def _lines(words: Sequence[str], files: Files | None, depth: int, *, again: bool) -> Iterator[Line]:
    """Yield the commands that some words run, those of scripts and packages instead of what runs these."""
    read = False
    for start in (0, *(number + 1 for number, word in enumerate(words) if word == "--")):
        rest = inner(words[start:]).words if words[start:] and depth < _DEEPEST else ()
        call = (called(rest, files) or packaged(rest, files)) if rest else None
        if call is not None:
            read = True
            for command, repeated in _commands(call.script.body, call, {}):
                yield from _lines(_filled(command.words, call), files, depth + 1, again=again or repeated)
    if not read:
        yield Line(" ".join(words)[:_LONGEST], again)


def _filled(words: Sequence[str], call: Call) -> Sequence[str]:
    """Return the words of a script's command, with what the script is given for its arguments."""
    return [each for word in words for each in (call.arguments[1:] if word in ("$@", "$*") else (word,))]


def _commands(
    block: Block, call: Call, functions: dict[str, Function], *, again: bool = False
) -> Iterator[tuple[Command, bool]]:
    """Yield the commands that a script may run, functions' where they are called, and whether a loop does."""
    for statement in block:
        if isinstance(statement, Function):
            functions.setdefault(statement.name, statement)
        elif isinstance(statement, Command):
            function = functions.pop(statement.words[0], None)  # a second call runs nothing new
            if function is None:
                yield statement, again
            else:
                yield from _commands(function.body, call, functions, again=again)
        else:
            looped = again or isinstance(statement, Loop)
            inside = _taken(statement, call) if isinstance(statement, Branch) else parts(statement)
            yield from _commands(inside, call, functions, again=looped)


def _taken(branch: Branch, call: Call) -> Block:
    """Return what a branch may run: of a `case` of the first argument the arm that is for it."""
    argument = call.arguments[1] if len(call.arguments) > 1 else None
    arms = [(arm, _pattern(arm.body, call.script.text)) for arm in branch.arms]
    if branch.word != "case" or argument is None or any(pattern is None for _, pattern in arms):
        return parts(branch)
    for arm, pattern in arms:
        if any(fnmatchcase(argument, each.strip(" \t\"'")) for each in (pattern or "").split("|")):
            return arm.body
    return ()


def _pattern(block: Block, text: str) -> str | None:
    """Return the pattern of an arm of a `case` that looks at the first argument, None for another one."""
    first = next((each for each in walk(block) if isinstance(each, Command)), None)
    if first is None:
        return ""
    before = text[max(first.start - _NEAR, 0) : first.start]
    subjects = re.findall(_CASE, text[max(first.start - 20 * _NEAR, 0) : first.start])
    match = re.search(_PATTERN, before)
    return match[1] if match is not None and subjects and re.search(_FIRST, subjects[-1]) else None
