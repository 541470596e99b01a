"""What Docker Compose drops of a command that is one text: all from the first operator of a shell's on."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from composecheck.model.project import Service

_OPERATOR = r"&&|\|\|?|;|&|[<>]+&?"
# Operators that run another command; the program before a redirection runs without it, too.
FURTHER = frozenset(("&&", "||", "|", ";"))


class Cut(NamedTuple):
    """A text that ends too early: at an operator, which may stand `within` a word."""

    text: str
    operator: str
    dropped: str
    within: bool


def cut(service: Service, key: str) -> Cut | None:
    """Return how a service's `command` or `entrypoint` is cut, None where it is not, or is a list."""
    if not service.says(key) or not any(mark in service.place(key).text for mark in "&|;<>*"):
        return None
    text = _value(service.text(key))
    if text is None:
        return None
    from composecheck.loading.words import command_end

    try:
        end = command_end(text)
    except ValueError:
        return None
    found = re.match(_OPERATOR, text[end:])
    if found is None or not text[end:].strip(" \t\r\n;&|<>"):
        return None
    before, behind = text[:end].split(" ")[-1], text[end + found.end() :][:1]
    number = found[0][0] in "<>" and before.isdecimal()  # of what is redirected
    within = (
        bool(before.strip()) and not number and not found[0].endswith("&&") and behind not in ("", " ", "/")
    )
    return Cut(text, found[0], text[end:].strip(), within)


def is_cut(service: Service) -> bool:
    """Return whether Compose drops a part of what a service is to run."""
    found = (cut(service, "entrypoint"), cut(service, "command"))
    return any(each is not None and each.operator in FURTHER for each in found)


def _value(written: str) -> str | None:
    """Return the text that is written, None where it is no text."""
    import yaml

    try:
        value = yaml.safe_load(written)
    except yaml.YAMLError:
        return None
    return value if isinstance(value, str) else None
