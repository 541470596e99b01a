"""Durations, sizes and ranges of ports as Compose writes them, and as people read them."""

from __future__ import annotations

import re

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
# Compose's str2duration adds days and weeks to Go's units.
_SECONDS |= {"d": 86400.0, "w": 604800.0}
# `re` compiles them for the first duration of several parts, and the first size.
_PART = r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)"
_SIZE = r"(?ai)([-+]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[-+]?\d+)?) ?([kmgtp])?(i?b)?"
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def parse_duration(text: str) -> float:
    """Return the seconds of a duration such as "1m30s" or "500ms"; ValueError where it is none."""
    rest = text.strip()
    sign = 1.0
    if rest[:1] in "+-" and rest:
        sign, rest = (-1.0 if rest[0] == "-" else 1.0), rest[1:]
    if rest == "0":
        return 0.0
    if rest[:-1].isdecimal() and rest[-1] in _SECONDS:  # as most are
        return sign * round(float(rest[:-1]) * _SECONDS[rest[-1]], 9)
    total, at = 0.0, 0
    for part in re.finditer(_PART, rest):
        if part.start() != at:
            break
        total, at = total + float(part[1]) * _SECONDS[part[2]], part.end()
    if not rest or at != len(rest):
        raise ValueError(f"{text!r} is not a duration such as '30s' or '1m30s'")
    return sign * round(total, 9)


def format_duration(seconds: float) -> str:
    """Return seconds as people write them: "0.35s", "12.5s", "1m30s", "unbounded" for infinity."""
    if seconds == float("inf"):
        return "unbounded"
    if seconds < 60:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + "s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "") + (f"{rest}s" if rest else "")


def parse_size(text: str) -> int:
    """Return the bytes of a size such as "64m" or "1.5gb" (powers of 1024); ValueError else."""
    match = re.fullmatch(_SIZE, text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a size such as '512k' or '64m'")
    size = float(match[1]) * 1024 ** _POWERS[(match[2] or "").lower()]
    if abs(size) == float("inf"):
        raise ValueError(f"{text!r} is too large a size")
    return int(size)


def parse_range(text: str, what: str = "port") -> tuple[int, int]:
    """Return the first and the last port of `80` or `8000-8010`; ValueError else."""
    ends = text.split("-", 1)
    if not all(end.isascii() and end.isdecimal() and len(end) < 10 for end in ends):
        raise ValueError(f"'{text}' is no {what}")
    first, last = int(ends[0]), int(ends[-1])
    if last > 65535 or first > 65535:
        raise ValueError(f"the {what} '{text}' is above 65535")
    if last < first:
        raise ValueError(f"the {what} range '{text}' ends before it starts")
    return first, last


def ports_in(text: str) -> range | None:
    """Return the ports of `80` or `8000-8010`; None where it cannot be read."""
    try:
        first, last = parse_range(text)
    except ValueError:
        return None
    return range(first, last + 1)
