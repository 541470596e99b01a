"""The commands that a test runs, one by one, those that others run for it too."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from composecheck.facts.commands.shell import DOLLAR, read, tokens
from composecheck.facts.commands.shells import VARIABLE, script_in
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts.commands.shell import Command
    from composecheck.text.source import Span

UNKNOWN = "\ufffd"
_ASSIGNMENT = r"(?s)([A-Za-z_]\w*)=(.*)"
_SUBSTITUTION = r"(?s)\$\((.*)\)|`(.*)`"
_DEPTH = 5


class Run(NamedTuple):
    """One command of a test: its words, and the variables that are assigned for it.

    `place` is that of the word of the test that it stands in. A `nested` one is run by another, within a
    substitution.
    """

    words: tuple[str, ...]
    place: Span
    assigned: Mapping[str, str] = {}
    nested: bool = False

    @property
    def name(self) -> str:
        """The command without its folder."""
        return self.words[0].rpartition("/")[2]


@lru_cache(maxsize=256)
def commands_of(script: str) -> tuple[Command, ...]:
    """Return the commands of a script; projects have few that differ."""
    return read(script).commands


def script_runs(script: str, place: Span, values: Mapping[str, str], depth: int) -> Iterator[Run]:
    """Yield the commands of a script, those that others run too."""
    held = dict(values)
    assigned: dict[str, str] = {}
    for command in commands_of(script):
        words = list(command.words)
        for word in words:
            if depth < _DEPTH:
                for match in re.finditer(_SUBSTITUTION, word) if _substitutes(word) else ():
                    inner = (match[1] or match[2] or "").replace(DOLLAR, "$")
                    for run in script_runs(inner, place, held, depth + 1):
                        yield run._replace(nested=True)
        if words[:1] == ["for"] and len(words) > 1:
            held[words[1]] = UNKNOWN
            continue
        filled = [fill(word, held) for word in words]
        own: dict[str, str] = {}
        while filled and _assign(filled[0], own):
            del filled[0]
        if filled[:1] in (["export"], ["local"], ["readonly"]):
            for word in filled[1:]:
                _assign(word, own)
            filled = []
        if filled:
            yield from runs_of(tuple(filled), place, {**assigned, **own}, held, depth)
        else:
            held.update(own)
            assigned.update(own)


def _assign(word: str, values: dict[str, str]) -> bool:
    """Take what a word assigns, if it does."""
    match = re.fullmatch(_ASSIGNMENT, word) if "=" in word else None
    if match is not None:
        values[match[1]] = match[2]
    return match is not None


def fill(word: str, values: Mapping[str, str]) -> str:
    """Return a word as a shell expands it; UNKNOWN stands for what only running shows."""

    def value(match: re.Match[str]) -> str:
        changed = match[3] or match[5]  # what is left of it, or stands for it, only running shows
        return UNKNOWN if changed else values.get(match[1] or match[2] or "", UNKNOWN)

    if _substitutes(word):
        word = re.sub(_SUBSTITUTION, UNKNOWN, word)
    if "$" in word:
        word = re.sub(VARIABLE, value, word)
    return word.replace(DOLLAR, "$")


def _substitutes(word: str) -> bool:
    """Whether a word may hold a command that another one's output is put in place of."""
    return "$(" in word or "`" in word


# Commands that run the words behind their own, and their options that take a value.
_RUNNERS = {
    "env": ("uCS", 0),
    "exec": ("a", 0),
    "gosu": ("", 1),
    "nice": ("n", 0),
    "nohup": ("", 0),
    "setpriv": ("", 0),
    "stdbuf": ("ioe", 0),
    "su-exec": ("", 1),
    "sudo": ("ugCDhpRTU", 0),
    "time": ("fo", 0),
    "timeout": ("ks", 1),
    "tini": ("", 0),
    "dumb-init": ("", 0),
}


def runs_of(
    argv: tuple[str, ...], place: Span, assigned: dict[str, str], values: Mapping[str, str], depth: int
) -> Iterator[Run]:
    """Yield a command, and what it runs in its turn: `timeout 5 curl`, `su postgres -c "psql"`."""
    yield Run(argv, place, assigned)
    if depth >= _DEPTH:
        return
    name = argv[0].rpartition("/")[2]
    script = script_in(argv)
    if script is not None:
        yield from script_runs(script, place, {**values, **assigned}, depth + 1)
    elif name == "su":
        for flag, given in pairwise(argv):
            if flag in ("-c", "--command"):
                yield from script_runs(given, place, {**values, **assigned}, depth + 1)
    elif name in _RUNNERS:
        valued, own = _RUNNERS[name]
        rest = list(argv[1:])
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option == "--":
                break
            if len(option) == 2 and option[1] in valued and rest:
                del rest[0]
        assigned = dict(assigned)
        while name in ("env", "sudo") and rest and _assign(rest[0], assigned):
            del rest[0]
        if rest[own:]:
            yield from runs_of(tuple(rest[own:]), place, assigned, values, depth + 1)


_STRUCTURE = frozenset(("if", "case", "for", "while", "until", "select", "{", "}", "!", "function", "[["))


@lru_cache(maxsize=256)
def is_plain(script: str) -> bool:
    """Whether a script is nothing but lists of commands and pipelines: neither brackets nor loops."""
    return not any(
        token.text in _STRUCTURE if token.kind == "word" else token.kind == "operator" and token.text in "()"
        for token in tokens(script)
    )
