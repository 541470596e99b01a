"""Containers that only sit there, for somebody to go in with `exec`: they connect to nothing themselves."""

from __future__ import annotations

from composecheck.facts.commands import started
from composecheck.facts.commands.shells import is_shell, script_in
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Span

# What stands before a command, and becomes it.
_BEFORE = frozenset(("exec", "tini", "dumb-init", "env", "--", "-s", "-g"))
# What neither goes on for ever nor talks to anybody.
_NOTHING = frozenset(
    """: true false echo printf cd set trap date mkdir chmod chown touch export exit wait read umask ulimit
    hostname""".split()  # noqa: SIM905 - words
)
_HOUR = 3600


def idles(facts: Facts, service: Service) -> Span | None:
    """Return the place that says that a service's container only sits there, None where none does."""
    argv, key = started(facts, service)
    return service.key_place(key) if _sits(argv, service) else None


def _sits(argv: Sequence[str], service: Service) -> bool:
    words = [*argv]
    while words and words[0].rpartition("/")[2] in _BEFORE:
        del words[0]
    if not words:
        return False
    script = script_in(words)
    if script is None:
        waits_for_input = service.tty or service.stdin_open
        return _rests(words) or (waits_for_input and _asks(words))
    from composecheck.facts.commands.shell import read

    found = read(script)
    rests = [_rests(command.words) for command in found.commands]
    endless = any(
        loop.word in ("while", "until")
        and not loop.negated
        and found.commands[loop.first].words[0] in ("true", ":", "1", "false", "sleep")
        for loop in found.loops
    )
    quiet = (
        rest or command.words[0].rpartition("/")[2] in _NOTHING or command.words[0] == "sleep"
        for rest, command in zip(rests, found.commands, strict=True)
    )
    return (endless or any(rests)) and all(quiet)


def _rests(words: Sequence[str]) -> bool:
    """Whether a command sleeps or watches nothing for as long as the container lives."""
    words = words[1:] if words[0] == "exec" and len(words) > 1 else words
    name, others = words[0].rpartition("/")[2], words[1:]
    if name == "sleep":
        return any(_is_long(word) for word in others)
    if name == "tail":
        return any(word.startswith("-") and word.lower().endswith("f") for word in others) and (
            "/dev/null" in others
        )
    return name == "pause" and not others


def _is_long(text: str) -> bool:
    if text in ("infinity", "inf"):
        return True
    number, unit = (text[:-1], text[-1]) if text[-1:].isalpha() else (text, "s")
    return number.isdecimal() and int(number) * {"m": 60, "h": 3600, "d": 86400}.get(unit, 1) >= _HOUR


def _asks(words: Sequence[str]) -> bool:
    """Whether a program reads its commands from a terminal: a bare shell, or `cat`."""
    name = words[0].rpartition("/")[2]
    return (is_shell(name) or name == "cat") and all(word.startswith("-") for word in words[1:])
