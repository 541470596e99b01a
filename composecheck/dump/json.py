"""Plain data as JSON, byte for byte as Go writes it."""

from __future__ import annotations

import re
from json.encoder import encode_basestring

from composecheck.dump.numbers import json_number
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# What Go escapes beyond what JSON asks for, so that the text may stand in HTML and JavaScript.
_ESCAPED = re.compile("[<>&\u2028\u2029]")


def dumps(value: Any, *, indent: str = "") -> str:
    """Return plain data as JSON; without an `indent` in one line and without a space."""
    parts: list[str] = []
    _write(value, parts, "\n" if indent else "", indent)
    return "".join(parts)


def _write(value: Any, parts: list[str], margin: str, indent: str) -> None:
    if isinstance(value, dict):
        colon = ": " if indent else ":"
        entries = ((_text(key) + colon, each) for key, each in value.items())
        _block("{}", entries, parts, margin, indent)
    elif isinstance(value, list):
        _block("[]", (("", each) for each in value), parts, margin, indent)
    else:
        parts.append(_scalar(value))


def _block(
    brackets: str, entries: Iterable[tuple[str, Any]], parts: list[str], margin: str, indent: str
) -> None:
    before, inner = brackets[0], margin + indent
    for start, value in entries:
        parts.append(before + inner + start)
        before = ","
        _write(value, parts, inner, indent)
    parts.append(margin + brackets[1] if before == "," else brackets)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_number(value) if isinstance(value, float) else str(value)


def _text(text: str) -> str:
    quoted = encode_basestring(text)
    return _ESCAPED.sub(_unicode, quoted) if _ESCAPED.search(quoted) else quoted


def _unicode(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
