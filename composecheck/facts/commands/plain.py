"""Shell text that needs no parser: commands of plain words with `&&` and `||` between them."""

from __future__ import annotations

from composecheck.facts.commands.syntax import DOLLAR, Chain, Command, Script
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.facts.commands.syntax import Statement

_LONGEST = 400
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_OF_NAMES = frozenset(f"{_LETTERS}0123456789_")
_OF_PROGRAMS = _OF_NAMES | frozenset("./-")
_OF_TEXTS = _OF_PROGRAMS | frozenset(" :@%+,=&|${}\"'")
# What the shell takes for more than a command.
_WORDS_OF_SHELL = frozenset(
    """case coproc declare do done elif else esac eval export fi for function if in let local readonly
    select set then time typeset unset unsetenv until while""".split()  # noqa: SIM905 - words
)


def plain(text: str) -> Script | None:
    """Return the statements of a text that is plain, None for any other."""
    if len(text) > _LONGEST or not _OF_TEXTS.issuperset(text):
        return None
    parts: list[Statement] = []
    operators: list[str] = []
    words: list[str] = []
    start = end = behind = 0
    for given in text.split(" "):
        begin, behind = behind, behind + len(given) + 1
        if not given:
            continue
        if given in ("&&", "||") and words:
            parts.append(Command(tuple(words), start, end))
            operators.append(given)
            words = []
            continue
        word = _word(given)
        if word is None or not (words or _is_program(given)):
            return None
        start, end = (start if words else begin), begin + len(given)
        words.append(word)
    if not words:
        return None
    parts.append(Command(tuple(words), start, end))
    return Script(text, (Chain(tuple(parts), tuple(operators)) if operators else parts[0],))


def _is_program(word: str) -> bool:
    known = word not in _WORDS_OF_SHELL and _OF_PROGRAMS.issuperset(word)
    return known and word[0] in f"{_LETTERS}./"


def _word(given: str) -> str | None:
    """Return a word without its quotes, None where it is not plain."""
    quote = given[0] if given[0] in "'\"" else ""
    word = given[1:-1] if quote else given
    if (quote and (len(given) < 2 or given[-1] != quote)) or "'" in word or '"' in word:
        return None
    if quote == "'":
        return word.replace("$", DOLLAR)
    if not quote and ("&" in word or "|" in word or not _is_assigned_to_names(word)):
        return None
    return word if _has_plain_variables(word, quoted=bool(quote)) else None


def _has_plain_variables(word: str, *, quoted: bool) -> bool:
    first, *variables = word.split("$")
    others = [first]
    for variable in variables:
        name, brace, rest = variable[1:].partition("}") if variable[:1] == "{" else ("", "", variable)
        if not (name and _OF_NAMES.issuperset(name) if brace else rest and rest[0] in _LETTERS):
            return False
        others.append(rest)
    return quoted or not any("{" in other or "}" in other for other in others)


def _is_assigned_to_names(word: str) -> bool:
    """Whether before each `=` of a word stands what may be a name."""
    return all(before[-1:] in _OF_NAMES or before[-1:] == "-" for before in word.split("=")[:-1])
