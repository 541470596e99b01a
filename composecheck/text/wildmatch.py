"""The patterns of a `.gitignore`, as gitignore(5) and git's own wildmatch.c read them.

All text here is bytes as Latin-1, since git compares bytes: `?` is one of them.
"""

from __future__ import annotations

import re
import string

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    # What one name of a path has to match; None is `**`, any number of names.
    Step = re.Pattern[str] | None

_ANY = re.compile("[^/]+")
_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, (*range(32), 127))),
    "digit": string.digits,
    "graph": "".join(map(chr, range(33, 127))),
    "lower": string.ascii_lowercase,
    "print": "".join(map(chr, range(32, 127))),
    "punct": string.punctuation,
    "space": " \t\n\r\f\v",
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}


class Pattern(NamedTuple):
    """A line of a `.gitignore`: what it names, and whether it takes that in again (`!`).

    One without a slash (it is not `anchored`) is held against the last name of a path alone.
    """

    steps: tuple[Step, ...]
    negated: bool
    folders_only: bool
    anchored: bool

    def matches(self, names: Sequence[str], *, folder: bool) -> bool:
        """Return whether the pattern names a path, given by its names from the pattern's folder on."""
        if self.folders_only and not folder:
            return False
        return _fits(self.steps, names if self.anchored else names[-1:])


class Patterns:
    """The patterns of one file, of which the last one that names a path decides.

    A folder has many names and most are named by none: those without a wildcard are looked up, and those with
    one but without a slash are first tried all at once.
    """

    __slots__ = ("_anchored", "_any", "_literal", "_wild")

    def __init__(self, text: str) -> None:
        self._anchored: list[tuple[int, Pattern]] = []
        self._literal: dict[str, list[tuple[int, Pattern]]] = {}
        self._wild: list[tuple[int, Pattern]] = []
        for number, (pattern, written) in enumerate(_patterns(text)):
            if pattern.anchored:
                self._anchored.append((number, pattern))
            elif re.search(r"[*?[\\]", written) is None:
                self._literal.setdefault(written, []).append((number, pattern))
            else:
                self._wild.append((number, pattern))
        steps = (step.pattern for _, pattern in self._wild for step in pattern.steps if step is not None)
        self._any = re.compile("|".join(f"(?:{step})" for step in steps)) if self._wild else None

    def verdict(self, names: Sequence[str], *, folder: bool) -> bool | None:
        """Return whether a path is ignored, given by its names from the file's folder on; None: not said."""
        tried = [*self._anchored, *self._literal.get(names[-1], ())]
        if self._any is not None and self._any.fullmatch(names[-1]) is not None:
            tried += self._wild
        found = max(((n, not p.negated) for n, p in tried if p.matches(names, folder=folder)), default=None)
        return None if found is None else found[1]


def _patterns(text: str) -> Iterator[tuple[Pattern, str]]:
    """Yield the patterns of a file in its order, with what is written; what git cannot read is left out."""
    for written in text.removeprefix("\xef\xbb\xbf").split("\n"):
        line = _trimmed(written.removesuffix("\r"))
        if line[:1] in ("", "#"):
            continue
        negated = line[0] == "!"
        line = line[negated:]
        folders_only = line.endswith("/")
        line = line.removesuffix("/")
        anchored = "/" in line
        try:
            steps = tuple(_steps(line.removeprefix("/"), anchored=anchored))
        except ValueError:
            continue
        yield Pattern(steps, negated, folders_only, anchored), line


def _trimmed(line: str) -> str:
    """Return a line without the blanks at its end, but one that a backslash keeps."""
    text = line.rstrip(" ")
    backslashes = len(text) - len(text.rstrip("\\"))
    return line[: len(text) + backslashes % 2]


def _fits(steps: Sequence[Step], names: Sequence[str]) -> bool:
    """Return whether steps match names from the first to the last.

    Only the last `**` need ever be tried again, further on, so that the time is bounded by the product.
    """
    at = name = resumed = 0
    again = -1
    while name < len(names):
        step = steps[at] if at < len(steps) else _ANY
        if step is None:
            again, resumed = at, name
            at += 1
        elif at < len(steps) and step.fullmatch(names[name]) is not None:
            at, name = at + 1, name + 1
        elif again >= 0:
            resumed += 1
            at, name = again + 1, resumed
        else:
            return False
    return at == len(steps)


def _steps(text: str, *, anchored: bool) -> Iterator[Step]:
    """Yield what each name has to match; ValueError for what matches nothing."""
    parts: list[list[str]] = [[]]
    for atom in _atoms(text):
        if atom == "/":
            parts.append([])
        else:
            parts[-1].append(atom)
    for part in parts:
        double = anchored and len(part) > 1 and not any(atom != "*" for atom in part)
        yield None if double else re.compile(_expression(part))
    if double:
        yield _ANY  # `a/**` is what is in it, and not `a`


def _expression(atoms: Sequence[str]) -> str:
    """Return what one name has to match as an expression that takes linear time for each star.

    Where what follows a star and ends at the next one fits first is as good as any later place.
    """
    pieces = [""]
    for atom in atoms:
        if atom != "*":
            pieces[-1] += atom
        elif pieces[-1] or len(pieces) == 1:
            pieces.append("")
    first, *rest = pieces
    if not rest:
        return first
    *middle, last = rest
    return f"{first}{''.join(f'(?>[^/]*?{piece})' for piece in middle)}[^/]*{last}"


def _atoms(text: str) -> Iterator[str]:
    """Yield "/", "*", and for anything else the expression of the one character that it stands for."""
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "[":
            expression, at = _set(text, at)
            yield expression
        elif char == "?":
            yield "[^/]"
        elif char in "/*":
            yield char
        else:
            if char == "\\":
                char, at = _at(text, at), at + 1
            yield char if char == "/" else re.escape(char)


def _set(text: str, at: int) -> tuple[str, int]:
    """Return the expression of a set in brackets and where the text goes on; ValueError if it has no end."""
    negated = text[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[tuple[str, str]] = []
    before = ""
    while not ranges or _at(text, at) != "]":  # one that is first is no end
        char = _at(text, at)
        if char == "-" and before and _at(text, at + 1) != "]":
            at += 2 if text[at + 1] == "\\" else 1
            ranges.append((before, _at(text, at)))
            before = ""
        elif char == "[" and (name := _class(text, at)) is not None:
            ranges += [(one, one) for one in _CLASSES[name]]
            before = ""
            at += len(name) + 3
        else:
            at += char == "\\"
            before = _at(text, at)
            ranges.append((before, before))
        at += 1
    within = "".join(f"{re.escape(a)}-{re.escape(b)}" for a, b in ranges if a <= b)
    if negated:
        return f"[^/{within}]", at + 1
    return f"(?!/)[{within}]" if within else "(?!)", at + 1


def _class(text: str, at: int) -> str | None:
    """Return the name in `[:alpha:]`; None where that is not what stands there."""
    if _at(text, at + 1) != ":":
        return None
    end = text.find("]", at + 2)
    if end < 0:
        raise ValueError("the set has no end")
    if end == at + 2 or text[end - 1] != ":":
        return None
    name = text[at + 2 : end - 1]
    if name not in _CLASSES:
        raise ValueError(f"there is no class '{name}'")
    return name


def _at(text: str, at: int) -> str:
    if at >= len(text):
        raise ValueError("it ends too early")
    return text[at]
