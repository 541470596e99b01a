"""Whether a script's test of its own arguments comes out true, where these are known: `[ "$1" = serve ]`."""

from __future__ import annotations

import re

from composecheck.facts.commands.syntax import Chain, Command, Negated
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.facts.commands.scope import Scope
    from composecheck.facts.commands.syntax import Block, Statement

_ARGUMENT = r"\$(?:(\d)|\{(\d)\})"
_SPECIAL = r"[$`*?\[\]\0]"


def decided(condition: Block, scope: Scope) -> bool | None:
    """Return what a condition surely comes to, None where only running shows."""
    return _statement(condition[0], scope) if len(condition) == 1 and scope.sure else None


def _statement(statement: Statement, scope: Scope) -> bool | None:
    if isinstance(statement, Negated):
        inner = _statement(statement.body, scope)
        return None if inner is None else not inner
    if isinstance(statement, Chain) and len(set(statement.operators)) == 1:
        known = [_statement(part, scope) for part in statement.parts]
        decisive = statement.operators[0] == "||"
        if decisive in known:
            return decisive
        return None if None in known else not decisive
    if (
        isinstance(statement, Command)
        and not statement.redirects
        and statement.words[0] in ("[", "[[", "test")
    ):
        words = statement.words[1:] if statement.words[0] == "test" else statement.words[1:-1]
        return _tested(words, scope)
    return None


def _tested(words: Sequence[str], scope: Scope) -> bool | None:
    """Return what a comparison of an argument with a text comes to."""
    if len(words) == 2 and words[0] in ("-n", "-z") and re.fullmatch(_ARGUMENT, words[1]):
        value = _value(words[1], scope)
        return None if value is None else bool(value) is (words[0] == "-n")
    if len(words) != 3 or words[1] not in ("=", "==", "!="):
        return None
    if not any(re.fullmatch(_ARGUMENT, word) for word in (words[0], words[2])):
        return None
    one, other = _value(words[0], scope), _value(words[2], scope)
    return None if one is None or other is None else (one == other) is (words[1] != "!=")


def _value(word: str, scope: Scope) -> str | None:
    """Return the text that a word surely stands for."""
    match = re.fullmatch(_ARGUMENT, word)
    if match is not None:
        number = int(match[1] or match[2])
        word = scope.arguments[number] if 0 < number < len(scope.arguments) else "$"
        return word if word and "$" not in word else None
    return None if re.search(_SPECIAL, word) else word
