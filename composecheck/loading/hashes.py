"""Passwords, and their hashes, whose `$` are taken for variables."""

from __future__ import annotations

import re

# As crypt(5) writes them, each `$` perhaps doubled already, up to the first characters of the salt.
_D = r"\${1,2}"
_HASH = (
    rf"{_D}2[abxy]?{_D}\d\d{_D}[./A-Za-z0-9]"
    rf"|{_D}(?:apr1|[156]){_D}(?:rounds=\d+{_D})?[./A-Za-z0-9]{{1,16}}{_D}[./A-Za-z0-9]{{20}}"
    rf"|{_D}(?:y|gy|7){_D}[./A-Za-z0-9]+{_D}[./A-Za-z0-9]{{1,86}}{_D}[./A-Za-z0-9]{{20}}"
    rf"|{_D}(?:argon2(?:id?|d){_D}v=|scrypt{_D}ln=|pbkdf2(?:-\w+)?{_D}(?:i=)?\d)"
)
_END = r"[\s\"';:}]|\Z"
_LONGEST = 10_000
# What stands before a part of a password in its line: a key that says so, and the rest of the value.
_KEY = r"(?i)(?:pass|pwd|secret|token|api_?key)\w{0,20}[\"']?\s?[=:]\s?[\"']?[^\s,\"']{0,200}\Z"
_WITHIN = frozenset("!#%^&*._-+~")


def is_of_hash(text: str, variable: str) -> bool:
    """Return whether what looks like a variable in a text is a part of a hash."""
    for found in re.finditer(_HASH, text[:_LONGEST]):
        end = re.compile(_END).search(text, found.end())
        if f"${variable}" in text[found.start() : end.start() if end is not None else None]:
            return True
    return False


def is_of_password(before: str, text: str, variable: str) -> bool:
    """Return whether what looks like a variable stands amid a text that a key calls a password.

    `before` is what its line has before it. Variables are in capitals, as a rule, and passwords are not.
    """
    at = text.find(f"${variable}")
    if at < 1 or variable == variable.upper() or not (text[at - 1].isalnum() or text[at - 1] in _WITHIN):
        return False
    return re.search(_KEY, before[-_LONGEST:]) is not None
