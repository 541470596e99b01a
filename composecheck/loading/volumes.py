"""The short syntax of `volumes`: `source:target:options`."""

from __future__ import annotations

import posixpath

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_PROPAGATIONS = frozenset(("rprivate", "private", "rshared", "shared", "rslave", "slave"))


def parse_volume(text: str) -> dict[str, Any]:
    """Return the long form of a volume's short one; ValueError where it is none.

    A source that looks like a path makes it a bind mount, another one a volume. An unknown option
    is ignored, as Compose does.
    """
    if not text:
        raise ValueError("a volume is empty")
    if len(text) < 3:
        return {"type": "volume", "target": text}
    parts = split_volume(text)
    if not all(parts):
        raise ValueError(f"the volume '{text}' has an empty part between colons")
    if len(parts) > 3:
        raise ValueError(f"the volume '{text}' has too many colons")
    source, target = (parts[0], parts[1]) if len(parts) > 1 else (None, parts[0])
    volume: dict[str, Any] = {"type": "bind" if source and is_path(source) else "volume"}
    if source is not None:
        volume["source"] = source
    volume["target"] = clean(target)
    volume |= _options(parts[2] if len(parts) > 2 else "", volume["type"])
    return volume


def _options(text: str, kind: str) -> dict[str, Any]:
    bind: dict[str, Any] = {"create_host_path": True} if kind == "bind" else {}
    named: dict[str, Any] = {}
    read_only = False
    for option in text.split(","):
        if option in ("ro", "rw"):
            read_only = option == "ro"
        elif option == "nocopy":
            named["nocopy"] = True
        elif option in _PROPAGATIONS:
            bind["propagation"] = option
        elif option in ("z", "Z"):
            bind["selinux"] = option
    said = {"bind": bind} if bind else {}
    if named or kind == "volume":
        said["volume"] = named
    return {"read_only": True, **said} if read_only else said


def target_of(text: str) -> str | None:
    """Return where a short volume is mounted, None where it is not one."""
    try:
        target: str = parse_volume(text)["target"]
    except ValueError:
        return None
    return target


def split_volume(text: str) -> list[str]:
    """Return the parts between colons; a single letter before a colon is a Windows drive."""
    parts: list[str] = []
    drive = ""
    for part in colon_parts(text):
        if not drive and len(part) == 1 and part.isalpha():
            drive = f"{part}:"
            continue
        parts.append(drive + part)
        drive = ""
    return [*parts, drive[:-1]] if drive else parts


def colon_parts(text: str) -> list[str]:
    """Return the parts between colons, but those in a variable: `${A:-b}` is one part."""
    if "${" not in text:
        return text.split(":")
    parts = [""]
    depth = 0
    for at, character in enumerate(text):
        if text.startswith("${", at):
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        if character == ":" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def is_path(source: str) -> bool:
    """Whether a source is a path on the host rather than the name of a volume."""
    if source[0] in "./~" or source.startswith("\\\\"):
        return True
    return len(source) > 1 and source[0].isalpha() and source[1] == ":"


def clean(target: str) -> str:
    """Return a container's path without `.`, `..` and doubled slashes, as Go's path.Clean does."""
    cleaned = posixpath.normpath(target)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
