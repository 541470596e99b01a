"""A file's text as pieces, each with the place where it is written, and edits of it that keep the layout."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import lru_cache

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from composecheck.findings.diagnostic import Edit
from composecheck.named import TYPE_CHECKING
from composecheck.text.scalars import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal

    from composecheck.text.source import Source, Span

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What may follow a value in its line.
_TAIL = re.compile(r"[ \t]*(?:[ \t]#[^\r\n]*)?(?=[\r\n]|\Z)")
_PLAIN = re.compile(r"[A-Za-z0-9][\w./-]*", re.ASCII)
_NEWLINE = r"(?:\r\n|\n|\r)"
_BREAK = re.compile(_NEWLINE)
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
_DASH = re.compile(r" *- +")


class Piece:
    """A value, a key or an alias as it stands in the text, between two offsets.

    A collection in block style ends where its last value does. `style` is how a scalar is written:
    "" for plain, else its quote or `|` or `>`; "flow" for a collection between brackets.
    """

    __slots__ = ("below", "children", "end", "key", "kind", "parent", "start", "style", "value")

    def __init__(
        self, kind: Literal["scalar", "mapping", "sequence", "alias"], start: int, end: int, style: str
    ) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.style = style
        self.value = ""
        self.parent: Piece | None = None
        self.children: list[Piece] = []  # of a mapping its keys and values in turn
        self.key: Piece | None = None  # of a value in a mapping
        self.below: Piece | None = None  # of a key the value

    def get(self, key: str) -> Piece | None:
        """Return the value under a key of a mapping that is written there itself."""
        return next((name.below for name in self.children[::2] if name.value == key), None)

    def add(self, piece: Piece) -> None:
        """Put a piece into a collection."""
        piece.parent = self
        if self.kind == "mapping" and len(self.children) % 2:
            piece.key = self.children[-1]
            piece.key.below = piece
        self.children.append(piece)


class Layout:
    """A file's text as pieces, by the offset at which each begins, and edits of it.

    Nothing is found in a text that is no YAML.
    """

    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.scalars: dict[int, Piece] = {}
        self.collections: dict[int, Piece] = {}
        self._source = source
        self._starts: list[int] | None = None
        try:
            self._read()
        except yaml.YAMLError:
            self.scalars, self.collections = {}, {}

    def _read(self) -> None:
        get_event = _Loader(self.text).get_event
        stack: list[Piece] = []
        while (event := get_event()) is not None:
            kind, start, end = type(event), event.start_mark, event.end_mark
            if kind is MappingEndEvent or kind is SequenceEndEvent:
                done = stack.pop()
                done.end = (
                    self._offset(end)
                    if done.style or not done.children
                    else max(done.start, done.children[-1].end)
                )
                continue
            if kind is ScalarEvent:
                piece = Piece("scalar", self._offset(start), self._offset(end), event.style or "")
                piece.value = event.value
                if piece.end > piece.start:  # what is not written has no place of its own
                    self.scalars[piece.start] = piece
            elif kind is AliasEvent:
                piece = Piece("alias", self._offset(start), self._offset(end), "")
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                word: Literal["mapping", "sequence"] = "mapping" if kind is MappingStartEvent else "sequence"
                style = "flow" if event.flow_style else ""
                piece = Piece(word, self._offset(start), self._offset(end), style)
                self.collections[piece.start] = piece
            else:
                continue
            if stack:
                stack[-1].add(piece)
            if kind is MappingStartEvent or kind is SequenceStartEvent:
                stack.append(piece)

    def _offset(self, mark: Any) -> int:
        starts = self._source.starts()
        return (
            min(starts[mark.line] + mark.column, len(self.text))
            if mark.line < len(starts)
            else len(self.text)
        )

    def offset(self, span: Span) -> int:
        """Return the offset at which a place begins."""
        return self._source.starts()[span.line - 1] + span.column - 1

    def scalar_around(self, offset: int) -> Piece | None:
        """Return the scalar that an offset lies in."""
        if self._starts is None:
            self._starts = sorted(self.scalars)
        at = bisect_right(self._starts, offset) - 1
        piece = self.scalars[self._starts[at]] if at >= 0 else None
        return piece if piece is not None and offset < piece.end else None

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Return an edit between two offsets."""
        return Edit(self._source.span(start, end), text)

    def replaced(self, piece: Piece, value: str | int) -> Edit | None:
        """Return the edit that puts another value in a scalar's place, between quotes as it was."""
        if piece.kind != "scalar" or piece.style not in ("", "'", '"') or piece.end == piece.start:
            return None
        raw = self.text[piece.start : piece.end]
        if raw[0] in "&!" or "\n" in raw or "\r" in raw:
            return None
        quote = piece.style if isinstance(value, str) and _is_plain(value) else ""
        written = f"{quote}{value}{quote}" if quote else _flow(value, as_json=False)
        return self.edit(piece.start, piece.end, written)

    def removed(self, key: Piece) -> Edit | None:
        """Return the edit that takes a key and its value out of a mapping; None where they are all there is.

        A comment in their line is about them. Of two empty lines that come together one goes as well.
        """
        mapping, value = key.parent, key.below
        if mapping is None or value is None or mapping.kind != "mapping" or len(mapping.children) < 4:
            return None
        if mapping.style:
            return self._cut(mapping, mapping.children.index(key))
        start = self._line_start(key.start)
        tail = _TAIL.match(self.text, max(value.end, key.end))
        if self.text[start : key.start].strip(" ") or tail is None:
            return None
        end = self._next_line(tail.end())
        if not self.text[:start].strip() or self.text[:start].endswith(("\n\n", "\r\n\r\n")):
            while end < len(self.text) and self.text[end] in "\r\n":
                end = self._next_line(end)
        return self.edit(start, end, "")

    def _cut(self, mapping: Piece, at: int) -> Edit | None:
        """Return the edit that takes the key with a number, its value and a comma out of a flow mapping."""
        rest = mapping.children
        if at + 2 < len(rest):
            start, end = rest[at].start, rest[at + 2].start
        else:
            start, end = rest[at - 1].end, rest[at + 1].end
        return self.edit(start, end, "") if "#" not in self.text[start:end] else None

    def _next_line(self, offset: int) -> int:
        found = _BREAK.search(self.text, offset)
        return found.end() if found is not None else len(self.text)

    def appended(self, mapping: Piece, values: Mapping[str, Any]) -> Sequence[Edit] | None:
        """Return the edit that adds keys at the end of a mapping, as its others are written."""
        first = mapping.children[0] if mapping.children else None
        as_json = first is not None and first.style == '"'
        if mapping.style:
            inner = ", ".join(_pair(key, value, as_json=as_json) for key, value in values.items())
            if first is None:
                start = self.text.find("{", mapping.start) + 1
                return [self.edit(start, start, inner)] if 0 < start < mapping.end else None
            last = mapping.children[-1]
            return [self.edit(last.end, last.end, f", {inner}")]
        if first is None:
            return None
        column = self._column(first)
        if column is None:
            return None
        end = self._past_comments(mapping.end, column)
        return self._below(end, _block(values, column, self._step(mapping)))

    def long_form(self, listed: Piece, entry: Piece, condition: str) -> Sequence[Edit] | None:
        """Return the edits that make a short `depends_on` a long one; `entry` gets the condition."""
        if any(item.kind != "scalar" or item.style in ("|", ">") for item in listed.children):
            return None
        words = [condition if item is entry else "service_started" for item in listed.children]
        return (self._in_braces if listed.style else self._in_lines)(listed, words)

    def _in_braces(self, listed: Piece, words: Sequence[str]) -> Sequence[Edit] | None:
        found = _PROPERTIES.match(self.text, listed.start)
        start = found.end() if found is not None else listed.start
        as_json = listed.key is not None and listed.key.style == '"'
        edits = [self.edit(start, start + 1, "{")]
        for item, word in zip(listed.children, words, strict=True):
            inner = _pair("condition", word, as_json=as_json)
            edits.append(self.edit(item.end, item.end, f": {{{inner}}}"))
        return [*edits, self.edit(listed.end - 1, listed.end, "}")]

    def _in_lines(self, listed: Piece, words: Sequence[str]) -> Sequence[Edit] | None:
        outer = self._column(listed.key) if listed.key is not None else None
        if outer is None:
            return None
        step = self._step(listed)
        edits: list[Edit] = []
        for item, word in zip(listed.children, words, strict=True):
            start = self._line_start(item.start)
            before = self.text[start : item.start]
            if not _DASH.fullmatch(before):
                return None
            dash = before.index("-")
            pad = " " * (dash if dash > outer else outer + step)
            below = self._below(item.end, [f"{pad}{' ' * step}condition: {word}"])
            if below is None:
                return None
            edits += [self.edit(start, item.start, pad), self.edit(item.end, item.end, ":"), *below]
        return edits

    def _below(self, end: int, lines: Sequence[str]) -> Sequence[Edit] | None:
        """Return the edit that puts lines under the one in which a value ends."""
        breaks = _BREAK.search(self.text, end) or _BREAK.search(self.text)
        newline = breaks[0] if breaks is not None else "\n"
        if end and self.text[end - 1] in "\r\n":  # a scalar that takes whole lines
            return [self.edit(end, end, "".join(f"{line}{newline}" for line in lines))]
        tail = _TAIL.match(self.text, end)
        if tail is None:
            return None
        return [self.edit(tail.end(), tail.end(), "".join(f"{newline}{line}" for line in lines))]

    def _past_comments(self, end: int, column: int) -> int:
        """Return where the comments under a value end that stand deeper than its mapping: its own."""
        comment = re.compile(rf"(?:{_NEWLINE}[ \t]*)*{_NEWLINE} {{{column + 1},}}#[^\r\n]*")
        tail = _TAIL.match(self.text, end)
        at = tail.end() if tail is not None else end
        if end and self.text[end - 1] in "\r\n":  # a scalar that takes whole lines
            at = len(self.text[:end].rstrip("\r\n"))
        while (found := comment.match(self.text, at)) is not None:
            at = end = found.end()
        return end

    def _line_start(self, offset: int) -> int:
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def _column(self, piece: Piece) -> int | None:
        """Return how far a key is indented; None where it is not by blanks, or by a dash."""
        before = self.text[self._line_start(piece.start) : piece.start]
        return len(before) if not before.strip(" -") else None

    def _step(self, collection: Piece) -> int:
        """Return how much deeper a collection's parts are than the mapping that it is in."""
        inner, outer = collection.children[0], collection.key
        if collection.kind == "sequence" and collection.key is not None:
            inner, outer = collection.key, collection.key.parent.key if collection.key.parent else None
        column = self._column(inner)
        above = self._column(outer) if outer is not None else None
        return column - above if column is not None and above is not None and column > above else 2


@lru_cache(maxsize=8)
def layout_of(source: Source) -> Layout:
    """Return a file's text as pieces."""
    return Layout(source)


def _block(values: Mapping[str, Any], column: int, step: int) -> list[str]:
    """Return keys and values as lines."""
    lines: list[str] = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"{' ' * column}{key}:", *_block(value, column + step, step)]
        else:
            lines.append(f"{' ' * column}{_pair(key, value, as_json=False)}")
    return lines


def _pair(key: str, value: Any, *, as_json: bool) -> str:
    return f"{json.dumps(key) if as_json else key}: {_flow(value, as_json=as_json)}"


def _flow(value: Any, *, as_json: bool) -> str:
    """Return a value in one line; the texts of a list are between quotes."""
    if isinstance(value, dict):
        return f"{{{', '.join(_pair(key, inner, as_json=as_json) for key, inner in value.items())}}}"
    if isinstance(value, str) and not as_json and _is_plain(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and resolve(text) == text
