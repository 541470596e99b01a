"""A Dockerfile's text into its instructions, by BuildKit's rules for lines.

https://docs.docker.com/reference/dockerfile/ tells of directives, continuations and heredocs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from composecheck.named import NamedTuple
from composecheck.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.text.source import Source

_DIRECTIVE = re.compile(r"#[ \t]*(\w+)[ \t]*=[ \t]*(\S.*?)[ \t]*")
_FLAG = re.compile(r"--([\w-]+)(?:=(\"[^\"]*\"|'[^']*'|\S*))?(?:\s+|$)")
# A heredoc's head; what stands in quotes is text, and matches first.
_HEREDOC = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'[^']*'|\d*(?<!<)<<(-?)[ \t]*([\"']?)([A-Za-z_][\w.\-]*)\2(?![\w(])"
)
_TAKES_HEREDOC = ("RUN", "COPY", "ADD")


class Instruction(NamedTuple):
    """One instruction: its word in capitals, its flags, and the text after them.

    Continuation lines are joined and comments dropped; the body of a heredoc is left out. `span`
    reaches from the word to the end of the logical line.
    """

    word: str
    flags: dict[str, str]
    text: str
    span: Span

    @property
    def command(self) -> tuple[str, ...] | None:
        """The words of the exec form; None for the shell form, which bad JSON is as well."""
        if not self.text.startswith("["):
            return None
        try:
            words = json.loads(self.text)
        except ValueError:
            return None
        return tuple(words) if all(isinstance(word, str) for word in words) else None


def parse(source: Source) -> tuple[Instruction, ...]:
    """Return a Dockerfile's instructions, in order."""
    lines = source.text.replace("\r\n", "\n").split("\n")
    return tuple(_instructions(source, lines, _escape(lines)))


def _escape(lines: Sequence[str]) -> str:
    """Return the escape character: directives stand first, before any other comment."""
    for line in lines:
        match = _DIRECTIVE.fullmatch(line.strip())
        if not match:
            break
        if match[1].lower() == "escape":
            return match[2]
    return "\\"


def _instructions(source: Source, lines: Sequence[str], escape: str) -> Iterator[Instruction]:
    continued = re.compile(rf"(?<!{re.escape(escape)}){re.escape(escape)}[ \t]*$")
    at = 0
    while at < len(lines):
        first = last = at
        text = lines[at].lstrip()
        at += 1
        if not text or text.startswith("#"):
            continue
        parts: list[str] = []
        while continued.search(text):
            parts.append(continued.sub("", text))
            # Comments and blank lines inside a continuation do not end it.
            while at < len(lines) and (not lines[at].strip() or lines[at].lstrip().startswith("#")):
                at += 1
            if at == len(lines):
                text = ""
                break
            text, last, at = lines[at], at, at + 1
        text = "".join((*parts, text)).strip()
        if not text:
            continue
        column = len(lines[first]) - len(lines[first].lstrip()) + 1
        span = Span(source, first + 1, column, last + 1, len(lines[last].rstrip()) + 1)
        found = instruction(text, span)
        at = _after_heredocs(found, lines, at)
        yield found


def instruction(text: str, span: Span) -> Instruction:
    """Take one logical line apart."""
    word, *more = text.split(None, 1)
    rest = more[0] if more else ""
    flags: dict[str, str] = {}
    while match := _FLAG.match(rest):
        flags[match[1]] = (match[2] or "").strip("\"'")
        rest = rest[match.end() :]
    return Instruction(word.upper(), flags, rest, span)


def _after_heredocs(found: Instruction, lines: Sequence[str], at: int) -> int:
    """Return the line after the bodies of an instruction's heredocs."""
    word = found.word
    if word == "ONBUILD":
        word = found.text.partition(" ")[0].upper()
    if word not in _TAKES_HEREDOC or "<<" not in found.text:
        return at
    for match in _HEREDOC.finditer(found.text):
        if match[3] is None:
            continue
        for number in range(at, len(lines)):
            line = lines[number].lstrip("\t") if match[1] else lines[number]
            if line == match[3]:
                at = number + 1
                break
        # Without its end it would be an error to BuildKit: it was no heredoc, but a shift.
    return at
