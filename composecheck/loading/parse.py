"""A file's text as Nodes, over libyaml's event stream: every value keeps the place it was written.

The composer of PyYAML gives an alias the place of its anchor, which is not enough here, and stops
at the first fault; the events let what was read before a fault stand.
"""

from __future__ import annotations

import re
import sys

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from composecheck.findings.diagnostic import Related
from composecheck.model.dialect import COMPOSE_2
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text import scalars
from composecheck.text.node import Node, Origin
from composecheck.text.source import Span, whole, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from composecheck.loading.findings import Findings
    from composecheck.model.dialect import Dialect
    from composecheck.text.source import Source

# Deeper than any real file, and far from what Python's own stack holds.
MAX_DEPTH = 100
# What stands in a path for an entry of a list: none of these is taken out of another file's list.
_ITEM = "[]"
# How deep the sections (`services`) lie: what is below them is an entry.
_ENTRY = 2
_OPTION = 4  # how many keys lead to a value of a mapping such as `labels`
# libyaml has a limit of its own, and may see a bracket long before it tells of those around it.
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
# Nodes that aliases and merge keys add to those that are written: Compose's own figure.
MAX_EXPANDED = 100_000

# libyaml where PyYAML was built with it, as its wheels are; else the same in Python, slowly.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_DROPPING = ("!reset", "!override")
_ESCAPE = r"(?s)\\."
_PROPERTIES = r"(?:[&!]\S*[ \t]+)+"


class Document(NamedTuple):
    """One document, and the paths that its `!reset` and `!override` take out of those before it."""

    node: Node
    dropped: tuple[tuple[str, ...], ...] = ()


def parse(source: Source, findings: Findings, dialect: Dialect = COMPOSE_2) -> list[Document]:
    """Return a file's documents as far as they can be read by a generation of Compose.

    What is no value (an alias of nothing) is left out, and so is, where the text stops being YAML,
    the service or other entry in which it does: half of it would say something else than all.
    """
    return list(_Reader(source, findings, dialect).documents())


class _Reader:
    """One pass over the events of a file."""

    def __init__(self, source: Source, findings: Findings, dialect: Dialect) -> None:
        self._source = source
        self._findings = findings
        self._dialect = dialect
        self._anchors: dict[str, Node | None] = {}  # None while it is being read, and for a `!reset`
        self._sizes: dict[str, int] = {}
        self._heights: dict[str, int] = {}
        self._drops: dict[str, list[tuple[str, ...]]] = {}  # `!reset` and `!override` in an anchored value
        self._deepest = 0  # level of the anchored value that is being read
        self._nodes = 0  # as if every alias were written out
        self._expanded = 0
        self._limited = False
        self._path: list[str] = []
        self._dropped: list[tuple[str, ...]] = []
        self._extensions = 0  # how many `x-` keys the reading is inside of
        self._flow = 0  # how many `[` and `{`
        # libyaml ends what has no end of line at its end one line later, where there is none.
        ended = not source.text or source.text[-1] in "\n\r\x85\u2028\u2029"
        self._lines = sys.maxsize if ended else len(source.starts())
        self._slashes = "\\/" in source.text
        try:
            self._get_event = _Loader(source.text).get_event
        except yaml.YAMLError as error:  # only the reader in Python looks at the text beforehand
            self._syntax_error(error)
            self._get_event = _nothing

    def documents(self) -> Iterable[Document]:
        while (event := self._next()) is not None:
            if type(event) is DocumentStartEvent:
                self._dropped = []  # but the anchors stay: go-yaml knows those of earlier documents
                self._check_version(event)
                first = self._next()
                node = self._node(first, 0) if first is not None else None
                if node is not None:
                    yield Document(node, tuple(self._dropped))

    def _check_version(self, event: Any) -> None:
        if event.version not in (None, (1, 1)):
            mark = event.start_mark
            span = Span(self._source, mark.line + 1, 1, mark.line + 1, 6)
            version = ".".join(map(str, event.version))
            self._fault(f"Compose reads YAML 1.1, not {version}", span, "remove the '%YAML' line")

    def _next(self) -> Any:
        """Return the next event; None at the end, be it of the text or of what is YAML in it."""
        try:
            return self._get_event()
        except yaml.YAMLError as error:
            self._syntax_error(error)
            self._get_event = _nothing
            return None

    def _node(self, event: Any, depth: int) -> Node | None:
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event, depth)
        anchor, before, outer = event.anchor, self._nodes, self._deepest
        dropped = len(self._dropped)
        self._nodes += 1
        if anchor is not None:
            self._anchors[anchor] = None
            self._drops.pop(anchor, None)
            self._deepest = depth
        node: Node | None = None
        self._deepest = max(self._deepest, depth)
        if kind is ScalarEvent:
            node = self._scalar(event)
        elif depth >= MAX_DEPTH:
            self._too_deep(self._span(event.start_mark, event.end_mark))
            self._skip()
        elif kind is MappingStartEvent:
            node = self._mapping(event, depth + 1)
        else:
            node = self._sequence(event, depth + 1)
        if event.tag in _DROPPING:
            self._dropped.append(tuple(self._path))
        if event.tag == "!reset":
            node = None
        if anchor is not None:
            self._anchors[anchor] = node
            self._sizes[anchor] = self._nodes - before
            self._heights[anchor] = self._deepest - depth
            self._drops[anchor] = [path[len(self._path) :] for path in self._dropped[dropped:]]
            self._deepest = max(outer, self._deepest)
        return node

    def _span(self, start: Any, end: Any) -> Span:
        if end.line >= self._lines:
            return self._clipped(start)
        fields = (self._source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        return tuple.__new__(Span, fields)

    def _clipped(self, start: Any) -> Span:
        """Return a place that libyaml lets end in a line behind the last one."""
        line, source = self._lines, self._source
        last = len(source.line(line)) + 1
        if start.line >= line:
            return Span(source, line, last, line, last)
        return Span(source, start.line + 1, start.column + 1, line, last)

    def _scalar(self, event: Any) -> Node:
        span = self._span(event.start_mark, event.end_mark)
        tag, text = event.tag, event.value
        if tag is not None or event.anchor is not None:
            span = _without_properties(span)
        if tag is None:
            if event.style is not None and event.style != "":  # libyaml says None, the other ""
                if self._slashes and event.style == '"':
                    self._refuse_slash(span)
                return Node(text, span)
            if self._flow and "?" in text:
                self._question_mark(text, span)
            if text[4:5] == "-":
                text = self._date(text, span)
            return Node(scalars.resolve(text), span)
        if tag == _TIMESTAMP:
            text = self._date(text, span)
        try:
            return Node(scalars.tagged(text, tag), span)
        except ValueError as error:
            self._fault(str(error), span)
            return Node(text, span)

    def _date(self, text: str, span: Span) -> str:
        """Return what a text becomes that may be a date."""
        # An `x-` key takes anything, as the schema does.
        if self._extensions or not scalars.is_timestamp(text):
            return text
        if self._dialect.dates_are_texts and len(self._path) >= _OPTION and self._path[-1] is not _ITEM:
            self._findings.differs("dates_are_texts", span)
            return scalars.time_text(text)
        self._fault(f"'{text}' is a date, which Compose does not take", span, "put it in quotes")
        self._findings.refuse(span)
        return text

    def _question_mark(self, text: str, span: Span) -> None:
        after = span.source.line(span.end_line)[span.end_column - 1 : span.end_column]
        if self._dialect.question_marks and not re.search(r"\?\s", text + after):
            self._findings.differs("question_marks", span)
            return
        message = f"'{text}' has a '?', which is not text between brackets to Compose"
        self._fault(message, span, "put it in quotes")
        self._findings.refuse(span)

    def _refuse_slash(self, span: Span) -> None:
        if any(found[0] == "\\/" for found in re.finditer(_ESCAPE, span.text)):
            self._fault("'\\/' is not an escape that Compose knows", span, "write '/'")
            self._findings.refuse(span)

    def _sequence(self, event: Any, depth: int) -> Node | None:
        self._flow += event.flow_style
        items: list[Node] = []
        self._path.append(_ITEM)
        while (inner := self._next()) is not None and type(inner) is not SequenceEndEvent:
            item = self._node(inner, depth)
            if item is not None:
                items.append(item)
        self._path.pop()
        self._flow -= event.flow_style
        if inner is None:  # no section or entry is a list
            return None
        return Node(items, self._extent(event, inner, items[-1] if items else None))

    def _mapping(self, event: Any, depth: int) -> Node | None:
        self._flow += event.flow_style
        values: dict[str, Node] = {}
        merged: list[Node] = []
        gone: dict[str, Span] = {}  # the keys of what `!reset` takes away: they are there all the same
        last = None
        while (inner := self._next()) is not None and type(inner) is not MappingEndEvent:
            key = self._node(inner, depth)
            after = self._next()
            if after is None:
                break
            if key is None:
                self._node(after, depth)
                continue
            if type(inner) is ScalarEvent and inner.value == "<<" and not inner.style and inner.tag is None:
                value = self._node(after, depth)
                if value is not None:
                    last = value
                    merged.append(self._keyed(value, key.span))
                continue
            extension = isinstance(key.value, str) and key.value.startswith("x-")
            self._extensions += extension
            self._path.append(str(key.value))
            value = self._node(after, depth)
            self._path.pop()
            self._extensions -= extension
            if value is None:
                if getattr(after, "tag", None) == "!reset" and isinstance(key.value, str):
                    self._reset(key.value, key.span, values, gone)
                continue
            last = value
            name = self._key(key)
            if name is None:
                continue
            if name in values or name in gone:
                self._duplicate(name, key.span, values[name].place if name in values else gone[name])
            values[name] = self._keyed(value, key.span)
        self._flow -= event.flow_style
        if merged:
            self._merge(values, merged)
        if inner is None and (depth > _ENTRY or not values):
            return None
        return Node(values, self._extent(event, inner, last))

    def _reset(self, name: str, span: Span, values: dict[str, Node], gone: dict[str, Span]) -> None:
        """Take in a key whose value a `!reset` takes away."""
        if name in values or name in gone:
            self._duplicate(name, span, values[name].place if name in values else gone[name])
        gone.setdefault(name, span)

    def _keyed(self, value: Node, span: Span) -> Node:
        value.key_span = span  # made a moment ago for this very place: an alias has its own Node
        return value

    def _key(self, key: Node) -> str | None:
        if isinstance(key.value, str):
            if self._dialect.dates_are_texts and scalars.is_timestamp(key.span.text):
                self._fault("a date is no key", key.span, "put it in quotes")
                self._findings.refuse(key.span)
            return key.value
        if isinstance(key.value, dict | list):
            self._findings.error(
                "non-string-key", "a key is a list or a mapping", key.span, "give the key as text"
            )
            return None
        text = scalars.as_text(key.value) if key.value is not None else key.span.text
        message = f"the key '{text}' is {_kind(key.value)}, not text"
        self._findings.error("non-string-key", message, key.span, f"write it as '\"{text}\"'")
        self._findings.refuse(key.span)
        return text

    def _duplicate(self, name: str, span: Span, first: Span) -> None:
        self._findings.error(
            "duplicate-key",
            f"the key '{name}' is already defined in this mapping",
            span,
            "remove one of the two, or give it another name",
            related=[Related(first, "first defined here")],
        )

    def _merged_twice(self, merged: Sequence[Node]) -> None:
        """Say that what several merge keys name goes into one: what the first has wins, as it does here."""
        aliases = [each.span.text for each in merged]
        short = all(alias.startswith("*") and "\n" not in alias for alias in aliases)
        first, second, *others = (each.place for each in merged)
        self._findings.error(
            "duplicate-key",
            "the key '<<' is already defined in this mapping",
            second,
            f"name all of them in one list: '<<: [{', '.join(aliases) if short else '*a, *b'}]'",
            related=[
                Related(first, "first defined here"),
                *(Related(one, "and again here") for one in others),
            ],
        )

    def _alias(self, event: Any, depth: int) -> Node | None:
        span, name = self._span(event.start_mark, event.end_mark), event.anchor
        anchored = self._anchors.get(name)
        drops = self._drops.get(name, ())
        self._dropped += [(*self._path, *path) for path in drops]
        if anchored is None and () in drops:
            return None  # what it stands for is a `!reset`
        if anchored is None:
            # libyaml leaves it to the composer to know the anchors.
            self._fault(
                f"the anchor '{name}' contains itself"
                if name in self._anchors
                else f"the anchor '{name}' is not defined",
                span,
                "" if name in self._anchors else f"define it before this line with '&{name}'",
            )
            return None
        deepest = depth + self._heights[name]
        if deepest > MAX_DEPTH:
            self._too_deep(span)
            return None
        self._deepest = max(self._deepest, deepest)
        return self._expand(anchored, span, self._sizes[name])

    def _expand(self, anchored: Node, span: Span, size: int) -> Node | None:
        self._nodes += size
        self._expanded += size
        if self._expanded > MAX_EXPANDED:
            message = f"aliases add more than {MAX_EXPANDED} values to this file"
            self._limit(message, span, "write out fewer copies")
            return None
        return Node(anchored.value, span, None, Origin("anchor", anchored.span))

    def _merge(self, values: dict[str, Node], merged: list[Node]) -> None:
        if len(merged) > 1:
            self._merged_twice(merged)
        for source in merged:
            for part in source.items if isinstance(source.value, list) else [source]:
                if not isinstance(part.value, dict):
                    self._fault(
                        "a merge key takes a mapping or a list of mappings",
                        part.span,
                        "give an alias of a mapping, such as '<<: *defaults'",
                    )
                    continue
                for name, node in part.value.items():
                    if name not in values:
                        values[name] = Node(node.value, node.span, node.key_span, Origin("merge", part.span))

    def _extent(self, start: Any, end: Any, last: Node | None) -> Span:
        """Return a collection's place: in block style it ends where its last value does."""
        if end is not None and (start.flow_style or last is None):
            return self._span(start.start_mark, end.end_mark)
        final = last.span if last is not None else self._span(start.start_mark, start.end_mark)
        mark = start.start_mark
        return Span(self._source, mark.line + 1, mark.column + 1, final.end_line, final.end_column)

    def _too_deep(self, span: Span) -> None:
        self._limit(f"values are nested deeper than {MAX_DEPTH} levels", span, "nest less")

    def _skip(self) -> None:
        """Pass over a collection whose start has been read."""
        open_ones = 1
        while open_ones and (inner := self._next()) is not None:
            if type(inner) in (MappingStartEvent, SequenceStartEvent):
                open_ones += 1
            elif type(inner) in (MappingEndEvent, SequenceEndEvent):
                open_ones -= 1

    def _limit(self, message: str, span: Span, remedy: str) -> None:
        if not self._limited:
            self._findings.error("document-limit", message, span, remedy)
        self._limited = True

    def _fault(self, message: str, span: Span, remedy: str = "") -> None:
        self._findings.error("invalid-yaml", message, span, remedy)

    def _syntax_error(self, error: yaml.YAMLError) -> None:
        message, span, related = _explain(error, self._source)
        if getattr(error, "problem", None) == _LIBYAML_TOO_DEEP:
            self._too_deep(span)
            return
        remedy = ""
        if self._source.line(span.line)[span.column - 1 :].startswith("\t"):
            message, remedy = "a tab cannot indent YAML", "indent with spaces"
        rule = "invalid-yaml"
        if "maximum nesting" in message:  # newer ones of libyaml have a limit of their own
            rule, message, remedy = "document-limit", "values are nested too deeply", "nest less"
        self._findings.error(rule, message, span, remedy, related=related)


def _explain(error: yaml.YAMLError, source: Source) -> tuple[str, Span, list[Related]]:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        span = _point(source, error.problem_mark)
        related = []
        if error.context and error.context_mark is not None:
            begun = _point(source, error.context_mark)
            related = [Related(begun, error.context)] if begun != span else []
        return f"this is not YAML: {error.problem or error.context}", span, related
    if isinstance(error, yaml.reader.ReaderError):
        # libyaml counts bytes, the reader in Python characters, but one finds what the other does.
        found = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", source.text)
        at = found.start() if found else 0
        character = f"character U+{ord(found[0]):04X}" if found else "a character"
        return f"{character} is not allowed in YAML", within(source, at, at + 1), []
    return f"this is not YAML: {error}", whole(source), []


def _point(source: Source, mark: Any) -> Span:
    if mark.index >= len(source.text):  # libyaml counts a line more where the last one has no end
        return within(source, len(source.text), len(source.text) + 1)
    line, column = mark.line + 1, mark.column + 1
    return Span(source, line, column, line, column + 1)


def _without_properties(span: Span) -> Span:
    """Return a scalar's place without the anchor and the tag before it."""
    found = re.match(_PROPERTIES, span.source.line(span.line)[span.column - 1 :])
    if found is None:
        return span
    begin = span._replace(column=span.column + found.end())
    return begin if begin[1:3] <= begin[3:] else span  # nothing may follow


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return "a boolean" if isinstance(value, bool) else "a number"


def _nothing() -> None:
    return None
