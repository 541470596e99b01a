"""What a plain YAML scalar means, as Compose's YAML library (go-yaml v3) resolves it.

That is YAML 1.2's core schema with leftovers of 1.1: `010` is 8, `1_000` is 1000, `0b1` is 1, but
`yes` and `22:22` are strings; a date is a timestamp, which no Compose key takes.
"""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.text.node import Scalar

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMBER_STARTS = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
# Rarer ones, which `re` compiles when a file has the first of them.
_BASED = r"([-+]?)0(?:([xX])([0-9a-fA-F]+)|([bB])([01]+)|[oO]?([0-7]+))"
_FLOAT = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_TIMESTAMP = r"(?a)(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?"
_FLOAT_ENDS = frozenset(".0123456789")
_BETWEEN_DIGITS = r"(?<=[0-9])_(?=[0-9])"
_INFINITE = float("inf")
_PREFIX = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}


def resolve(text: str) -> Scalar:
    """Return what a plain scalar without a tag stands for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    written = text
    if "_" in text:
        text = text.replace("_", "") if text[0] != "." else re.sub(_BETWEEN_DIGITS, "", text)
    number = _number(text)
    return written if number is None else number


def is_timestamp(text: str) -> bool:
    """Whether a plain scalar is a date or a date and time."""
    found = re.fullmatch(_TIMESTAMP, text) if text[:4].isdecimal() and text[4:5] == "-" else None
    if found is None:
        return False
    import datetime  # hardly a file has dates

    try:
        datetime.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def time_text(text: str) -> str:
    """Return a date or a date and time as Go prints it: "2024-01-01 10:00:00 +0000 UTC"."""
    date, _, time = re.sub("[Tt]", " ", text).partition(" ")
    clock, zone = (time[:-6], time[-6:]) if time[-6:-5] in {"+", "-"} else (time.removesuffix("Z"), "")
    clock, _, fraction = clock.partition(".")
    day = "-".join(part.zfill(2) for part in date.split("-"))
    hour = ":".join(part.zfill(2) for part in clock.split(":")) if clock else "00:00:00"
    fraction = fraction[:9].rstrip("0")
    zone = zone.replace(":", "")
    name = f"{zone} {zone}" if zone.strip("+-0") else "+0000 UTC"
    return f"{day} {hour}{'.' * bool(fraction)}{fraction} {name}"


def tagged(text: str, tag: str) -> Scalar:
    """Return what a scalar with an explicit tag stands for; ValueError where it cannot.

    A tag that is not YAML's own leaves the text as it is.
    """
    kind = tag.removeprefix(_PREFIX)
    if kind == tag or kind not in _TYPES:
        return text
    value = resolve(text)
    if not isinstance(value, _TYPES[kind]) or (kind == "int" and isinstance(value, bool)):
        raise ValueError(f"{text!r} is not what the tag '!!{kind}' says")
    return float(value) if kind == "float" and isinstance(value, int) else value


def as_text(value: Scalar) -> str:
    """Return a scalar as Compose writes it where a text is wanted (Go's %v): 1.50 is "1.5"."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _float_text(value) if isinstance(value, float) else str(value)


def _number(text: str) -> int | float | None:
    if _DECIMAL.fullmatch(text):
        value = int(text) if len(text) < 21 else 1 << 64
        # What neither a signed nor an unsigned word holds becomes a float.
        return value if -(1 << 63) <= value < 1 << 64 else float(text)
    based = re.fullmatch(_BASED, text) if text.lstrip("+-")[:1] == "0" else None
    if based:
        sign, hexadecimal, digits16, binary, digits2, digits8 = based.groups()
        base = 16 if hexadecimal else 2 if binary else 8
        value = int(digits16 or digits2 or digits8, base)
        if value < 1 << 64:
            return -value if sign == "-" else value
    number = float(text) if text[-1] in _FLOAT_ENDS and re.fullmatch(_FLOAT, text) else None
    return None if number in (_INFINITE, -_INFINITE) else number  # too large stays a text


def _float_text(value: float) -> str:
    if value in (_INFINITE, -_INFINITE):
        return "+Inf" if value > 0 else "-Inf"
    if value != value:  # noqa: PLR0124 - what is not a number equals nothing
        return "NaN"
    for digits in range(17):  # as few as name this very number
        scientific = f"{value:.{digits}e}"
        if float(scientific) == value:
            break
    power = int(scientific.partition("e")[2])
    return f"{value:.{max(digits - power, 0)}f}" if -4 <= power < 6 else scientific
