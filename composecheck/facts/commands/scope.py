"""What a script knows while it is followed: its variables, arguments and functions, and where it stands."""

from __future__ import annotations

import re
from itertools import islice, product

from composecheck.facts.commands.shells import VARIABLE
from composecheck.facts.commands.syntax import DOLLAR
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from composecheck.facts.commands.files import File
    from composecheck.facts.commands.syntax import Command, Function
    from composecheck.text.source import Span

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_DECLARING = ("export", "local", "readonly", "declare", "typeset")
_DEFAULT = r"\$\{(\w+):?=([^{}]*)\}"
# The folder of the script itself, as scripts ask for it.
_ITSELF = r"""(?x) \$\( \s* (?:cd\s+(?:--\s+)?)? ["']? \$\( \s* dirname \s [^)]* \) [^()]* \)
    | \$\( \s* dirname \s (?:--\s+)? [^()]* \) | \$\{0%/\*\} | \$\{BASH_SOURCE(?:\[0\])?%/\*\}"""
_ALL = frozenset(("$@", "${@}", "$*", "${*}"))
# A loop over more values than this is followed no further, and no value grows longer.
_MOST_VALUES = 100
_LONGEST = 1 << 12
_MOST_WAYS = 4


class Values(dict[str, tuple[str, ...]]):
    """What variables may hold: one value, but for that of a `for` loop, or after several ways to here."""

    __slots__ = ("_log",)

    def __init__(self, given: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(given)
        self._log: list[tuple[str, tuple[str, ...] | None]] = []

    def __setitem__(self, name: str, value: tuple[str, ...]) -> None:
        self._log.append((name, self.get(name)))
        super().__setitem__(name, value)

    def mark(self) -> int:
        """Return what `before` and `undo` go back to."""
        return len(self._log)

    def before(self, mark: int) -> dict[str, tuple[str, ...]]:
        """Return the values as they were."""
        made = dict(self)
        for name, value in reversed(self._log[mark:]):
            made[name] = value or ()
        return made

    def undo(self, mark: int) -> dict[str, tuple[str, ...]]:
        """Take back what was set since, and return it."""
        changed: dict[str, tuple[str, ...]] = {}
        while len(self._log) > mark:
            name, value = self._log.pop()
            changed.setdefault(name, self.get(name, ()))
            super().__setitem__(name, value or ())
        return changed

    def join(self, ways: Sequence[Mapping[str, tuple[str, ...]]]) -> None:
        """Let each variable be what one of several ways may have set it to."""
        for name in dict.fromkeys(name for way in ways for name in way):
            held = self.get(name, ())
            self[name] = tuple(dict.fromkeys(value for way in ways for value in way.get(name, held)))[
                :_MOST_WAYS
            ]


class Scope:
    """What a script knows, or a function of it."""

    __slots__ = ("arguments", "depth", "file", "functions", "strict", "sure", "values")

    def __init__(
        self,
        values: Values,
        arguments: Sequence[str],
        functions: dict[str, Function],
        file: File | None,
        depth: int,
    ) -> None:
        self.values = values
        self.functions = functions
        self.file = file
        self.depth = depth
        self.strict = False  # set -e
        self.sure = False  # whether its arguments are known, and not what they may be after some way to here
        self.arguments: tuple[str, ...] = ()
        self.call(arguments)

    def inside(self, arguments: Sequence[str], file: File | None = None) -> Scope:
        """Return the scope of a function of this one, or of what it sources."""
        made = Scope(self.values, arguments, self.functions, file or self.file, self.depth + 1)
        made.strict = self.strict
        return made

    def call(self, arguments: Sequence[str]) -> None:
        """Set the arguments: $0, $1 and so on."""
        self.arguments = tuple(arguments)
        for number in range(10):
            self.values.pop(str(number), None)
        self.values.update({str(number): (word,) for number, word in enumerate(self.arguments[:10])})

    def set(self, argv: Sequence[str]) -> None:
        """Do what `set` does with these words."""
        for at, word in enumerate(argv[1:], 1):
            if word == "--":
                self.call((*self.arguments[:1], *argv[at + 1 :]))
                return
            option = word == "errexit" and argv[at - 1] in ("-o", "+o")
            if re.fullmatch(r"[-+]\w*e\w*", word) or option:
                self.strict = (argv[at - 1] if option else word).startswith("-")

    @property
    def folder(self) -> str | None:
        """The folder in the container where the script lies."""
        return self.file.path.rpartition("/")[0] or "/" if self.file is not None else None

    def place(self, start: int, end: int) -> Span | None:
        """Return a place in the script, where this is a file of the project."""
        if self.file is None:
            return None
        if self.file.source is None:
            return self.file.place
        from composecheck.text.source import within

        return within(self.file.source, start, end)

    def expand(self, command: Command) -> tuple[str, ...]:
        """Return the words that a command is run with, and remember what it assigns."""
        words: list[str] = []
        for word in command.words:
            words.extend(self.arguments[1:] if word in _ALL else (self.fill(word),))
        for at, word in enumerate(words):
            assignment = ASSIGNMENT.fullmatch(word)
            if assignment:
                self.values[assignment[1]] = (assignment[2][:_LONGEST],)
            elif word not in _DECLARING if not at else not word.startswith("-"):
                break
        while words and ASSIGNMENT.fullmatch(words[0]):
            del words[0]
        if not words:
            return ()
        text = self.fill(command.text[:_LONGEST])
        if words[0] == "read":
            self._read(words[1:], text)
        return (*words, *map(self.fill, command.redirects), *filter(None, (text,)))

    def _read(self, words: Sequence[str], text: str) -> None:
        """Let `read` take a text apart: the variables get its parts in turn, of each of its words."""
        names = [word for word in words if word.isidentifier()]
        for number, name in enumerate(names if text else ()):
            parts = (re.split("[:,/]", word) for word in text.split())
            self.values[name] = tuple(each[number] for each in parts if number < len(each))

    def fill(self, word: str) -> str:
        """Return a word as the shell expands it; one with a loop's variable for each value in turn."""
        if "$" not in word:
            return word.replace(DOLLAR, "$")
        if "dirname" in word or "%/*" in word:
            word = re.sub(_ITSELF, self.folder or ".", word)
        for match in re.finditer(_DEFAULT, word):
            if not self.values.get(match[1], ("",))[0]:
                self.values[match[1]] = (match[2],)
        return fill(word, self.values)


def fill(word: str, values: Mapping[str, tuple[str, ...]]) -> str:
    """Return a word with its variables filled in; for one of several values with each in turn."""
    if "$" not in word:
        return word.replace(DOLLAR, "$")
    names = list(
        dict.fromkeys(name for match in re.finditer(VARIABLE, word) if (name := match[1] or match[2]))
    )
    if not names:
        return word.replace(DOLLAR, "$")
    held = islice(product(*(values.get(name) or ("",) for name in names)), _MOST_VALUES)
    filled = " ".join(_filled(word, dict(zip(names, each, strict=True))) for each in held)
    return filled.replace(DOLLAR, "$")


def _filled(word: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return (values[name] or match[4] or "") if name else match[0]

    return re.sub(VARIABLE, value, word)
