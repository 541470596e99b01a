"""A dump without its secrets: by the name of a key, by a value that is known, by the form of a text."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING
from composecheck.text.redact import MASK, is_secret, secret_ranges
from composecheck.text.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from composecheck.model.project import Project

_ASSIGNMENT = re.compile(r"([\w.\-]+)=.", re.DOTALL)


def masking(project: Project) -> Callable[[Any], Any]:
    """Return what takes a project's secrets out of plain data; nothing that is masked has a length."""
    secrets = Secrets(project)

    def each(key: str, value: Any, *, hidden: bool, extension: bool) -> Any:
        extension = extension or key.startswith("x-")
        secret = is_secret(key)
        # Below a key of Compose's own, a mapping's keys are names: of services, secrets, networks.
        inner = hidden or (secret and (extension or not isinstance(value, dict)))
        return walk(value, hidden=inner, extension=extension)

    def walk(value: Any, *, hidden: bool, extension: bool) -> Any:
        if isinstance(value, dict):
            return {key: each(key, one, hidden=hidden, extension=extension) for key, one in value.items()}
        if isinstance(value, list):
            return [
                walk(one, hidden=hidden or _follows_flag(value, at), extension=extension)
                for at, one in enumerate(value)
            ]
        if hidden and value not in (None, "") and not isinstance(value, bool):
            return MASK
        return _masked(value, secrets) if isinstance(value, str) else value

    return lambda values: walk(values, hidden=False, extension=False)


def _follows_flag(words: list[Any], at: int) -> bool:
    """Whether a word of a command is what a flag before it sets: "--password", "..."."""
    flag = words[at - 1] if at else None
    return (
        isinstance(flag, str)
        and flag.startswith("-")
        and is_secret(flag.lstrip("-"))
        and isinstance(words[at], str)
        and not words[at].startswith("-")
    )


def _masked(text: str, secrets: Secrets) -> str:
    assignment = _ASSIGNMENT.match(text)
    if assignment and is_secret(assignment[1]):
        return f"{assignment[1]}={MASK}"
    return "\n".join(_masked_line(line) for line in secrets.blot(text).split("\n"))


def _masked_line(line: str) -> str:
    for start, end in sorted(secret_ranges(line), reverse=True):
        line = line[:start] + MASK + line[end:]
    return line
