"""A fault that the schema finds, in words: what is wrong, and what mends it."""

from __future__ import annotations

import re
from typing import NamedTuple

from composecheck.loading.schema_fast import read_schema
from composecheck.named import TYPE_CHECKING
from composecheck.text.slips import slip_of
from composecheck.text.spelling import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from composecheck.loading.schema_explain import Fault, Path

IN_QUOTES = "put it in quotes"
_NOUNS = {
    "services": "service",
    "networks": "network",
    "volumes": "volume",
    "secrets": "secret",
    "configs": "config",
    "models": "model",
}
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


class Words(NamedTuple):
    """The rule that a fault breaks, the fact, and the remedy."""

    rule: str
    message: str
    remedy: str = ""
    meant: str = ""


def say(fault: Fault) -> Words:
    """Return a fault in words."""
    return _SAYINGS.get(fault.keyword, _wrong_value)(fault, _subject(fault.path))


def _unknown_key(fault: Fault, subject: str) -> Words:
    known = list(fault.schema.get("properties", ()))
    meant = _closest(fault.value, known)
    remedy = f"did you mean '{meant}'?" if meant else _move(fault)
    if len(fault.path) == 2 and fault.path[0] == "services":
        from composecheck.loading.strays import among_services

        remedy = among_services(str(fault.path[1])) or remedy
    if meant in fault.beside:
        remedy = f"take it out, or put what it says into '{meant}', which stands there too"
    elif not remedy and 0 < len(known) <= 8:
        remedy = f"known here: {', '.join(map(_quote, known))}"
    elif not remedy:
        own = any(pattern.startswith("^x-") for pattern in fault.schema.get("patternProperties", ()))
        remedy = "take it out" + (f", or name it 'x-{fault.value}', which Compose passes over" if own else "")
    slip = slip_of(fault.value, known) or ""
    return Words("unknown-key", f"{subject} has the unknown key '{fault.value}'", remedy, slip)


def _bad_name(fault: Fault, subject: str) -> Words:
    wanted = _wanted(fault.schema)
    return Words("invalid-value", f"the key '{fault.value}' in {subject} must be {wanted}", f"use {wanted}")


def _missing_key(fault: Fault, subject: str) -> Words:
    return Words("missing-key", f"{subject} lacks the key '{fault.value}'", f"add '{fault.value}'")


def _not_exactly_one(fault: Fault, subject: str) -> Words:
    keys = [branch["required"][0] for branch in fault.schema["oneOf"]]
    given = [key for key in keys if key in fault.value]
    but = f"not {' and '.join(map(_quote, given))}" if given else "but it has none"
    mend = "take the others out" if given else f"add {_or(keys)}"
    return Words("missing-key", f"{subject} must have exactly one of {_or(keys)}, {but}", mend)


def _repeated(fault: Fault, subject: str) -> Words:
    what = _quote(_short(fault.value)) if isinstance(fault.value, str) else "an entry above it"
    return Words("invalid-value", f"{subject} repeats {what}", "remove one of them")


def _wrong_value(fault: Fault, subject: str) -> Words:
    # The text "three" where a number may stand as text is of the wrong type, and no wrong text.
    wrong_type = fault.keyword == "type" or (fault.keyword == "pattern" and len(_types(fault.schema)) > 1)
    rule = "invalid-type" if wrong_type else "invalid-value"
    wanted = _wanted(fault.schema)
    slip = slip_of(fault.value, fault.schema.get("enum", ())) if isinstance(fault.value, str) else None
    message = f"{subject} must be {wanted}, {_but(fault.value)}"
    return Words(rule, message, _mend(fault) or f"write {wanted}", slip or "")


_SAYINGS: dict[str, Callable[[Fault, str], Words]] = {
    "additionalProperties": _unknown_key,
    "oneOf": _not_exactly_one,
    "propertyNames": _bad_name,
    "required": _missing_key,
    "uniqueItems": _repeated,
}


def _subject(path: Path) -> str:
    """Return how a message names the value at a path: `'ports[0]' of service 'web'`."""
    if not path:
        return "the file"
    noun = _NOUNS.get(str(path[0]))
    if noun is None or len(path) == 1:
        return _quote(_dotted(path))
    owner = f"{noun} '{path[1]}'"
    return f"{_quote(_dotted(path[2:]))} of {owner}" if len(path) > 2 else owner


def _dotted(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _wanted(schema: Mapping[str, Any]) -> str:
    """Return what the schema wants: its values, else its title, else what its types say."""
    if "enum" in schema:
        return _or(schema["enum"])
    if "title" in schema:
        return str(schema["title"])
    return " or ".join(_TYPES[name] for name in _types(schema))


def _types(schema: Mapping[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _but(value: Any) -> str:
    """Return what a value is instead, as it follows a comma."""
    if value is None:
        return "but it has no value"
    if isinstance(value, bool):
        return f"not {str(value).lower()}"
    if isinstance(value, str):
        return f"not the text {_quote(_short(value))}"
    if isinstance(value, int | float):
        return f"not the number {value}"
    return "not a mapping" if isinstance(value, dict) else "not a list"


def _mend(fault: Fault) -> str:
    value, types = fault.value, _types(fault.schema)
    if value is None:
        return "give it a value or remove the key"
    if isinstance(value, str):
        if types == ["array"]:
            return "write it as a list"
        meant = _closest(value, fault.schema.get("enum", ()))
        return f"did you mean '{meant}'?" if meant else ""
    if types == ["string"] and isinstance(value, int | float) and "pattern" not in fault.schema:
        return IN_QUOTES
    if types != ["string"] or not isinstance(value, list | dict):
        return ""
    return _as_text(value)


def _as_text(value: list[Any] | dict[str, Any]) -> str:
    """Return how a list or a mapping becomes a text."""
    if _is_cut(value):
        return "put it in quotes: ': ' makes a mapping of it"
    name = _braced(value)
    return (
        f'did you mean "${{{name}}}"? a brace before the dollar opens a mapping' if name else "write one text"
    )


def _braced(value: Any) -> str:
    """Return the variable of `{$NAME}`, which YAML reads as a mapping; nothing of all else."""
    if not isinstance(value, dict) or len(value) != 1:
        return ""
    (key, given), *_ = value.items()
    return key[1:] if given is None and re.fullmatch(r"\$[A-Za-z_]\w*", key) else ""


def _is_cut(value: Any) -> bool:
    """Whether a colon with a space has cut a text in the middle of a variable: `${NAME:?Error: set it}`."""
    key = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else ""
    return re.search(r"\$\{\w+:?[-?+][^}]*$", key) is not None


def _closest(word: str, known: Iterable[str]) -> str:
    """Return which of the known words is meant: one that ends like it, else the closest; "" for none."""
    ending = next((name for name in known if len(word) > 3 and _fold(name).endswith(_fold(word))), None)
    return ending or Names(known, _fold).like(word, cutoff=0.75, loosely=True)


def _fold(word: str) -> str:
    """Return a key without what people mix up in it: case, hyphens and underscores."""
    return word.lower().replace("_", "").replace("-", "")


def _move(fault: Fault) -> str:
    """Return where an unknown key belongs that is known elsewhere: it is indented wrongly."""
    schema = read_schema("compose.schema.json")
    if fault.value in schema["$defs"]["service"]["properties"]:
        inside = fault.path[:1] == ("services",) and len(fault.path) > 2
        home = f"service '{fault.path[1]}' itself" if inside else "a service"
        return f"'{fault.value}' belongs in {home}: mind the indentation"
    if fault.value in schema["properties"]:
        return f"'{fault.value}' belongs at the top level: mind the indentation"
    return ""


def _or(words: list[str]) -> str:
    quoted = [_quote(word) for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _quote(word: str) -> str:
    return f"'{word}'"


def _short(text: str) -> str:
    line = " ".join(text.split()) if "\n" in text else text
    return line if len(line) <= 60 else f"{line[:57]}..."
