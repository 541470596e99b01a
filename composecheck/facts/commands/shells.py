"""Shells and wrappers among the words of a process, what shells are told to run, and their variables."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# These are compiled where they are first used: most projects need none.
_SHELL = r"(?:.*/)?(?:ba|da|a|z|k|mk)?sh"
_SCRIPT_OPTION = r"-\w*c\w*"
_NAME_OPTION = r"[-+]\w*[oO]\w*"  # takes a name: -o pipefail
# A variable: its name, bare or in braces, and what may stand behind it there: a default (${A:-b}), or what
# leaves less of its value (${A%:*}). Of any other (${A:?b}, $@) there is no name.
VARIABLE = (
    r"\$(?:([A-Za-z_]\w*|\d)|\{(\w+)(?:\[[^]]*\])?(?:(:?[-=])([^{}]*)|([%/][^{}]*))?\}|\{[^}]*\}|[?@*#!-])"
)
# What a shell takes for an operator, where it is a word of its own.
OPERATOR = r"&&|\|\|?|;|&|(?:\d|&)?(?:>>?|<)(?:&?\d|&-|/\S*)?"
# Programs to which operators are arguments like any other, or that read a program of their own.
TAKE_OPERATORS = frozenset(("expr", "find", "test", "[", "xargs"))
WRAPPER = r"(?i)(?:.*/)?(wait4x|wait(?:ing)?[-_]?(?:for|on|port|until)(?:[-_]?([\w-]+?))?)(?:\.\w+)?"
COMPOSE_WAIT = r"(?:.*/)?docker-compose-wait|.*/wait"
# Commands that talk to nobody, and those that already succeed when the container merely runs: a
# name is known to the network's DNS before anything listens. None of them runs its arguments.
NO_PROBES = frozenset(
    """[ [[ test : true false echo printf sleep date cat ls cd pwd export set unset read let exit break
    continue return local declare log seq expr kill getent nslookup dig host ping ping6 wait for
    select""".split()  # noqa: SIM905 - words
)


def is_shell(word: str) -> bool:
    """Return whether a word is a shell, with its folder or without."""
    return word.endswith("sh") and re.fullmatch(_SHELL, word) is not None


def is_wrapper(word: str) -> bool:
    """Return whether a word is a program that waits, and then may become what stands behind it."""
    name = word.rpartition("/")[2]
    if "wait" not in name.lower():
        return name == "dockerize"
    return re.fullmatch(COMPOSE_WAIT, word) is not None or re.fullmatch(WRAPPER, word) is not None


def script_at(argv: Sequence[str]) -> tuple[int, int]:
    """Return where a shell stands among the words, and where what it is told to run with -c."""
    for at, word in enumerate(argv):
        if at == 0 and word in NO_PROBES:
            break
        if is_shell(word):
            given = named = False
            for number, option in enumerate(argv[at + 1 :], at + 1):
                if named:
                    named = False
                elif option.startswith(("-", "+")):
                    given = given or re.fullmatch(_SCRIPT_OPTION, option) is not None
                    named = re.fullmatch(_NAME_OPTION, option) is not None
                elif given:
                    return at, number
                else:
                    break
    return len(argv), len(argv)


def script_in(argv: Sequence[str]) -> str | None:
    """Return the script that a process gives to a shell, None where it gives none."""
    at = script_at(argv)[1]
    return argv[at] if at < len(argv) else None
