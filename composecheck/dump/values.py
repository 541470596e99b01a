"""Typed values as Compose writes them: in the YAML and the JSON of `config`, and in what it hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from composecheck.dump.numbers import Single
from composecheck.dump.order import natural
from composecheck.model.types import EXTENSIONS, IPAM_OPTIONS, Held, Unnamed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from composecheck.model.dialect import Dialect
    from composecheck.model.types import Kind


class Form(NamedTuple):
    """What is written: YAML, JSON, or the JSON that is hashed, by a generation of Compose.

    The YAML has the "x-" keys and leaves out `command` where nothing is said. The JSON to hash is
    the reference's with its faults: names of Go, and limits that are 0 left out.
    """

    dialect: Dialect
    yaml: bool = False
    hashed: bool = False


def plain(kind: Kind, value: Any, form: Form) -> Any:
    """Return a typed value as mappings, lists and scalars, in the order in which they are written."""
    if value is None:
        return None
    if isinstance(kind, list):
        return [plain(kind[0], each, form) for each in value]
    if isinstance(kind, dict):
        if "*" not in kind:
            return _struct(kind, value, form)
        of = kind["*"]
        keys = sorted(value, key=natural) if form.yaml else sorted(value)
        return {key: plain(of, value[key], form) for key in keys}
    write = _SCALARS.get(kind.rstrip("?!"))
    return value if write is None else write(value, form)


def _struct(table: Mapping[str, Kind], value: Mapping[str, Any], form: Form) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for key, each in value.items():
        kind = table.get(key)
        if kind is None or _left_out(kind, each, form):
            continue
        inner = plain(kind, each, form)
        if form.yaml and not inner and isinstance(kind, Held):
            continue
        written[key.capitalize() if form.hashed and isinstance(table, Unnamed) else key] = inner
    if form.yaml and EXTENSIONS in value:
        written |= ordered(value[EXTENSIONS], natural)
    return written


def _left_out(kind: Kind, value: Any, form: Form) -> bool:
    """Whether a field is not written."""
    if isinstance(kind, dict) and "*" not in kind:
        return value is None
    if isinstance(kind, (dict, list)):
        return not value or (kind is IPAM_OPTIONS and not form.dialect.ipam_options)
    if kind == "opt-out":
        return value is None or bool(value) == form.dialect.omits_true_host_path
    if kind == "words":
        return form.yaml and value is None
    return value is None if kind[-1] == "?" else not value and kind[-1] != "!"


def ordered(value: Any, key: Callable[[str], Any] | None) -> Any:
    """Return plain data with its mappings sorted, for what has no types: the "x-" keys."""
    if isinstance(value, dict):
        return {each: ordered(value[each], key) for each in sorted(value, key=key)}
    return [ordered(each, key) for each in value] if isinstance(value, list) else value


def _duration(nanoseconds: int, _form: Form) -> str:
    """Return a duration as Go writes it: "1m30s", "1h0m0s", "1.5s", "500ms"."""
    if not nanoseconds:
        return "0s"
    sign, nanoseconds = ("-" if nanoseconds < 0 else ""), abs(nanoseconds)
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if nanoseconds < size * 1000:
            return sign + _decimal(nanoseconds, size) + unit
    minutes, rest = divmod(nanoseconds, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return sign + text + _decimal(rest, 1_000_000_000) + "s"


def _decimal(number: int, size: int) -> str:
    whole, rest = divmod(number, size)
    return f"{whole}.{rest:0{len(str(size)) - 1}d}".rstrip("0") if rest else str(whole)


def _ulimit(value: Any, form: Form) -> Any:
    """Return a limit: one number, or both, which a reader of the file asks for even where they are 0."""
    if not isinstance(value, dict):
        value = {"soft": 0, "hard": 0} if value == 0 else value
    if not isinstance(value, dict):
        return value
    limits = {key: value.get(key, 0) for key in ("soft", "hard")}
    return {key: limit for key, limit in limits.items() if limit} if form.hashed else limits


_SCALARS: dict[str, Callable[[Any, Form], Any]] = {
    "bytes": lambda value, _form: str(value),
    "time": _duration,
    "octal": lambda value, _form: f"0{value:o}",
    "float": lambda value, _form: Single(value),
    "ulimit": _ulimit,
}
