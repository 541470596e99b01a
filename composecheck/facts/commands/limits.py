"""How long a loop of the shell goes on at most, and how it ends then."""

from __future__ import annotations

import re

from composecheck.facts.commands.calls import inner
from composecheck.facts.commands.loops import TESTS, leaves
from composecheck.facts.commands.scope import fill
from composecheck.facts.commands.shells import VARIABLE
from composecheck.facts.commands.syntax import Command, Loop, walk
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts.commands.wrapped import Ends

_COMPARES = r"\$?\{?(\w+)\}?\s*(?:<=?|>=?|==|!=)\s*\$?\{?(\w+)\}?"
_COUNTS = r"(\w+)\s*(?:\+\+|--|[-+]=|=(?!=))|(?:\+\+|--)(\w+)"
_OPERATORS = frozenset(("-lt", "-le", "-gt", "-ge", "-eq", "-ne", "=", "==", "!=", "<", ">"))
_SEQUENCE = r"(?:\$\(|`)\s*seq\s+(?:(\d+)\s+)?(?:(\d+)\s+)?(\d+)\s*[)`]|\{(\d+)\.\.(\d+)\}"


def limit_of(loop: Loop, values: Mapping[str, tuple[str, ...]]) -> tuple[float | None, Ends]:
    """Return for how many seconds a loop goes on at most (None: without an end), and how it ends then.

    `values` are those of the variables before it. What a probe itself takes is not counted.
    """
    found = [part for part in walk((*loop.condition, *loop.body)) if isinstance(part, Command)]
    pause = sum(_pause(command, values) for command in found)
    if loop.word == "for":
        count = _values_of(loop, values)
        seconds = None if count is None else count * pause
    else:
        seconds = _counted(found, values, pause)
    if seconds is None:
        return None, "status"
    for command in found:
        if command.words[0] in ("exit", "return", "kill") and not leaves(command):
            return seconds, "status" if command.words[0] == "return" else "left"
    return seconds, "goes on"


def _pause(command: Command, values: Mapping[str, tuple[str, ...]]) -> float:
    words = inner(command.words).words
    if words[:1] != ("sleep",):
        return 0.0
    match = re.fullmatch(r"(\d*\.?\d+)([smh]?)", fill("".join(words[1:2]), values))
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]] if match is not None else 1.0


def _values_of(loop: Loop, values: Mapping[str, tuple[str, ...]]) -> int | None:
    """Return how often the body of a `for` loop runs, None where that cannot be told."""
    if len(loop.over) == 1 and "((" in loop.over[0]:
        start = re.search(r"=\s*\$?\{?(\w+)", loop.over[0])
        end = re.search(r"[<>]=?\s*\$?\{?(\w+)", loop.over[0])
        first, last = (_number(each[1], values) if each is not None else None for each in (start, end))
        return abs(last - first) if first is not None and last is not None else None
    count = 0
    for word in loop.over[1:]:
        names = (match[1] or match[2] for match in re.finditer(VARIABLE, word))
        if any(name and not values.get(name) for name in names):
            return None
        text = fill(word, values)
        sequence = re.fullmatch(_SEQUENCE, text)
        if sequence is not None:
            first, step = int(sequence[4] or sequence[1] or 1), int(sequence[2] or 1)
            count += abs(int(sequence[5] or sequence[3]) - first) // (step or 1) + 1
        elif "$" in text or "`" in text:
            return None
        else:
            count += len(text.split())
    return count or None


def _counted(commands: list[Command], values: Mapping[str, tuple[str, ...]], pause: float) -> float | None:
    """Return the seconds until a loop that counts has had enough, None where none of its tests says."""
    counters = {name for command in commands for name in _counters(command)}
    for command in commands:
        if command.words[0] not in TESTS:
            continue
        down = re.match(r"\s*(\w+)\s*--", command.words[1]) if command.words[0] == "((" else None
        start = _number(down[1], values) if down is not None else None
        if start is not None:
            return start * pause  # it is over when nothing is left
        for one, other in _comparisons(command):
            for left, right in ((one, other), (other, one)):
                name = re.sub(r"[${}\"]", "", left)
                limit = _number(right, values)
                if limit is not None and (name == "SECONDS" or "date +%s" in left):
                    return float(limit)
                until = re.search(r"date \+%s\D*\+\s*(\d+)", fill(right, values))
                if until is not None and ("date" in left or name == "SECONDS"):
                    return float(until[1])
                if name in counters and limit is not None:
                    return (
                        abs(limit - (_number(f"${name}", values) or 0))
                        // _step(commands, name, values)
                        * pause
                    )
    return None


def _comparisons(command: Command) -> Iterator[tuple[str, str]]:
    words = command.words
    if words[0] == "((":
        for match in re.finditer(_COMPARES, words[1]):
            yield f"${match[1]}", f"${match[2]}" if not match[2].isdecimal() else match[2]
        return
    for at, word in enumerate(words[1:-1], 1):
        if word in _OPERATORS:
            yield words[at - 1], words[at + 1]


def _counters(command: Command) -> Iterator[str]:
    """Yield the variables that a command changes by what they are."""
    for word in command.words:
        name, equals, value = word.partition("=")
        name = name.removesuffix("+")
        if equals and name.isidentifier() and (name in value or word.startswith(f"{name}+=")):
            yield name
        for text in (word,) if command.words[0] in ("((", "let") else re.findall(r"\$\(\((.*?)\)\)", word):
            for match in re.finditer(_COUNTS, text):
                yield match[1] or match[2]


def _step(commands: list[Command], name: str, values: Mapping[str, tuple[str, ...]]) -> int:
    """Return by how much a counter changes each time."""
    change = rf"\b{re.escape(name)}\}}?\s*[-+]=?\s*\$?\{{?(\w+)"
    for command in commands:
        for word in command.words:
            match = re.search(change, word)
            step = _number(match[1], values) if match is not None else None
            if step:
                return step
    return 1


def _number(text: str, values: Mapping[str, tuple[str, ...]]) -> int | None:
    """Return the whole number that a word or a variable stands for."""
    for word in (text, f"${text}"):
        given = fill(word, values).strip('"')
        if re.fullmatch(r"\d{1,9}", given):
            return int(given)
        if not text.isidentifier():
            break
    return None
