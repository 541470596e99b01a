"""A Dockerfile's instructions, each word of them at its place."""

from __future__ import annotations

import re

from composecheck.dockerfile.words import Word, exec_form, leading_flags, quoted_words, words
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.dockerfile.lines import Line, Lines, Range, Written
    from composecheck.text.source import Span

_TAKES_HEREDOC = ("RUN", "COPY", "ADD")
# Whose text may be a JSON array, and else is one text for a shell, or words.
_COMMANDS = ("RUN", "CMD", "ENTRYPOINT", "SHELL")
_LISTS = ("COPY", "ADD", "VOLUME")
_PAIRS = ("ENV", "LABEL", "ARG")
_BLANK = re.compile(r"[ \t\v\f\r]+")
# The head of a heredoc, which is a word of its own; a word that is none is passed over as a whole.
_HEREDOC = re.compile(
    r"""(?<!\S)\d*<<(?P<chomp>-?)[ \t]*(?P<name>(?:[^\s<"']|"[^"]*"|'[^']*')+)(?=\s|$)"""
    r"""|(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s\\"'])+"""
)


class Remark(NamedTuple):
    """A comment: its offsets, and those of the line below it in an instruction, or the instruction below.

    `head` says that it stands before the first instruction.
    """

    range: Range
    inside: Range | None
    below: Instruction | None
    head: bool


class Flag(NamedTuple):
    """A flag such as `--mount=type=cache`; one without "=" has no value."""

    name: Node
    value: Node | None


class Heredoc:
    """A heredoc's name, and the lines of its body."""

    __slots__ = ("_lines", "_written", "chomps", "name")

    def __init__(self, name: Node, lines: Sequence[Range], written: Written, *, chomps: bool) -> None:
        self.name = name
        self.chomps = chomps  # leading tabs are no part of a line
        self._lines = lines
        self._written = written

    @property
    def lines(self) -> tuple[Node, ...]:
        """The lines of the body."""
        text = self._written.text
        return tuple(
            Node(text[at:end], self._written.span(at, end))
            for start, end in self._lines
            for at in (end - len(text[start:end].lstrip("\t")) if self.chomps else start,)
        )

    @property
    def text(self) -> str:
        """The body as a whole."""
        return "".join(f"{line.value}\n" for line in self.lines)


class Instruction:
    """One instruction: its keyword in capitals, its flags, and the text after them.

    In `text` continuations are joined, comments dropped, and the bodies of heredocs left out. `span`
    reaches from the keyword to the end of the logical line.
    """

    __slots__ = (
        "_escape",
        "_first",
        "_line",
        "_start",
        "_words",
        "flags",
        "heredocs",
        "keyword",
        "last",
        "text",
    )

    def __init__(self, line: Line, start: int, escape: str) -> None:
        text = line.text
        keyword = _BLANK.search(text, start)
        end = keyword.start() if keyword is not None else len(text)
        self.keyword = text[start:end].upper()
        flags, rest = leading_flags(text, end)
        self.flags = tuple([_flag(line, flag) for flag in flags])
        self.text = text[rest:].strip()
        self.heredocs: tuple[Heredoc, ...] = ()
        self.last = line.end  # the offset of its end in the file, heredocs included
        self._first = start
        self._line = line
        self._start = rest + len(text[rest:]) - len(text[rest:].lstrip())
        self._escape = escape
        self._words: tuple[Node, ...] | None = None

    @property
    def node(self) -> Node:
        """The keyword, as it is written."""
        text = self._line.text
        blank = _BLANK.search(text, self._first)
        return self._line.node(self._first, blank.start() if blank is not None else len(text))

    @property
    def span(self) -> Span:
        """The place from the keyword to the end of the logical line."""
        return self._line.span(self._first, len(self._line.text.rstrip()))

    @property
    def lines(self) -> range:
        """The numbers of the lines that it takes, with those of its heredocs."""
        written = self._line.written
        return range(self.node.span.line, written.span(self.last, self.last).line + 1)

    @property
    def exec_form(self) -> tuple[Node, ...] | None:
        """The words of the exec form, of HEALTHCHECK after its CMD; None for the shell form, and bad JSON."""
        start = self._start
        if self.keyword == "HEALTHCHECK":
            for word in words(self._line.text, start):
                start = self._skip_blanks(word.end)
                break
        array = exec_form(self._line.text.rstrip(), start)
        return None if array is None else tuple([self._node(word) for word in array])

    @property
    def command(self) -> tuple[str, ...] | None:
        """The words of the exec form as texts, None for the shell form."""
        nodes = self.exec_form
        return None if nodes is None else tuple(str(node.value) for node in nodes)

    @property
    def words(self) -> tuple[Node, ...]:
        """The words after the flags.

        Those of the exec form; of a command in shell form the whole text as one, and of HEALTHCHECK its
        NONE or CMD and then those; of ENV, LABEL and ARG `name=value` with its quotes; of USER, WORKDIR
        and the like the text; of all others what stands between blanks.
        """
        if self._words is None:
            self._words = tuple(self._split())
        return self._words

    @property
    def pairs(self) -> tuple[tuple[Node, Node | None], ...]:
        """The names and values of ENV, LABEL and ARG, values with their quotes; ARG may give none."""
        first = self.words[0] if self.words else None
        if first is None or self.keyword not in _PAIRS:
            return ()
        if self.keyword != "ARG" and "=" not in str(first.value):
            # The old form: one name, and the rest of the line.
            name, *_ = words(self._line.text, self._start)
            rest = self._text_from(name.end)
            return ((self._node(name), rest),)
        return tuple([self._pair(word) for word in self._quoted()])

    @property
    def inner(self) -> Instruction | None:
        """The instruction that ONBUILD leaves to the stages built on this one."""
        if self.keyword != "ONBUILD" or not self.text:
            return None
        inner = Instruction(self._line, self._start, self._escape)
        inner.heredocs, inner.last = self.heredocs, self.last
        return inner

    def flag(self, name: str) -> str | None:
        """Return the value of a flag, the last one where it is given several times."""
        for flag in reversed(self.flags):
            if flag.name.value == name:
                return "" if flag.value is None else str(flag.value.value)
        return None

    def _split(self) -> Iterator[Node]:
        keyword, array = self.keyword, self.exec_form
        if array is not None and (keyword in _COMMANDS or keyword in _LISTS):
            yield from array
        elif keyword in _PAIRS:
            yield from (self._node(word) for word in self._quoted())
        elif keyword == "HEALTHCHECK":
            for word in words(self._line.text, self._start):
                yield self._node(word)
                rest = self._text_from(word.end)
                yield from array if array is not None else () if rest is None else (rest,)
                break
        elif keyword in _LISTS or keyword in ("FROM", "EXPOSE"):
            yield from (self._node(word) for word in words(self._line.text, self._start))
        elif (text := self._text_from(self._start)) is not None:
            yield text

    def _quoted(self) -> Iterator[Word]:
        return quoted_words(self._line.text, self._start, self._escape)

    def _pair(self, word: Word) -> tuple[Node, Node | None]:
        name, equals, value = word.value.partition("=")
        at = word.start + len(name)
        node = self._line.node(word.start, at, name)
        return node, self._line.node(at + 1, word.end, value) if equals else None

    def _text_from(self, start: int) -> Node | None:
        """Return what stands from a position on, None where that is nothing."""
        start, end = self._skip_blanks(start), len(self._line.text.rstrip())
        return self._line.node(start, end) if start < end else None

    def _skip_blanks(self, start: int) -> int:
        rest = self._line.text[start:]
        return start + len(rest) - len(rest.lstrip())

    def _node(self, word: Word) -> Node:
        return self._line.node(word.start, word.end, word.value)

    def take_heredocs(self, lines: Lines) -> None:
        """Take the bodies of the heredocs that the instruction announces out of the lines after it."""
        target = self.inner if self.keyword == "ONBUILD" else self
        takes = target is not None and target.keyword in _TAKES_HEREDOC and "<<" in target.text
        if takes and target is not None and target.exec_form is None:
            self.heredocs = tuple(_heredocs(target, lines))
        self.last = lines.last


def read(lines: Lines) -> tuple[tuple[Instruction, ...], tuple[Remark, ...]]:
    """Return a Dockerfile's instructions and its comments, each in order."""
    instructions: list[Instruction] = []
    remarks: list[Remark] = []
    while (line := lines.next()) is not None:
        instruction = Instruction(line, 0, lines.escape)
        remarks += [
            Remark(*comment, None if comment[1] is not None else instruction, head=not instructions)
            for comment in lines.comments
        ]
        lines.comments.clear()
        instruction.take_heredocs(lines)
        instructions.append(instruction)
    remarks += [Remark(*comment, None, head=not instructions) for comment in lines.comments]
    return tuple(instructions), tuple(remarks)


def _flag(line: Line, flag: Word) -> Flag:
    text, equals, value = flag.value[2:].partition("=")
    start = flag.start + 2
    name = line.node(start, start + len(text), text)
    return Flag(name, line.node(start + len(text) + 1, flag.end, value) if equals else None)


def _heredocs(instruction: Instruction, lines: Lines) -> Iterator[Heredoc]:
    line, start = instruction._line, instruction._start
    for match in _HEREDOC.finditer(line.text, start):
        name = re.sub("[\"']", "", match["name"] or "")
        if not name:
            continue
        chomps = bool(match["chomp"])
        body = lines.body(name, chomps=chomps)
        if body is not None:
            node = line.node(match.start("name"), match.end("name"), name)
            yield Heredoc(node, body, lines.written, chomps=chomps)
