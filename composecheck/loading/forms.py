"""What short forms have in common: texts, lists and mappings, and amounts.

A form takes a Node and gives it in long form; a value of a wrong type is left alone, since
validation speaks of it.
"""

from __future__ import annotations

import re

from composecheck.loading.interpolate import to_bool, to_float, to_int
from composecheck.named import TYPE_CHECKING
from composecheck.text.node import Node, Origin
from composecheck.text.scalars import as_text
from composecheck.text.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from composecheck.text.source import Span

    Form = Callable[[Node, "Fault"], Node]

    class Fault(Protocol):
        """Says that a value is invalid."""

        def __call__(
            self, message: str, span: Span, remedy: str = "", *, rule: str = "invalid-value"
        ) -> None:
            """Add the finding."""
            ...


def default(value: Any, node: Node) -> Node:
    """Return a Node for what a short form means without saying it, at the place of that form."""
    return made(value, node.span, Origin("implied", node.span))


def made(value: Any, span: Span, origin: Origin | None) -> Node:
    """Return plain data as Nodes that all stand at one place."""
    if isinstance(value, dict):
        return Node({key: made(inner, span, origin) for key, inner in value.items()}, span, span, origin)
    if isinstance(value, list):
        return Node([made(inner, span, origin) for inner in value], span, None, origin)
    return Node(value, span, span, origin)


def fields(table: dict[str, Form]) -> Form:
    """Return the form of a mapping whose keys each have one of their own."""

    def transform(node: Node, fault: Fault) -> Node:
        if not isinstance(node.value, dict):
            return node
        values = node.value
        changed = {}
        for key, value in values.items():
            function = table.get(key)
            if function is not None and (new := function(value, fault)) is not value:
                changed[key] = new
        return node.replace({**values, **changed}) if changed else node

    return transform


def each(function: Form) -> Form:
    """Return the transformation of every item of a list, or value of a mapping."""

    def transform(node: Node, fault: Fault) -> Node:
        if isinstance(node.value, dict):
            return node.replace({key: function(value, fault) for key, value in node.value.items()})
        if isinstance(node.value, list):
            return node.replace([function(item, fault) for item in node.value])
        return node

    return transform


def after(first: Form, second: Form) -> Form:
    """Return one form that is two, one after the other."""
    return lambda node, fault: second(first(node, fault), fault)


def text(node: Node, _fault: Fault) -> Node:
    """Return a number or a boolean as Compose writes it."""
    value = node.value
    if isinstance(value, str | dict | list) or value is None:
        return node
    return node.replace(as_text(value))


def text_or_empty(node: Node, fault: Fault) -> Node:
    """Return a text, "" for nothing."""
    return node.replace("") if node.value is None else text(node, fault)


def listed(node: Node, _fault: Fault) -> Node:
    """Return a text alone as a list of one."""
    return (
        node.replace([Node(node.value, node.span, None, node.origin)])
        if isinstance(node.value, str)
        else node
    )


def mapping(node: Node, fault: Fault, value: Form = text_or_empty, without: str | None = "") -> Node:
    """`KEY=value` items, or a mapping, as a mapping of texts; `without` is the value of a bare KEY."""
    if isinstance(node.value, dict):
        return node.replace({key: value(inner, fault) for key, inner in node.value.items()})
    if not isinstance(node.value, list):
        return node
    values = {}
    for item in node.value:
        if isinstance(item.value, dict | list) or item.value is None:
            continue
        key, equals, text = as_text(item.value).partition("=")
        values[key] = Node(text if equals else without, item.span, item.span, item.origin)
    return node.replace({**values})


def names(node: Node, _fault: Fault) -> Node:
    """Return a list of names as a mapping of these names to nothing more."""
    if not isinstance(node.value, list):
        return node
    return node.replace(
        {i.value: Node(None, i.span, i.span, i.origin) for i in node.value if isinstance(i.value, str)}
    )


def mode(node: Node, fault: Fault) -> Node:
    """Permissions as a number; a text is octal."""
    if not isinstance(node.value, str):
        return node
    if re.fullmatch("[0-7]{1,9}", node.value):
        return node.replace(int(node.value, 8))
    fault(f"'{node.value}' is not an octal mode", node.span, "write '0440' or the like")
    return node


def size(node: Node, fault: Fault) -> Node:
    """Bytes."""
    if not isinstance(node.value, str):
        return node
    try:
        return node.replace(_bytes(node.value))
    except ValueError as error:
        fault(str(error).replace('"', "'"), node.span, "write a number of bytes, or a size such as '64m'")
        return node


def _bytes(text: str) -> int:
    if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        return int(text)
    if len(text) > 30:  # no number of bytes that any machine has
        raise ValueError("the size is too long")
    return parse_size(text)


def number(node: Node, fault: Fault) -> Node:
    """Return a number that may be written as a text."""
    if not isinstance(node.value, str):
        return node
    try:
        return node.replace(to_float(node.value))
    except ValueError:
        fault(f"'{node.value}' is not a number", node.span, "write a number such as 0.5")
        return node


def flag(node: Node, _fault: Fault) -> Node:
    """Return a boolean that may be written as a text."""
    return _read(node, to_bool)


def whole(node: Node, _fault: Fault) -> Node:
    """Return a whole number that may be written as a text."""
    return _read(node, to_int)


def _read(node: Node, function: Callable[[str], Any]) -> Node:
    if not isinstance(node.value, str):
        return node
    try:
        return node.replace(function(node.value))
    except ValueError:
        return node


def exact(node: Node, fault: Fault) -> Node:
    """Return a value that may be a whole number, once it is known not to be written as 1e3 or 5.0."""
    if isinstance(node.value, float):
        fault(
            f"'{node.span.text}' is a floating-point number, which Compose does not take here",
            node.span,
            "write it without a point or an exponent",
            rule="invalid-type",
        )
    return node


def duration(node: Node, fault: Fault) -> Node:
    """Return a duration as it is written, once it has been understood."""
    if isinstance(node.value, str):
        try:
            parse_duration(node.value)
        except ValueError as error:
            fault(str(error), node.span, "write a duration such as '30s' or '1m30s'")
    return node
