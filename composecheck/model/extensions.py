"""composecheck's own keys: `x-retry` and `x-readiness`, which their schemas have held to account.

Each key is known by Compose's word or by that of Kubernetes; a time is a Compose duration or a
number of seconds. A value that its schema has refused is as if it were not said.
"""

from __future__ import annotations

import re

from composecheck.model.probes import Probe, Retry
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from composecheck.text.node import Node


def read_retry(node: Node) -> Retry:
    """Return what an `x-retry` declares."""
    return Retry(node, **_read(node, _RETRY))


def read_probe(node: Node) -> Probe | None:
    """Return what an `x-readiness` declares, None where it does not declare one probe."""
    given = _read(node, _PROBE)
    if wrong_expression(node) is not None:
        return None
    return Probe(node, **given) if sum(kind in given for kind in _KINDS) == 1 else None


def wrong_expression(node: Node) -> tuple[Node, str] | None:
    """Return the `log` of an `x-readiness` that is no regular expression, and why; else None."""
    log = node.get("log")
    if log is None or not isinstance(log.value, str):
        return None
    try:
        re.compile(log.value)
    except re.error as error:
        return log, f"'{log.value}' is not a regular expression: {error}"
    return None


def _read(node: Node, table: dict[str, tuple[str, Callable[[Node], Any]]]) -> dict[str, Any]:
    given = {}
    for key, value in node.mapping.items():
        if key in table:
            field, read = table[key]
            what = read(value)
            if what is not None:
                given[field] = what
    return given


def _time(node: Node) -> float | None:
    value = node.value
    try:
        seconds = parse_duration(value) if isinstance(value, str) else _number(node)
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < float("inf") else None


def _number(node: Node) -> float | None:
    value = node.value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count(node: Node) -> int | None:
    value = node.value
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _text(node: Node) -> str | None:
    return node.value if isinstance(node.value, str) else None


def _exec(node: Node) -> tuple[str, ...] | None:
    """Return the words of a list, of a text for a shell, or of Kubernetes' `{command: [...]}`."""
    inner = node.get("command") or node
    if isinstance(inner.value, str):
        return ("/bin/sh", "-c", inner.value)
    return tuple(item.value for item in inner.items if isinstance(item.value, str)) or None


def _tcp(node: Node) -> tuple[int, ...] | None:
    port = node.get("port")
    number = _count(port) if port is not None else None
    return None if number is None else (number,)


def _http(node: Node) -> tuple[int, str] | None:
    port, path = _tcp(node), node.get("path")
    return None if port is None else (port[0], (_text(path) if path is not None else None) or "/")


_KINDS = ("exec", "tcp", "http", "log")
_RETRY: dict[str, tuple[str, Callable[[Node], Any]]] = {
    "attempts": ("attempts", _count),
    "wait": ("wait", _time),
    "backoff": ("backoff", _number),
    "max_wait": ("max_wait", _time),
    "jitter": ("jitter", _time),
    "max_time": ("max_time", _time),
}
_PROBE: dict[str, tuple[str, Callable[[Node], Any]]] = {
    "exec": ("exec", _exec),
    "tcpSocket": ("tcp", _tcp),
    "httpGet": ("http", _http),
    "log": ("log", _text),
    "period": ("period", _time),
    "periodSeconds": ("period", _time),
    "timeout": ("timeout", _time),
    "timeoutSeconds": ("timeout", _time),
    "initial_delay": ("initial_delay", _time),
    "initialDelaySeconds": ("initial_delay", _time),
    "failure_threshold": ("failure_threshold", _count),
    "failureThreshold": ("failure_threshold", _count),
}
