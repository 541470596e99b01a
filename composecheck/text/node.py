"""YAML values with their places: what the loader works on from first to last."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, Literal

    from composecheck.text.source import Span

Scalar = str | int | float | bool | None


class Origin(NamedTuple):
    """Why a value stands somewhere else than where it was written.

    `span` is the other place: for an alias the anchored value, for a merge key (`<<`) the alias
    there, for an override the value that lost, for `extends` and `include` that key's value, for a
    variable its line in an env file, for what an env file gives its entry in `env_file`. `before` is
    the reason that it had already: an anchored value may hold a variable.

    What is implied nobody wrote: a default, or what a short form or another key means; `span` is then
    where that stands, and `key` is the other key, such as "links" for a dependency.
    """

    kind: Literal["anchor", "merge", "extends", "include", "override", "variable", "env_file", "implied"]
    span: Span
    before: Origin | None = None
    key: str = ""


class Node:
    """A YAML value (scalar, list of Nodes, or mapping of str to Node) and its places.

    `span` is where the value that won was written; `key_span` the place of its key, for a value
    in a mapping. Nodes are shared and never change; functions return new ones.
    """

    __slots__ = ("key_span", "origin", "span", "value")

    def __init__(
        self,
        value: Scalar | list[Node] | dict[str, Node],
        span: Span,
        key_span: Span | None = None,
        origin: Origin | None = None,
    ) -> None:
        self.value = value
        self.span = span
        self.key_span = key_span
        self.origin = origin

    def replace(self, value: Scalar | list[Node] | dict[str, Node]) -> Node:
        """Return a Node with another value at the same place."""
        return Node(value, self.span, self.key_span, self.origin)

    @property
    def implied(self) -> bool:
        """Whether nobody wrote the value, and something else means it."""
        return self.origin is not None and self.origin.kind == "implied"

    @property
    def mapping(self) -> dict[str, Node]:
        """The value as a mapping; empty where it is none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The value as a list; empty where it is none."""
        return self.value if isinstance(self.value, list) else []

    def get(self, *path: str) -> Node | None:
        """Return the Node at a path of keys, None where a key is missing."""
        node: Node | None = self
        for key in path:
            if node is None:
                return None
            node = node.mapping.get(key)
        return node

    @property
    def place(self) -> Span:
        """The place to point at for the whole entry: its key, where it has one."""
        return self.key_span or self.span

    def plain(self) -> Any:
        """Return the value as plain Python dicts, lists and scalars."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items()}
        if isinstance(value, list):
            return [node.plain() for node in value]
        return value

    def __repr__(self) -> str:
        return f"Node({self.plain()!r}, {self.span})"
