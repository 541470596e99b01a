"""YAML that is not written yet: plain values, and what only YAML can say, as text."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple


class Raw(NamedTuple):
    """A scalar as it stands in the file, such as `0o17` or `yes`."""

    text: str


class Tagged(NamedTuple):
    """A value with `!reset` or `!override` before it."""

    tag: str
    value: Any


class Anchor(NamedTuple):
    """A value that has a name."""

    name: str
    value: Any


class Alias(NamedTuple):
    """That value again."""

    name: str


MERGE = "<<"
_PLAIN_KEY = re.compile(r"[a-zA-Z_][\w./-]*")
_NO_KEYS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
# How deep mappings are written in lines; below that in braces.
_LINES = 4


def text_of(documents: list[Any]) -> str:
    """Return documents as one file's text."""
    return "---\n".join(_document(document) for document in documents)


def _document(document: Any) -> str:
    if isinstance(document, dict) and document:
        return _block(document, 0)
    return _flow(document) + "\n"


def _block(mapping: dict[str, Any], depth: int) -> str:
    lines = []
    for key, value in mapping.items():
        start = "  " * depth + _key(key) + ":"
        properties, inner = _properties(value)
        if isinstance(inner, dict) and inner and depth < _LINES:
            lines.append(f"{start}{properties}\n{_block(inner, depth + 1)}")
        else:
            lines.append(f"{start}{properties} {_flow(inner)}\n")
    return "".join(lines)


def _properties(value: Any) -> tuple[str, Any]:
    """Return the anchor and the tag of a value as text, and what is left of it."""
    text = ""
    while isinstance(value, Anchor | Tagged):
        text += f" &{value.name}" if isinstance(value, Anchor) else f" {value.tag}"
        value = value.value
    return text, value


def _flow(value: Any) -> str:
    properties, value = _properties(value)
    if isinstance(value, dict):
        body = "{" + ", ".join(f"{_key(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    elif isinstance(value, Alias):
        body = f"*{value.name} "
    elif isinstance(value, Raw):
        body = value.text
    elif isinstance(value, list):
        body = "[" + ", ".join(map(_flow, value)) + "]"
    else:
        body = json.dumps(value, ensure_ascii=False)
    return f"{properties} {body}".lstrip()


def _key(key: str) -> str:
    if key == MERGE or (_PLAIN_KEY.fullmatch(key) and key.lower() not in _NO_KEYS):
        return key
    return json.dumps(key, ensure_ascii=False)
