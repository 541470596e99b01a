"""composecheck's own keys: `x-retry` and `x-readiness`.

Each key is known by Compose's word or by that of Kubernetes; a time is a Compose duration or a
number of seconds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from composecheck.project import Probe, Retry
from composecheck.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from composecheck.loading.findings import Findings
    from composecheck.node import Node


class _Invalid(ValueError):
    """A value that is not what its key takes; the text says what would be."""


def read_retry(node: Node, service: str, findings: Findings) -> Retry | None:
    """Return what an `x-retry` declares, None where it is no mapping."""
    given = _read(node, "x-retry", _RETRY, service, findings)
    return None if given is None else Retry(node, **given)


def read_probe(node: Node, service: str, findings: Findings) -> Probe | None:
    """Return what an `x-readiness` declares, None where it declares no probe or several."""
    given = _read(node, "x-readiness", _PROBE, service, findings)
    if given is None:
        return None
    kinds = [key for key in ("exec", "tcp", "http", "log") if key in given]
    if len(kinds) != 1:
        # A kind that is given with a wrong value has been spoken of.
        if not any(key in node.mapping for key in ("exec", "tcpSocket", "httpGet", "log")):
            message = "'x-readiness' says nothing to probe"
            remedy = "give one of 'exec', 'tcpSocket', 'httpGet' and 'log'"
            findings.error("missing-key", message, node.place, remedy, service=service)
        elif len(kinds) > 1:
            message = "'x-readiness' gives more than one probe"
            findings.error("invalid-value", message, node.place, "keep one of them", service=service)
        return None
    return Probe(node, **given)


def _read(
    node: Node,
    name: str,
    table: dict[str, tuple[str, Callable[[Node], Any]]],
    service: str,
    findings: Findings,
) -> dict[str, Any] | None:
    if not isinstance(node.value, dict):
        findings.error(
            "invalid-type",
            f"'{name}' is not a mapping",
            node.span,
            f"give {', '.join(table)}",
            service=service,
        )
        return None
    given: dict[str, Any] = {}
    for key, value in node.value.items():
        if key not in table:
            message = f"'{name}' has no key '{key}'"
            remedy = f"use one of {', '.join(table)}"
            findings.error("unknown-key", message, value.place, remedy, service=service)
            continue
        field, read = table[key]
        try:
            given[field] = read(value)
        except _Invalid as error:
            rule = "invalid-type" if isinstance(value.value, dict | list) else "invalid-value"
            shown = "" if isinstance(value.value, dict | list) else f" '{value.value}'"
            message = f"'{name}.{key}'{shown} is not {error}"
            findings.error(rule, message, value.span, f"give {error}", service=service)
    return given


def _duration(node: Node) -> float:
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return float(value)
    try:
        seconds = parse_duration(value) if isinstance(value, str) else -1.0
    except ValueError:
        seconds = -1.0
    if seconds < 0:
        raise _Invalid("a duration such as '500ms' or '5s'")
    return seconds


def _period(node: Node) -> float:
    seconds = _duration(node)
    if seconds == 0:
        raise _Invalid("a duration above zero")
    return seconds


def _count(node: Node) -> int:
    if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 1:
        raise _Invalid("a whole number above zero")
    return node.value


def _factor(node: Node) -> float:
    if not isinstance(node.value, int | float) or isinstance(node.value, bool) or not 1 <= node.value < 1e6:
        raise _Invalid("a number of 1 or more")
    return float(node.value)


def _exec(node: Node) -> tuple[str, ...]:
    """Return the words of a list, of a text for a shell, or of Kubernetes' `{command: [...]}`."""
    inner = node.get("command") if isinstance(node.value, dict) else node
    if inner is not None and isinstance(inner.value, str) and inner.value:
        return ("/bin/sh", "-c", inner.value)
    words = (
        tuple(item.value for item in inner.items if isinstance(item.value, str)) if inner is not None else ()
    )
    if not words or inner is None or len(words) != len(inner.items):
        raise _Invalid("a command: a list of texts, or a text for a shell")
    return words


def _port(node: Node | None) -> int:
    value = node.value if node is not None else None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65536:
        raise _Invalid("a mapping with a 'port' from 1 to 65535")
    return value


def _tcp(node: Node) -> tuple[int, ...]:
    _only(node, "port")
    return (_port(node.get("port")),)


def _http(node: Node) -> tuple[int, str]:
    _only(node, "port", "path")
    path = node.get("path")
    text = path.value if path is not None else "/"
    if not isinstance(text, str) or not text.startswith("/"):
        raise _Invalid("a mapping with a 'path' that starts with '/'")
    return (_port(node.get("port")), text)


def _only(node: Node, *keys: str) -> None:
    if not isinstance(node.value, dict) or set(node.value) - set(keys):
        raise _Invalid(f"a mapping with {' and '.join(repr(key) for key in keys)} and nothing else")


def _expression(node: Node) -> str:
    try:
        if isinstance(node.value, str) and node.value and re.compile(node.value):
            return node.value
    except re.error:
        pass
    raise _Invalid("a regular expression")


_RETRY: dict[str, tuple[str, Callable[[Node], Any]]] = {
    "attempts": ("attempts", _count),
    "wait": ("wait", _duration),
    "backoff": ("backoff", _factor),
    "max_wait": ("max_wait", _duration),
    "jitter": ("jitter", _duration),
    "max_time": ("max_time", _period),
}
_PROBE: dict[str, tuple[str, Callable[[Node], Any]]] = {
    "exec": ("exec", _exec),
    "tcpSocket": ("tcp", _tcp),
    "httpGet": ("http", _http),
    "log": ("log", _expression),
    "period": ("period", _period),
    "periodSeconds": ("period", _period),
    "timeout": ("timeout", _period),
    "timeoutSeconds": ("timeout", _period),
    "initial_delay": ("initial_delay", _duration),
    "initialDelaySeconds": ("initial_delay", _duration),
    "failure_threshold": ("failure_threshold", _count),
    "failureThreshold": ("failure_threshold", _count),
}
