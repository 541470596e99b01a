"""The commands that a test runs, one by one, those that others run for it too."""

from __future__ import annotations

import re
from itertools import pairwise

from composecheck.facts.commands.calls import RUNNERS, pass_options
from composecheck.facts.commands.shell import read
from composecheck.facts.commands.shells import VARIABLE, script_in
from composecheck.facts.commands.syntax import DOLLAR, Command, Loop, walk
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


def script_runs(script: str, place: Span, values: Mapping[str, str], depth: int) -> Iterator[Run]:
    """Yield the commands of a script, those that others run too."""
    held = dict(values)
    assigned: dict[str, str] = {}
    for command in walk(read(script).body):
        if isinstance(command, Loop) and command.over:
            held[command.over[0]] = UNKNOWN
        if not isinstance(command, Command) or command.words[0] == "((":
            continue
        words = [*command.words, *command.redirects]
        for word in words:
            if depth < _DEPTH:
                for match in re.finditer(_SUBSTITUTION, word) if _substitutes(word) else ():
                    inner = (match[1] or match[2] or "").replace(DOLLAR, "$")
                    for run in script_runs(inner, place, held, depth + 1):
                        yield run._replace(nested=True)
        filled = [fill(word, held) for word in words]
        own: dict[str, str] = {}
        while filled and _assign(filled[0], own):
            del filled[0]
        if filled[:1] in (["export"], ["local"], ["readonly"], ["declare"], ["typeset"]):
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
    elif name in RUNNERS:
        valued, own = RUNNERS[name]
        rest = list(argv[1:])
        pass_options(rest, valued)
        assigned = dict(assigned)
        while name in ("env", "sudo") and rest and _assign(rest[0], assigned):
            del rest[0]
        if rest[own:]:
            yield from runs_of(tuple(rest[own:]), place, assigned, values, depth + 1)
