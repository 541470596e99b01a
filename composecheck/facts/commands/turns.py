"""Which statements of a script that waits for many hosts have to be followed for one of them."""

from __future__ import annotations

import re

from composecheck.facts.commands.hosts import spellings
from composecheck.facts.commands.syntax import DOLLAR, Branch, Command, Function, Group, Loop, walk
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from composecheck.facts.commands.asked import Question
    from composecheck.facts.commands.syntax import Block, Statement

# Shorter scripts are followed from end to end for each host.
LONG = 16
# Where a host's name may be.
_WORD = r"[\w.-]+"
# What more than one service may be found at.
_SHARED = r"(?i)localhost|host\.docker|\b127\.|::|\b0\b"


class Turns:
    """The statements of a script that was followed for one host, and who has to follow which of them.

    A statement without variables that said nothing of that host, and changed nothing, is passed over for all
    whom it does not name.
    """

    __slots__ = ("_always", "_every", "_named", "ends", "functions", "unsure", "works")

    def __init__(self, block: Block, works: Sequence[bool]) -> None:
        self.functions = [statement for statement in block if isinstance(statement, Function)]
        self.works = any(works)
        self.ends = ends_of(works)
        self.unsure = len(block)  # the first one passed over behind which the arguments are not sure any more
        self._every = tuple(range(len(block)))
        self._always: list[int] = []
        self._named: dict[str, list[int]] = {}

    def always(self, number: int) -> None:
        """Have a statement followed for every host."""
        self._always.append(number)

    def only(self, number: int, asked: Iterable[Question]) -> None:
        """Have a statement followed for those alone who are named in what it has asked."""
        for name in {name for question in asked for name in _names(question)}:
            self._named.setdefault(name, []).append(number)

    def of(self, names: Collection[str] | None) -> tuple[int, ...]:
        """Return the numbers of the statements to follow for a host with names; None are any."""
        if names is None or not all(re.fullmatch(_WORD, name) for name in names):
            return self._every
        return tuple(sorted({*self._always, *(at for name in names for at in self._named.get(name, ()))}))


def is_told_by_words(asked: Iterable[Question]) -> bool:
    """Whether what was asked of a host hangs on nothing but its names and its kind."""
    return not any(what == "among" and re.search(_SHARED, str(words)) for what, words in asked)


def is_plain(statement: Statement, functions: Collection[str]) -> bool:
    """Whether a statement is the same whatever a script knows: it has no variables and calls no function."""
    for part in walk((statement,)):
        words: tuple[str, ...] = ()
        if isinstance(part, Command):
            words = (*part.words, *part.redirects, part.text)
        elif isinstance(part, Group):
            words = part.redirects
        elif isinstance(part, Loop):
            words = part.over
        if isinstance(part, Function) or (isinstance(part, Branch) and part.word == "case"):
            return False
        if any(mark in word for word in words for mark in ("$", "`", DOLLAR)):
            return False
        if words and words[0] in functions:
            return False
    return True


def ends_of(works: Sequence[bool]) -> tuple[int, int]:
    """Return the numbers of the first statement with work and of the last one."""
    numbers = [number for number, has in enumerate(works) if has]
    return (numbers[0], numbers[-1]) if numbers else (len(works), -1)


def _names(question: Question) -> Iterator[str]:
    """Yield the names, in lower case, of hosts that may say yes to a question, of those of one kind."""
    what, words = question
    if what == "called":
        yield from spellings(str(words))
    for word in re.findall(_WORD, str(words).lower()) if what == "among" else ():
        for name in (word, word[2:]) if word.startswith("-h") else (word,):
            yield name
            yield from (name[:at] for at, letter in enumerate(name) if letter == ".")
