"""JSON Schema as closures over Nodes: the fast way to the verdict that a document is valid.

It knows the keywords that our schemas use and refuses the others. Parts of a schema are compiled
when a document first needs them, since a file uses few of the specification's keys.
"""

from __future__ import annotations

import json
import re
from functools import cache

from composecheck.named import TYPE_CHECKING
from composecheck.schemas_folder import schema_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from composecheck.text.node import Node

    Schema = dict[str, Any]
    Check = Callable[[Any], bool]

_CLASSES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
_ANNOTATIONS = {"$schema", "$defs", "$comment", "title", "description", "default", "deprecated"}


@cache
def read_schema(name: str) -> Schema:
    """Return a schema of `schemas/` as JSON, by its file name."""
    with open(schema_path(name), "rb") as file:
        schema: Schema = json.load(file)
    return schema


@cache
def compiled(name: str) -> Callable[[Node], bool]:
    """Return the check of a schema of `schemas/`: whether a Node is valid."""
    return _Compiler(name).check(read_schema(name))


class _Compiler:
    """Makes the checks of one schema file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._root = read_schema(name)
        self._checks: dict[int, Callable[[Node], bool]] = {}  # by the id of the part

    def check(self, schema: Schema) -> Callable[[Node], bool]:
        """Return the check of a part of the schema: whether a Node is valid."""
        known = self._checks.get(id(schema))
        if known is None:
            known = self._checks[id(schema)] = self._make(schema)
        return known

    def _make(self, schema: Schema) -> Callable[[Node], bool]:
        checks: list[Callable[[Node], bool]] = []
        values: list[Check] = []
        if "type" in schema:
            values.append(_type(schema["type"]))
        for keyword, argument in schema.items():
            if keyword == "$ref":
                checks.append(self._ref(argument))
            elif keyword in ("anyOf", "oneOf"):
                checks.append(self._count(argument, exactly_one=keyword == "oneOf"))
            elif keyword == "items":
                values.append(self._items(argument))
            elif keyword in _SIMPLE:
                values.append(_SIMPLE[keyword](argument))
            elif keyword not in _ANNOTATIONS and keyword not in _MAPPING and keyword != "type":
                raise NotImplementedError(f"the keyword {keyword!r} in {self._name}")
        if not schema.keys().isdisjoint(_MAPPING):
            values.append(self._mapping(schema))
        if values:
            checks.insert(0, _all_of_value(values))
        return checks[0] if len(checks) == 1 else lambda node: all(check(node) for check in checks)

    def _ref(self, target: str) -> Callable[[Node], bool]:
        if not target.startswith("#/"):
            return compiled(target)
        part: Any = self._root
        for step in target[2:].split("/"):
            part = part[step]
        return self.check(part)

    def _count(self, branches: list[Schema], *, exactly_one: bool) -> Callable[[Node], bool]:
        checks = [self.check(branch) for branch in branches]
        if exactly_one:
            return lambda node: sum(check(node) for check in checks) == 1
        return lambda node: any(check(node) for check in checks)

    def _items(self, schema: Schema) -> Check:
        check = self.check(schema)
        return lambda value: value.__class__ is not list or all(check(item) for item in value)

    def _mapping(self, schema: Schema) -> Check:
        """Return the check of a mapping's keys, and of each value by its key."""
        properties: Schema = schema.get("properties", {})
        patterns = [(re.compile(k), v) for k, v in schema.get("patternProperties", {}).items()]
        others: Schema | bool = schema.get("additionalProperties", True)
        names = schema.get("propertyNames", {}).get("pattern")
        allowed = re.compile(names).search if names else None
        known: dict[str, Callable[[Node], bool]] = {}

        def learn(key: str) -> Callable[[Node], bool]:
            parts = [part for pattern, part in patterns if pattern.search(key)]
            if key in properties:
                parts.append(properties[key])
            if not parts:
                return self.check(others) if isinstance(others, dict) else lambda _: others
            known[key] = self.check(parts[0]) if len(parts) == 1 else self._every(parts)
            return known[key]

        def check(value: Any) -> bool:
            if value.__class__ is not dict:
                return True
            for key, node in value.items():
                if allowed is not None and not allowed(key):
                    return False
                if not (known.get(key) or learn(key))(node):
                    return False
            return True

        return check

    def _every(self, parts: list[Schema]) -> Callable[[Node], bool]:
        checks = [self.check(part) for part in parts]
        return lambda node: all(check(node) for check in checks)


def _all_of_value(checks: list[Check]) -> Callable[[Node], bool]:
    if len(checks) == 1:
        only = checks[0]
        return lambda node: only(node.value)
    first, *rest = checks

    def check(node: Node) -> bool:
        value = node.value
        return first(value) and all(check(value) for check in rest)

    return check


def _type(names: str | list[str]) -> Check:
    names = [names] if isinstance(names, str) else names
    classes = {cls for name in names for cls in _CLASSES[name]}
    if "integer" in names and "number" not in names:  # 3.0 is an integer, as in JSON
        return lambda value: value.__class__ in classes or (value.__class__ is float and value.is_integer())
    return lambda value: value.__class__ in classes


def _pattern(pattern: str) -> Check:
    search = re.compile(pattern).search
    return lambda value: value.__class__ is not str or search(value) is not None


def _minimum(least: float) -> Check:
    return lambda value: not _is_number(value) or value >= least


def _above(bound: float) -> Check:
    return lambda value: not _is_number(value) or value > bound


def _maximum(most: float) -> Check:
    return lambda value: not _is_number(value) or value <= most


def _is_number(value: Any) -> bool:
    return value.__class__ is int or value.__class__ is float


def _required(keys: list[str]) -> Check:
    return lambda value: value.__class__ is not dict or all(key in value for key in keys)


def _unique(wanted: bool) -> Check:
    def check(value: Any) -> bool:
        if not wanted or value.__class__ is not list or len(value) < 2:
            return True
        return len({_frozen(item) for item in value}) == len(value)

    return check


def _frozen(node: Node) -> Any:
    """Return what two Nodes have in common exactly when their values are equal in JSON."""
    value = node.value
    if isinstance(value, bool):
        return ("bool", value)  # True is 1 to Python, not to JSON
    if isinstance(value, dict):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def _enum(values: Iterable[str]) -> Check:
    allowed = set(values)
    return lambda value: value.__class__ is str and value in allowed


def _min_items(least: int) -> Check:
    return lambda value: value.__class__ is not list or len(value) >= least


def _max_items(most: int) -> Check:
    return lambda value: value.__class__ is not list or len(value) <= most


_MAPPING = {"properties", "patternProperties", "additionalProperties", "propertyNames"}
_SIMPLE: dict[str, Callable[[Any], Check]] = {
    "enum": _enum,
    "exclusiveMinimum": _above,
    "maximum": _maximum,
    "maxItems": _max_items,
    "minItems": _min_items,
    "minimum": _minimum,
    "pattern": _pattern,
    "required": _required,
    "uniqueItems": _unique,
}
