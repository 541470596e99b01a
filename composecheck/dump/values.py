"""Typed values as Compose writes them: in the YAML and the JSON of `config`, and in what it hashes."""

from __future__ import annotations

from typing import NamedTuple

from composecheck.dump.numbers import Single
from composecheck.dump.order import natural
from composecheck.model.attributes import EXTENSIONS, Held, Part
from composecheck.model.details import Ipam
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from composecheck.model.attributes import Kind
    from composecheck.model.details import Ulimit
    from composecheck.model.dialect import Dialect


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
    if isinstance(value, Part) and not isinstance(kind, str):
        return None if value.node.value is None else fields(type(value), value.items(), form)
    if isinstance(kind, list):
        return [plain(kind[0], each, form) for each in value]
    if isinstance(kind, dict):
        of = kind["*"]
        keys = sorted(value, key=natural) if form.yaml else sorted(value)
        return {key: plain(of, value[key], form) for key in keys}
    write = _SCALARS.get(kind.rstrip("?!"))
    return value if write is None else write(value, form)


def fields(part: type[Part], values: Iterable[tuple[str, Any]], form: Form) -> dict[str, Any]:
    """Return the typed values of a Part, or some in place of these, in the order in which they come."""
    written: dict[str, Any] = {}
    for word, value in values:
        if word == EXTENSIONS:
            written |= ordered(value, natural) if form.yaml else {}
            continue
        kind = part.KEYS[word].kind
        if _left_out(kind, value, form):
            continue
        inner = plain(kind, value, form)
        if form.yaml and not inner and isinstance(kind, Held):
            continue
        written[word.capitalize() if form.hashed and part.UNNAMED else word] = inner
    return written


def _left_out(kind: Kind, value: Any, form: Form) -> bool:
    """Whether a field is not written."""
    if isinstance(kind, dict | list):
        return not value or (kind is _IPAM_OPTIONS and not form.dialect.ipam_options)
    if not isinstance(kind, str):
        return value is None
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


def _duration(seconds: float, _form: Form) -> str:
    """Return a duration as Go writes it: "1m30s", "1h0m0s", "1.5s", "500ms"."""
    nanoseconds = round(seconds * 1e9)
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


def _ulimit(limit: Ulimit, form: Form) -> Any:
    """Return a limit: one number, or both, which a reader of the file asks for even where they are 0."""
    if limit.single and limit.soft:
        return limit.soft
    limits = {"soft": limit.soft, "hard": limit.hard}
    return {key: number for key, number in limits.items() if number} if form.hashed else limits


def host_entries(hosts: dict[str, tuple[str, ...]]) -> list[str]:
    """Return "host=address" entries, in the order in which Compose has them."""
    return sorted(
        f"{host}={address.removeprefix('[').removesuffix(']')}"
        for host, addresses in hosts.items()
        for address in addresses
    )


def _ssh(keys: dict[str, str | None], _form: Form) -> list[str]:
    """Return "id=path" entries, or "id" alone for the agent's."""
    return sorted(key if path is None else f"{key}={path}" for key, path in keys.items())


_IPAM_OPTIONS = Ipam.KEYS["options"].kind  # which not every generation keeps


_SCALARS: dict[str, Callable[[Any, Form], Any]] = {
    "bytes": lambda value, _form: str(value),
    "time": _duration,
    "octal": lambda value, _form: f"0{value:o}",
    "float": lambda value, _form: Single(value),
    "ulimit": _ulimit,
    "words": lambda value, _form: list(value),
    "hosts": lambda value, _form: host_entries(value),
    "ssh": _ssh,
}
