"""Compose's config hash: what tells an unchanged container, network or volume from a changed one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from composecheck.identity.typed import NETWORK, SERVICE, VOLUME, Kind, read, service_values, single

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from composecheck.project import Network, Service, Volume

# Mappings that Compose's types hold by value: written even where nothing is said.
_ALWAYS = {"resources": "{}", "placement": "{}", "ipam": "{}", "exec": '{"command":null}'}


def service_hash(service: Service, container_of: Callable[[str], str]) -> str:
    """Return a service's hash; `container_of` gives the id that stands for a "service:x" in it.

    What may change without making the container another one is not in it: build, pull_policy,
    scale, depends_on and profiles are not in the table at all, replicas go here.
    """
    values = service_values(service)
    if values.get("deploy"):
        values["deploy"] = {key: value for key, value in values["deploy"].items() if key != "replicas"}
    for key in ("network_mode", "ipc", "pid"):
        kind, _, name = (values.get(key) or "").partition(":")
        if kind == "service":
            values[key] = f"container:{container_of(name)}"
    shared = [entry.split(":") for entry in values.get("volumes_from", ())]
    values["volumes_from"] = [part[1] if part[0] == "container" else container_of(part[0]) for part in shared]
    return _digest(SERVICE, values)


def network_hash(network: Network) -> str:
    """Return a network's hash."""
    values = read(NETWORK, network.node.plain() or {})
    return _digest(NETWORK, {"ipam": {}, **values, "name": network.name})


def volume_hash(volume: Volume) -> str:
    """Return a volume's hash; an absent driver counts as "local"."""
    values = read(VOLUME, volume.node.plain() or {})
    return _digest(VOLUME, {**values, "name": volume.name, "driver": values.get("driver") or "local"})


def _digest(table: Kind, values: Any) -> str:
    return hashlib.sha256(encode(table, values).encode()).hexdigest()


def encode(kind: Kind, value: Any) -> str:
    """Return a typed value as Compose writes it to JSON; "" for what it leaves out."""
    if isinstance(kind, list):
        texts = [encode(kind[0], each) or _zero(kind[0]) for each in value or ()]
        return f"[{','.join(texts)}]" if texts else ""
    if isinstance(kind, dict) and "*" in kind:
        of = kind["*"]
        return _object((key, encode(of, value[key]) or _zero(of)) for key in sorted(value)) if value else ""
    if isinstance(kind, dict):
        return "" if value is None else _object(_fields(kind, value))
    kept, name = kind.endswith("?"), kind.rstrip("?")
    if value is None:
        return "null" if kind in {"list?", "text?"} else ""
    if not value and not kept:
        return ""
    written: str = _SCALARS[name](value)
    return written


def _fields(table: Mapping[str, Kind], values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key, kind in table.items():
        text = encode(kind, values[key]) if key in values else ""
        yield key, text or _ALWAYS.get(key, "")


def _object(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{_quoted(key)}:{text}" for key, text in pairs if text) + "}"


def _zero(kind: Kind) -> str:
    """Return how an empty value is written where it cannot be left out."""
    if isinstance(kind, (dict, list)):
        return "null"
    return '""' if kind.startswith("text") else "0"


def _quoted(text: Any) -> str:
    escaped = json.dumps(str(text), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        escaped = escaped.replace(character, f"\\u{ord(character):04x}")
    return escaped


def _duration(nanoseconds: int) -> str:
    """Return a duration as Go writes it: "1m30s", "1h0m0s", "1.5s", "500ms"."""
    if not nanoseconds:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if abs(nanoseconds) < size * 1000:
            return _decimal(nanoseconds / size) + unit
    minutes, rest = divmod(nanoseconds, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return text + _decimal(rest / 1e9) + "s"


def _decimal(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _ulimit(value: Any) -> str:
    if isinstance(value, dict):
        return _object((key, str(value[key])) for key in ("soft", "hard") if value.get(key))
    return str(value)


_SCALARS: dict[str, Any] = {
    "text": _quoted,
    "bool": lambda value: "true" if value else "false",
    "int": str,
    "count": str,
    "float": single,
    "bytes": lambda value: f'"{value}"',
    "time": lambda value: _quoted(_duration(value)),
    "octal": lambda value: f'"0{value:o}"',
    "list": lambda value: "[" + ",".join(_quoted(each) for each in value) + "]",
    "hosts": lambda value: "[" + ",".join(_quoted(each) for each in value) + "]",
    "ulimit": _ulimit,
}
