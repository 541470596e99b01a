"""Shell scripts as far as waiting goes: their commands, and the loops that repeat them.

Not a shell: it knows words, quotes, comments, here-documents and reserved words (POSIX.1-2024,
Shell Command Language, 2.3 and 2.4), and leaves all else as it stands. What it cannot tell apart
it does not call waiting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Command = tuple[str, ...]

_RESERVED = frozenset(("if", "then", "elif", "else", "fi", "{", "}", "time", "exec", "case", "esac"))
_OPENING = frozenset(("until", "while", "for", "select"))
_SPACE = " \t\r"
_HEREDOC = re.compile(r"<<(-?)[ \t]*([\"'\\]?)([A-Za-z_]\w*)[\"']?")
# Redirections: the digits or the `&` before, the operator, and the `&` or `|` after it.
_REDIRECTION = re.compile(r"(?:\d+|&)?(?:>>|>\||<>|>|<)&?")
_OPERATOR = re.compile(r"&&|\|\||;;|[;&|()\n]")


class Token(NamedTuple):
    """A word (with its quotes taken off), or an operator."""

    text: str
    kind: str  # "word", "quoted" (a word that can no longer be reserved) or "operator"


class Loop(NamedTuple):
    """One loop: what it tests, what it does each time, and whether the body can leave it."""

    word: str  # until, while, for, select
    negated: bool
    condition: tuple[Command, ...]
    body: tuple[Command, ...]

    @property
    def leaves(self) -> bool:
        """Whether the body ends the loop by itself."""
        return any(command[0] in ("break", "exit", "return") for command in self.body)


class Script(NamedTuple):
    """A script's commands, those in loops too, and its loops that it waits for to end."""

    commands: tuple[Command, ...]
    loops: tuple[Loop, ...]


def tokens(script: str) -> Iterator[Token]:
    """Yield a script's words and operators."""
    at = 0
    pending: list[re.Match[str]] = []
    while at < len(script):
        char = script[at]
        if char in _SPACE or script.startswith("\\\n", at):
            at += 2 if char == "\\" else 1
        elif char == "#":
            end = script.find("\n", at)
            at = len(script) if end < 0 else end
        elif heredoc := _HEREDOC.match(script, at):
            pending.append(heredoc)
            at = heredoc.end()
        elif redirection := _REDIRECTION.match(script, at):
            at = redirection.end()
        elif operator := _OPERATOR.match(script, at):
            yield Token(operator[0], "operator")
            at = operator.end()
            if operator[0] == "\n":
                at = _after_bodies(script, at, pending)
                pending = []
        else:
            text, end, quoted = _word(script, at)
            yield Token(text, "quoted" if quoted else "word")
            at = end


def _after_bodies(script: str, at: int, pending: list[re.Match[str]]) -> int:
    for head in pending:
        indent = r"\t*" if head[1] else ""
        end = re.compile(rf"^{indent}{re.escape(head[3])}$", re.MULTILINE).search(script, at)
        at = end.end() if end else len(script)
    return at


def _word(script: str, at: int) -> tuple[str, int, bool]:
    """Return the word that begins at `at`, where it ends, and whether any of it was quoted."""
    parts: list[str] = []
    quoted = False
    while at < len(script) and script[at] not in " \t\r\n;&|()<>":
        char = script[at]
        if char == "\\":
            parts.append(script[at + 1 : at + 2])
            at, quoted = at + 2, True
        elif char in "'\"`":
            end = _closing(script, at)
            # What a substitution runs stays visible, with its marks.
            parts.append(script[at : end + 1] if char == "`" else script[at + 1 : end])
            at, quoted = end + 1, True
        elif script.startswith(("$(", "${"), at):
            end = _balanced(script, at + 1)
            parts.append(script[at:end])
            at = end
        else:
            parts.append(char)
            at += 1
    return "".join(parts), at, quoted


def _closing(script: str, at: int) -> int:
    """Return where the quote that opens at `at` closes, the script's end if nowhere."""
    quote = script[at]
    end = at + 1
    while end < len(script) and script[end] != quote:
        end += 2 if script[end] == "\\" and quote != "'" else 1
    return min(end, len(script))


def _balanced(script: str, at: int) -> int:
    """Return the place after the bracket that closes the one at `at`."""
    opening, closing = ("(", ")") if script[at] == "(" else ("{", "}")
    depth = 0
    while at < len(script):
        depth += (script[at] == opening) - (script[at] == closing)
        at += 1
        if not depth:
            break
    return at


class _Frame:
    """A loop that is being read."""

    __slots__ = ("body", "condition", "in_body", "negated", "word")

    def __init__(self, word: str) -> None:
        self.word = word
        self.in_body = self.negated = False
        self.condition: list[Command] = []
        self.body: list[Command] = []

    def loop(self) -> Loop:
        return Loop(self.word, self.negated, tuple(self.condition), tuple(self.body))


class _Reader:
    """Gathers commands and loops from tokens; loops nest on a stack, not by recursion."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.loops: list[Loop] = []
        self.open: list[_Frame] = []
        self.words: list[str] = []
        self.closed: Loop | None = None  # whose `done` was the word before

    def end_command(self) -> None:
        if self.words:
            command = tuple(self.words)
            self.commands.append(command)
            for frame in self.open:
                (frame.body if frame.in_body else frame.condition).append(command)
            self.words = []

    def operator(self, text: str) -> None:
        self.end_command()
        # In the background (`done &`) nobody waits for it; a pipe or a bracket leaves that open.
        if self.closed and text == "&":
            self.closed = None
        elif text not in ("|", ")"):
            self.end_loop()

    def end_loop(self) -> None:
        if self.closed:
            self.loops.append(self.closed)
            self.closed = None

    def reserved(self, text: str) -> bool:
        """Take a reserved word at the beginning of a command; False if it is none."""
        if text in _OPENING:
            self.open.append(_Frame(text))
        elif text == "do" and self.open:
            self.open[-1].in_body = True
        elif text == "done" and self.open:
            self.end_loop()
            self.closed = self.open.pop().loop()
        elif text == "!":
            if self.open and not self.open[-1].in_body:
                self.open[-1].negated = True
        else:
            return text in _RESERVED
        return True


def read(script: str) -> Script:
    """Return a script's commands and loops."""
    reader = _Reader()
    for token in tokens(script):
        if token.kind == "operator":
            reader.operator(token.text)
        elif reader.words or token.kind == "quoted" or not reader.reserved(token.text):
            reader.words.append(token.text)
    reader.operator("\n")
    return Script(tuple(reader.commands), tuple(reader.loops))
