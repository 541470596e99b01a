"""Edits of a file's text that keep its layout: what rules make their fixes of.

A rule says what is to stand in the model; where that is in the text, and how it is written there, is
found out when the fix is asked for. Where the layout gives no certain place there is no fix: for an
alias, a tab, a scalar of several lines. That nothing else changes is for `fixes` to prove.
"""

from __future__ import annotations

import re

from composecheck.findings.diagnostic import Fix
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Any

    from composecheck.findings.diagnostic import Edit
    from composecheck.knowledge import Probing
    from composecheck.model.project import Dependency, Port, Service
    from composecheck.remedies.edits.layout import Layout, Piece
    from composecheck.text.node import Node
    from composecheck.text.source import Span

    Making = Callable[[], Fix | None]

LOOPBACK = "127.0.0.1"
# What is compiled where a fix is asked for.
_PUBLISHED = r"(?a)(?P<host>[0-9]+(?:-[0-9]+)?:)?[0-9]+(?:-[0-9]+)?(?:/[a-zA-Z]+)?"
_VARIABLE = r"\$(?:\$|\{?([_a-zA-Z][_a-zA-Z0-9]*)?)|[{}]"
_ESCAPED_DOLLAR = r"\\(?:x24|u0024|U00000024)"


# --- what rules ask for


def wait(
    service: Service, dependency: Dependency, condition: str = "service_healthy", *, unsafe: str = ""
) -> Making:
    """Return the fix that gives one entry of `depends_on` a condition; `unsafe` as a Fix has it."""

    def make() -> Fix | None:
        edits = _condition(dependency.key_place(), condition)
        path = ("services", service.name, "depends_on", dependency.service, "condition")
        found = _fix(edits, {path: condition}, unsafe)
        if found is None or condition != "service_healthy":
            return found
        return found._replace(awaits=dependency.service)

    return make


def add_healthcheck(service: Service, probing: Probing) -> Making:
    """Return the fix that gives a healthcheck to a service that has none."""

    def make() -> Fix | None:
        values: dict[str, Any] = {"test": list(probing.test)}
        values |= {"interval": probing.interval, "timeout": probing.timeout}
        if probing.start_period is not None:
            values["start_period"] = probing.start_period
        values["retries"] = probing.retries
        edits = _added(service.node, {"healthcheck": values})
        said = {**values, "test": [word.replace("$$", "$") for word in probing.test]}
        return _fix(edits, {("services", service.name, "healthcheck"): said})

    return make


def set_keys(
    service: Service, path: tuple[str, ...], values: Mapping[str, str | int], *, unsafe: str = ""
) -> Making:
    """Return the fix that sets keys of a mapping of a service, such as ("healthcheck",).

    Values are as the model holds them, durations as texts; `unsafe` as a Fix has it.
    """

    def make() -> Fix | None:
        node = _at(service.node, path)
        if node is None:
            return None
        edits: list[Edit] = []
        new: dict[str, Any] = {}
        for key, value in values.items():
            child = node.get(key)
            if child is None:
                new[key] = value
                continue
            changed = _replaced(child, value)
            if changed is None:
                return None
            edits.append(changed)
        if new:
            added = _added(node, new)
            if added is None:
                return None
            edits += added
        changes = {("services", service.name, *path, key): value for key, value in values.items()}
        return _fix(edits, changes, unsafe)

    return make


def escape_dollars(
    service: Service,
    path: tuple[str, ...],
    environment: Mapping[str, str],
    names: Collection[str] | None = None,
) -> Making:
    """Return the fix that doubles the dollar signs of variables in a text of a service.

    `path` leads to it in the model: ("healthcheck", "test", "1"); `names` are the variables that the
    container is to see, None all of them; `environment` has the values of the others (the project's).
    """

    def make() -> Fix | None:
        node = _at(service.node, path)
        found = _piece(node.span) if node is not None else None
        if node is None or found is None or not isinstance(node.value, str):
            return None
        layout, piece = found
        raw = layout.text[piece.start : piece.end]
        if piece.kind != "scalar" or (piece.style == '"' and re.search(_ESCAPED_DOLLAR, raw)):
            return None
        written, meant = _doubled(raw, names), _doubled(piece.value, names)
        if written is None or meant is None or written == raw:
            return None
        from composecheck.loading.interpolate import TemplateError, substitute

        try:
            value = substitute(meant, environment.get)
        except (TemplateError, ValueError):
            return None
        edit = layout.edit(piece.start, piece.end, written)
        return _fix([edit], {("services", service.name, *path): value})

    return make


def publish_on_loopback(service: Service, port: Port) -> Making:
    """Return the fix that publishes the entry of `ports` that a port comes from on the loopback address."""

    def make() -> Fix | None:
        found = _piece(port.place())
        if found is None:
            return None
        layout, piece = found
        edits = (
            layout.appended(piece, {"host_ip": LOOPBACK})
            if piece.kind == "mapping"
            else _with_address(layout, piece)
        )
        entries = enumerate(service.as_held("ports"))
        numbers = [str(n) for n, entry in entries if entry.place() == port.place()]
        changes: dict[tuple[str, ...], object] = {
            ("services", service.name, "ports", n, "host_ip"): LOOPBACK for n in numbers
        }
        return _fix(edits, changes, "publishing")

    return make


def both(first: Making, second: Making) -> Making:
    """Return two fixes as one, which is made as a whole or not at all."""

    def make() -> Fix | None:
        from composecheck.remedies import risky

        one, other = first(), second()
        if one is None or other is None:
            return None
        return Fix(
            (*one.edits, *other.edits),
            {**one.changes, **other.changes},
            risky.both(one.unsafe, other.unsafe),
            one.awaits or other.awaits,
        )

    return make


def unsafely(making: Making | None, unsafe: str) -> Making | None:
    """Return a fix as one that is not made unasked, for what it changes: "" for nothing."""
    if making is None or not unsafe:
        return making

    def make() -> Fix | None:
        found = making()
        return found if found is None or found.unsafe else found._replace(unsafe=unsafe)

    return make


def _fix(
    edits: Sequence[Edit] | None, changes: Mapping[tuple[str, ...], object], unsafe: str = ""
) -> Fix | None:
    return Fix(tuple(edits), changes, unsafe) if edits else None


# --- how it is written


def _condition(place: Span, condition: str) -> Sequence[Edit] | None:
    """Return the edits that give a condition to the entry of `depends_on` at a place."""
    from composecheck.remedies.edits.layout import layout_of

    layout = layout_of(place.source)
    piece = layout.scalars.get(layout.offset(place))
    if piece is None or piece.parent is None:
        return None
    if piece.parent.kind == "sequence":
        return layout.long_form(piece.parent, piece, condition)
    entry = piece.below
    if entry is None or entry.kind != "mapping":
        return None
    said = entry.get("condition")
    if said is None:
        return layout.appended(entry, {"condition": condition})
    changed = layout.replaced(said, condition)
    return [changed] if changed is not None else None


def _added(node: Node, values: Mapping[str, Any]) -> Sequence[Edit] | None:
    """Return the edits that add keys to a mapping that stands under a key."""
    found = _value(node)
    if found is None or found[1].kind != "mapping":
        return None
    return found[0].appended(found[1], values)


def _replaced(node: Node, value: str | int) -> Edit | None:
    found = _value(node)
    return found[0].replaced(found[1], value) if found is not None else None


def _with_address(layout: Layout, piece: Piece) -> Sequence[Edit] | None:
    quoted = piece.style in ("'", '"')
    start, end = piece.start + quoted, piece.end - quoted
    written = re.fullmatch(_PUBLISHED, layout.text[start:end])
    if piece.kind != "scalar" or written is None:
        return None
    if written["host"]:
        return [layout.edit(start, start, f"{LOOPBACK}:")]
    # With two colons in a row it is better off between quotes.
    quote = "" if quoted else '"'
    return [layout.edit(start, end, f"{quote}{LOOPBACK}::{layout.text[start:end]}{quote}")]


def _doubled(text: str, names: Collection[str] | None) -> str | None:
    """Return a text with the dollar signs of some variables doubled; None where one is within another.

    Of `${A:-$B}` with `A` for the container, who `B` is for is anybody's guess.
    """
    parts: list[str] = []
    at = 0
    braces: list[bool] = []  # whether the variable that each belongs to is for the container
    for found in re.finditer(_VARIABLE, text):
        parts.append(text[at : found.start()])
        at = found.end()
        word, name = found[0], found[1]
        if word == "}":
            braces[-1:] = []
        elif word == "{":
            braces.append(False)
        elif word != "$$" and name is not None:
            ours = names is None or name in names
            if any(braces) and not ours:
                return None
            word = f"${word}" if ours else word
            if found[0].startswith("${"):
                braces.append(ours)
        elif word.endswith("{"):
            braces.append(False)
        parts.append(word)
    return "".join([*parts, text[at:]])


def _at(node: Node, path: tuple[str, ...]) -> Node | None:
    """Return the value at a path of keys and of numbers in lists."""
    inner: Node | None = node
    for key in path:
        if inner is None:
            return None
        items = inner.items
        inner = inner.get(key) if not items else items[int(key)] if int(key) < len(items) else None
    return inner


def _value(node: Node) -> tuple[Layout, Piece] | None:
    """Return what stands under a value's key."""
    if node.key_span is None:
        return None
    from composecheck.remedies.edits.layout import layout_of

    layout = layout_of(node.key_span.source)
    key = layout.scalars.get(layout.offset(node.key_span))
    return (layout, key.below) if key is not None and key.below is not None else None


def _piece(span: Span) -> tuple[Layout, Piece] | None:
    """Return what begins at a place: a value of a list, or under a key."""
    from composecheck.remedies.edits.layout import layout_of

    layout = layout_of(span.source)
    start = layout.offset(span)
    piece = layout.scalars.get(start)
    if piece is not None and piece.below is not None:
        piece = piece.parent  # the first key of a mapping
    piece = piece or layout.collections.get(start)
    return (layout, piece) if piece is not None else None
