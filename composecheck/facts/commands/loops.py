"""Loops that repeat a question until it is answered."""

from __future__ import annotations

import re

from composecheck.facts.commands.shells import NO_PROBES
from composecheck.facts.commands.syntax import (
    Background,
    Branch,
    Chain,
    Command,
    Function,
    Group,
    Loop,
    Negated,
    Pipeline,
    parts,
    walk,
)
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from composecheck.facts.commands.scope import Scope
    from composecheck.facts.commands.syntax import Block, Statement
    from composecheck.facts.commands.waits import Reading

    Verdict = Literal["asks", "harmless", "other"]

TESTS = frozenset(("[", "[[", "test", "(("))
_SUCCEED = frozenset(("true", ":", "echo", "printf", "sleep", "date", "export", "set", "let", "log"))
_HOLD = frozenset(("true", ":", "1", "echo", "printf", "date"))
# What needs a database, or a broker, that its configuration names: until it succeeds, that is not there.
_NEEDS = {
    "database": r"\bmanage\.py\s+(?:migrate|dbshell|showmigrations|inspectdb|check\s+--database)"
    r"|\balembic\s+\w|\bflask\s+db\s|\b(?:rails|rake)\s+db:|\bprisma\s+(?:migrate|db)\s|\bknex\s+migrate"
    r"|\bsequelize(?:-cli)?\s+db:|\btypeorm\s+migration|\bartisan\s+(?:migrate|db)|\bdoctrine:|\becto\."
    r"|\bdiesel\s+(?:migration|database|setup)|\bsqlx\s+(?:migrate|database)|\bgoose\s|\bflyway\s|\bdbmate\s"
    r"|\bliquibase\s|\bdotnet\s+ef\s+database",
    "broker": r"\bcelery\b.*\b(?:status|inspect\s+ping)\b",
    "cache": r"\bcelery\b.*\b(?:status|inspect\s+ping)\b",
}


def loop_waits(loop: Loop, reading: Reading, scope: Scope) -> bool:
    """Whether a loop goes on until a probe of the host succeeds.

    Either that is its condition (`until probe`, `while ! probe`, or a test of what a probe
    printed), or the body leaves it (`for i in 1 2 3; do probe && break; done`).
    """
    for part in walk((*loop.condition, *loop.body)):
        # What a test looks at may be what a command of the body prints.
        if isinstance(part, Command) and any("=" in word and "$(" in word for word in part.words[:1]):
            scope.expand(part)
    if loop.word in ("until", "while") and loop.condition:
        if _decide(loop.condition[-1], reading, scope, succeeds=loop.word == "until") == "asks":
            return True
        if _asks_status(loop.condition[-1:]) and _probed(loop.body, reading, scope):
            return True
    return _left(loop.body, reading, scope) and _probed(loop.body, reading, scope)


def is_endless(loop: Loop) -> bool:
    """Whether a loop goes on for ever: nothing ends it, and nothing leaves it."""
    if loop.word not in ("while", "until") or not loop.condition:
        return False
    if not _never_changes(loop.condition[-1], holds=loop.word == "while"):
        return False
    leaving = ("break", "exit", "return", "exec")
    return not any(isinstance(part, Command) and part.words[0] in leaving for part in walk(loop.body))


def _never_changes(condition: Statement, *, holds: bool) -> bool:
    """Whether a condition succeeds (`holds`), or fails, each time that it is asked: `true`, `sleep 5`."""
    if isinstance(condition, Negated):
        return _never_changes(condition.body, holds=not holds)
    if isinstance(condition, Chain):
        every = [_never_changes(part, holds=holds) for part in condition.parts]
        need = "&&" if holds else "||"
        return (
            all(every)
            if set(condition.operators) == {need}
            else every[-1] and need not in condition.operators
        )
    if not isinstance(condition, Command):
        return False
    if not holds:
        return condition.words[0] == "false"
    words = condition.words
    if words[0] == "sleep":
        return len(words) > 1
    return words[0] in _HOLD or _always_holds(words)


def _always_holds(words: Sequence[str]) -> bool:
    """Return whether a test holds whenever it is made: `[ 1 -eq 1 ]`, `test 1`."""
    if words[0] not in ("[", "[[", "test"):
        return False
    inner = [word for word in words[1:] if word not in ("]", "]]")]
    if len(inner) == 1:
        return inner[0].isdecimal() or inner[0] == "true"
    return len(inner) == 3 and inner[0] == inner[2] and inner[0].isalnum() and inner[1] in ("-eq", "=", "==")


def _decide(  # noqa: PLR0911 - one a kind of statement
    statement: Statement, reading: Reading, scope: Scope, *, succeeds: bool
) -> Verdict:
    """Return whether a condition holds (`succeeds`), or does not, only when a probe of the host succeeds.

    Behind `until probe ||` (or `while ! probe &&`) may be the test of a count, which makes it a
    wait with an end; another host, or `true`, makes it none.
    """
    if isinstance(statement, Negated):
        return _decide(statement.body, reading, scope, succeeds=not succeeds)
    if isinstance(statement, Chain):
        answer = _decide(statement.parts[0], reading, scope, succeeds=succeeds)
        for operator, part in zip(statement.operators, statement.parts[1:], strict=False):
            other = _decide(part, reading, scope, succeeds=succeeds)
            both = (answer, other)
            if (operator == "&&") == succeeds:  # each of the two has to come true
                answer = "asks" if "asks" in both else "other" if "other" in both else "harmless"
            else:
                answer = "other" if "other" in both else "asks" if "asks" in both else "harmless"
        return answer
    if isinstance(statement, Group):
        if succeeds and any("/dev/tcp/" in word for word in statement.redirects):
            filled = [scope.fill(word) for word in statement.redirects]
            return "asks" if reading.probes((":", *filled), scope) else "other"
        return (
            _decide(statement.body[-1], reading, scope, succeeds=succeeds) if statement.body else "harmless"
        )
    if isinstance(statement, Pipeline):
        return "asks" if succeeds and _probed(statement.parts, reading, scope) else "other"
    if isinstance(statement, Command):
        return _of_command(statement, reading, scope, succeeds=succeeds)
    return "other"


def _of_command(command: Command, reading: Reading, scope: Scope, *, succeeds: bool) -> Verdict:
    argv = scope.expand(command)
    if not argv:
        return "harmless"
    if argv[0] in TESTS:
        return "asks" if _substitutes(argv, reading, scope) else "harmless"
    if succeeds and _asks(argv, reading, scope):
        return "asks"
    if argv[0] in _SUCCEED and not succeeds:
        return "harmless"
    return "other"


def _asks(argv: tuple[str, ...], reading: Reading, scope: Scope) -> bool:
    """Whether a command succeeds only when the host answers."""
    function = scope.functions.get(argv[0])
    if function is not None:
        return reading.within(function, argv, scope, _probed)
    if reading.probes(argv, scope):
        return True
    needs = _NEEDS.get(reading.hosts.kind)
    return needs is not None and argv[0] not in NO_PROBES and re.search(needs, " ".join(argv)) is not None


def _probed(block: Block, reading: Reading, scope: Scope) -> bool:
    """Whether one of the commands of a block asks the host, other than in the background."""
    for part in _awaited(block):
        if isinstance(part, Command):
            argv = scope.expand(part)
            if argv and (argv[0] in scope.functions or argv[0] not in TESTS) and _asks(argv, reading, scope):
                return True
            assigned = [word.partition("=")[0] for word in part.words if "=" in word and "$(" in word]
            given = [value for name in assigned for value in scope.values.get(name, ())]
            if _substitutes((*argv, *given), reading, scope):
                return True
        elif isinstance(part, Group) and reading.probes((":", *map(scope.fill, part.redirects)), scope):
            return True
    return False


def _substitutes(words: tuple[str, ...], reading: Reading, scope: Scope) -> bool:
    """Whether what stands in some words in place of its output asks the host: "$(curl http://db)"."""
    found = [word for word in words if "$(" in word or "`" in word]
    if not found:
        return False
    if reading.hosts.among(found):
        return True
    names = {name for word in found for name in re.findall(r"(?:\$\(|`)\s*([\w-]+)", word)}
    return any(
        reading.within(scope.functions[name], (name,), scope, _probed)
        for name in names & scope.functions.keys()
    )


def _awaited(block: Block) -> Iterator[Statement]:
    """Yield the parts of a block that the shell waits for."""
    waiting = [*reversed(block)]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, Background | Function):
            yield part
            waiting.extend(reversed(parts(part)))


def _asks_status(block: Block) -> bool:
    return any(isinstance(part, Command) and "$?" in part.words for part in walk(block))


def _left(block: Block, reading: Reading, scope: Scope) -> bool:
    """Whether a loop's body leaves it, other than because a probe has failed."""
    return any(
        leaves(statement)
        if isinstance(statement, Command)
        else _left(tuple(_unless_failed(statement, reading, scope)), reading, scope)
        for statement in block
    )


def _unless_failed(statement: Statement, reading: Reading, scope: Scope) -> Iterator[Statement]:
    """Yield the parts of a statement that are not reached by the failure of a probe alone."""
    if isinstance(statement, Chain):
        for number, part in enumerate(statement.parts):
            failed = number and statement.operators[number - 1] == "||"
            if not (failed and _probed(statement.parts[:number], reading, scope)):
                yield part
    elif isinstance(statement, Branch):
        for arm in statement.arms:
            asks = arm.condition and _decide(arm.condition[-1], reading, scope, succeeds=False) == "asks"
            if not asks or isinstance(arm.condition[-1], Command):
                yield from arm.body
    elif isinstance(statement, Loop):
        # It is that loop which `break` leaves.
        inside = (part for part in walk(statement.body) if isinstance(part, Command))
        yield from (part for part in inside if part.words[0] != "break")
    elif isinstance(statement, Negated | Group | Pipeline):
        yield from parts(statement)


def leaves(command: Command) -> bool:
    """Whether a command leaves a loop, and not because of a failure."""
    word = command.words[0]
    if word == "exec":
        return len(command.words) > 1
    return word == "break" or (word in ("exit", "return") and command.words[1:2] in ((), ("0",), ("$?",)))
