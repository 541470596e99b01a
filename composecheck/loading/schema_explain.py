"""What is wrong with a document that the schema refuses: jsonschema's errors, one a fault.

Imported only for an invalid document, since jsonschema costs more to import than a file to check.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from composecheck.loading.schema_fast import read_schema
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    from jsonschema import ValidationError

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """One error of a document: the keyword of the schema that refuses the value at a path.

    `value` is what is refused: the value at the path (of "uniqueItems" the repeated entry), or for
    "additionalProperties", "propertyNames" and "required" the key in it; `schema` refuses it. `beside` are
    the keys that stand beside an unknown one.
    """

    keyword: str
    path: Path
    value: Any
    schema: Mapping[str, Any]
    beside: Collection[str] = ()


def faults(name: str, document: Any) -> Iterator[Fault]:
    """Give every fault of a plain document by a schema of `schemas/`."""
    registry: Registry[Any] = Registry(retrieve=lambda uri: Resource.from_contents(read_schema(uri)))  # type: ignore[call-arg]
    validator = Draft202012Validator(read_schema(name), registry=registry)
    for error in validator.iter_errors(document):
        yield from _faults(error)


def _faults(error: ValidationError) -> Iterator[Fault]:
    path, schema, keyword = tuple(error.absolute_path), error.schema, str(error.validator)
    instance: Any = error.instance
    assert isinstance(schema, dict)  # noqa: S101 - a schema that is `false` has no keyword to fail
    if keyword == "oneOf" and not isinstance(instance, dict):
        return  # its branches tell mappings apart; the type has its own error
    if keyword == "anyOf":
        meant = _meant(error)
        if meant:
            for inner in meant:
                yield from _faults(inner)
            return
        keyword = "type"
    if keyword == "additionalProperties":
        for key in unknown_keys(schema, instance):
            yield Fault(keyword, path, key, schema, instance)
    elif keyword == "required":
        # jsonschema gives one error a key, and tells which one only in its message.
        yield from (Fault(keyword, path, key, schema) for key in _missing(error))
    elif keyword == "uniqueItems":
        yield from (Fault(keyword, (*path, at), instance[at], schema) for at in _again(instance))
    elif "propertyNames" in error.absolute_schema_path:
        yield Fault("propertyNames", path, instance, schema)
    else:
        yield Fault(keyword, path, instance, schema)


def unknown_keys(schema: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[str]:
    """Return the keys of a mapping that a closed schema does not know."""
    own = any(pattern == "^x-" for pattern in schema.get("patternProperties", ()))
    known = schema.get("properties", {})
    return [key for key in mapping if key not in known and not (own and key.startswith("x-"))]


def _missing(error: ValidationError) -> list[str]:
    required: Any = error.validator_value
    return [key for key in required if error.message.startswith(f"{key!r} ")]


def _again(items: list[Any]) -> list[int]:
    """Return the places of entries that stand further up too."""
    seen: set[str] = set()
    again = []
    for at, item in enumerate(items):
        text = json.dumps(item, sort_keys=True)
        if text in seen:
            again.append(at)
        seen.add(text)
    return again or [len(items) - 1]


def _meant(error: ValidationError) -> list[ValidationError]:
    """Return the errors inside the branch that the value's type chooses; none where none fits."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [inner for inner in branches.values() if not any(map(_of_other_type, inner))]
    return min(fitting, key=len, default=[])


def _of_other_type(error: ValidationError) -> bool:
    """Whether an error says that the value itself, and nothing in it, is of the wrong type."""
    if error.relative_path:
        return False
    if error.validator == "anyOf":
        return all(map(_of_other_type, error.context or ()))
    return error.validator == "type"
