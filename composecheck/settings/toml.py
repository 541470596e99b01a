"""A TOML file as Nodes: the standard library reads its values, and this finds their places."""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node
from composecheck.text.source import Span, whole

if TYPE_CHECKING:
    from typing import Any

    from composecheck.loading.findings import Findings
    from composecheck.text.source import Source

Path = tuple[str | int, ...]

_TABLE = ("tool", "composecheck")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_TEXT = re.compile(r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL)
_BARE = re.compile(r"[^,\]}#\r\n]*")
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")


class _Place(NamedTuple):
    """Where a key and its value are written."""

    key: Span
    value: Span


def table(source: Source, findings: Findings) -> Node | None:
    """Return `[tool.composecheck]` of a file that has one; None, and a finding, where it has not."""
    try:
        data: Any = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        _not_toml(source, str(error), findings)
        return None
    for step in _TABLE:
        data = data.get(step) if isinstance(data, dict) else None
    if data is None:
        findings.error("invalid-yaml", "there is no table '[tool.composecheck]'", whole(source), "add it")
        return None
    places = _Reader(source).places()
    head = next((places[path] for path in places if path[:2] == _TABLE), None)
    return _node(data, _TABLE, places, head or _Place(whole(source), whole(source)))


def _not_toml(source: Source, text: str, findings: Findings) -> None:
    found = _AT.search(text)
    end = source.span(len(source.text), len(source.text))
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (end.line, end.column)
    reason = _AT.sub("", text)
    message = f"this is not TOML: {reason[:1].lower()}{reason[1:]}"
    findings.error("invalid-yaml", message, Span(source, line, column, line, column + 1))


def _node(value: Any, path: Path, places: dict[Path, _Place], head: _Place) -> Node:
    place = places.get(path, head)
    if isinstance(value, dict):
        value = {key: _node(inner, (*path, key), places, head) for key, inner in value.items()}
    elif isinstance(value, list):
        value = [_node(inner, (*path, at), places, head) for at, inner in enumerate(value)]
    elif not isinstance(value, str | int | float):  # a date or a time, which no option takes
        value = str(value)
    return Node(value, place.value, place.key)


class _Reader:
    """One pass over a text that is known to be TOML."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._at = 0
        self._places: dict[Path, _Place] = {}
        self._counts: dict[Path, int] = {}  # of the tables in each array of tables

    def places(self) -> dict[Path, _Place]:
        """Return where each key and each entry of a list is written, by its path."""
        current: Path = ()
        while self._skip() < len(self._text):
            if self._text[self._at] == "[":
                current = self._header()
            else:
                self._pair(current)
        return self._places

    def _skip(self) -> int:
        """Pass over blanks, ends of lines and comments."""
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _header(self) -> Path:
        start, double = self._at, self._text.startswith("[[", self._at)
        self._at += 1 + double
        path = self._inside(self._keys()[0])
        self._at += 1 + double
        if double:
            at = self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, at)
        span = self._source.span(start, self._at)
        self._places[path] = _Place(span, span)
        return path

    def _inside(self, keys: tuple[str, ...]) -> Path:
        """Return the path that a header's keys mean: inside an array, in its last table."""
        path: Path = ()
        for number, key in enumerate(keys, 1):
            path = (*path, key)
            if number < len(keys) and path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _keys(self) -> tuple[tuple[str, ...], Span]:
        """Read keys with dots between them, and return where they stand."""
        keys: list[str] = []
        start = end = self._at
        while found := _KEY.match(self._text, self._at):
            keys.append(_unquoted(found[1]))
            start = start if len(keys) > 1 else found.start(1)
            end, self._at = found.end(1), found.end()
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        return tuple(keys), self._source.span(start, end)

    def _pair(self, table: Path) -> None:
        keys, span = self._keys()
        self._at += 1  # the equals sign
        value = self._value((*table, *keys))
        for length in range(len(table) + 1, len(table) + len(keys) + 1):
            self._places.setdefault((*table, *keys)[:length], _Place(span, value))
        self._places[(*table, *keys)] = _Place(span, value)

    def _value(self, path: Path) -> Span:
        """Read a value with what is in it, and return where it stands."""
        start = self._skip()
        opening = self._text[start : start + 1]
        if opening in ("[", "{"):
            self._at += 1
            number = 0
            while self._skip() < len(self._text) and self._text[self._at] not in "]}":
                if opening == "{":
                    self._pair(path)
                else:
                    inner = self._value((*path, number))
                    self._places[(*path, number)] = _Place(inner, inner)
                number += 1
                if self._text.startswith(",", self._skip()):
                    self._at += 1
            self._at += 1
            return self._source.span(start, self._at)
        found = _TEXT.match(self._text, start) or _BARE.match(self._text, start)
        end = found.end() if found else start
        self._at = end
        return self._source.span(start, start + len(self._text[start:end].rstrip()))


def _unquoted(key: str) -> str:
    if "\\" in key:
        return next(iter(tomllib.loads(f"{key} = 0")), key)
    return key[1:-1] if key[:1] in "\"'" else key
