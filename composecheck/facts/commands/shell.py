"""Shell scripts as far as waiting goes: their commands, and the loops that repeat them.

Not a shell: it knows words, quotes, comments, here-documents and reserved words (POSIX.1-2024,
Shell Command Language, 2.3 and 2.4), and leaves all else as it stands. What it cannot tell apart
it does not call waiting.
"""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESERVED = frozenset(("then", "elif", "else", "time", "exec"))
# What opens a compound command, and what closes it.
_CLOSING = {"(": ")", "{": "}", "if": "fi", "case": "esac"} | dict.fromkeys(
    ("until", "while", "for", "select"), "done"
)
# A `$` that quotes keep from being expanded; no argument of a process can hold a NUL.
DOLLAR = "\0"
_SPACE = " \t\r"
# `re` compiles what a script needs when it is the first that does.
_HEREDOC = r"<<(-?)[ \t]*([\"'\\]?)([A-Za-z_]\w*)[\"']?"
_REDIRECTIONS = (">>", ">|", "<>", ">", "<")
_OPERATORS = frozenset(("&&", "||", ";;", ";", "&", "|", "(", ")", "\n"))
_ESCAPED = r"\\([$`\"\\\n])"


class Token(NamedTuple):
    """A word (with its quotes taken off), or an operator."""

    text: str
    kind: str  # "word", "quoted" (a word that can no longer be reserved) or "operator"


class Command(NamedTuple):
    """One simple command: its words before they are expanded, and how the script goes on.

    The head of a loop over words is one too: ("for", "name", "in", ...).
    """

    words: tuple[str, ...]
    after: str  # the operator behind it: "&&", "||", "|", ";", "&", a line's end
    background: int  # the index behind its list, where that is run in the background; else 0


class Loop(NamedTuple):
    """One loop, by the indices of its commands: `first` of all, of its `body`, and behind the last."""

    word: str  # until, while, for, select
    negated: bool
    first: int
    body: int
    last: int


class Script(NamedTuple):
    """A script's commands, those in loops too, and its loops, inner ones first."""

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
        elif char == "<" and (heredoc := re.compile(_HEREDOC).match(script, at)):
            pending.append(heredoc)
            at = heredoc.end()
        elif (end := _behind_redirection(script, at)) > at:
            at = end
        elif char in _OPERATORS:
            operator = script[at : at + 2] if script[at : at + 2] in _OPERATORS else char
            yield Token(operator, "operator")
            at += len(operator)
            if operator == "\n":
                at = _after_bodies(script, at, pending)
                pending = []
        else:
            text, end, quoted = _word(script, at)
            yield Token(text, "quoted" if quoted else "word")
            at = end


def _behind_redirection(script: str, at: int) -> int:
    """Return where a redirection at `at` ends, its digits and `&` included; `at` where there is none."""
    start = at
    if script[at] == "&":
        at += 1
    else:
        while script[at : at + 1].isdecimal():
            at += 1
    operator = next((operator for operator in _REDIRECTIONS if script.startswith(operator, at)), None)
    if operator is None:
        return start
    at += len(operator)
    return at + script.startswith("&", at)


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
            parts.append(_literal(script[at + 1 : at + 2]))
            at, quoted = at + 2, True
        elif char in "'\"`":
            end = _closing(script, at)
            inner = script[at + 1 : end]
            # What a substitution runs stays visible, with its marks.
            parts.append(
                _literal(inner)
                if char == "'"
                else re.sub(_ESCAPED, lambda match: _literal(match[1].strip("\n")), inner)
                if char == '"'
                else script[at : end + 1]
            )
            at, quoted = end + 1, True
        elif script.startswith(("$(", "${"), at):
            end = _balanced(script, at + 1)
            parts.append(script[at:end])
            at = end
        else:
            parts.append(char)
            at += 1
    return "".join(parts), at, quoted


def _literal(text: str) -> str:
    return text.replace("$", DOLLAR)


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
    """A compound command that is being read, from the command with the index `first` on."""

    __slots__ = ("body", "first", "negated", "start", "word")

    def __init__(self, word: str, first: int) -> None:
        self.word = word
        self.first = self.start = first  # `start`: where the list of commands began that is being read
        self.body: int | None = None
        self.negated = False


class _Reader:
    """Gathers commands and loops from tokens; they nest on a stack, not by recursion."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.after: list[str] = []
        self.background: dict[int, int] = {}
        self.loops: list[Loop] = []
        self.open = [_Frame("", 0)]
        self.words: list[str] = []
        self.closed = False  # a compound command was: what follows it are redirections

    def word(self, text: str) -> None:
        if not self.closed:
            self.words.append(text)

    def end_command(self) -> None:
        if self.words:
            self.commands.append(tuple(self.words))
            self.after.append("")
            self.words = []

    def operator(self, text: str) -> None:
        self.end_command()
        self.closed = False
        if text == "(":
            self.open.append(_Frame(text, len(self.commands)))
        elif text == ")":
            self.close(text)
        else:
            frame = self.open[-1]
            if self.after and (text != "\n" or not self.after[-1]):
                self.after[-1] = text
            if text == "&":
                for at in range(frame.start, len(self.commands)):
                    self.background.setdefault(at, len(self.commands))
            if text in ("&", ";", "\n"):
                frame.start = len(self.commands)

    def close(self, text: str) -> None:
        frame = self.open[-1]
        if _CLOSING.get(frame.word) != text:
            return  # such as the bracket behind a pattern of `case`
        self.open.pop()
        self.closed = self.open[-1].word != "case"  # there it was but a pattern: `(a|b) command`
        if text in (")", "}"):
            self.negate(negated=frame.negated)
        if frame.body is not None:
            self.loops.append(Loop(frame.word, frame.negated, frame.first, frame.body, len(self.commands)))

    def negate(self, *, negated: bool) -> None:
        """Note a `!`, which in a loop's body is none of its test's."""
        frame = self.open[-1]
        frame.negated = frame.negated or (negated and frame.body is None)

    def reserved(self, text: str) -> bool:
        """Take a reserved word at the beginning of a command; False if it is none."""
        frame = self.open[-1]
        if text in _CLOSING:
            self.open.append(_Frame(text, len(self.commands)))
            self.closed = False
            # The words that a loop goes over are kept with it.
            return text not in ("for", "select")
        if text in _CLOSING.values():
            self.close(text)
            return True
        if text == "do" and _CLOSING.get(frame.word) == "done":
            frame.body = frame.start = len(self.commands)
        elif text == "!":
            self.negate(negated=True)
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
            reader.word(token.text)
    reader.operator("\n")
    commands = (
        Command(words, reader.after[at], reader.background.get(at, 0))
        for at, words in enumerate(reader.commands)
    )
    return Script(tuple(commands), tuple(reader.loops))
