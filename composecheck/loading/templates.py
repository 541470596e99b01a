"""What a `${` that opens no variable was meant to be: `${PORT:8000}` for `${PORT:-8000}`.

Imported only where there is one.
"""

from __future__ import annotations

import re

from composecheck.text.redact import is_secret

_NAME = "[_a-zA-Z][_a-zA-Z0-9]*"
# A default behind what Compose knows no operator by: `:`, or the shell's `=` and `:=`.
_DEFAULT = re.compile(rf"\$\{{({_NAME})(:=?|=)([^}}]*)\}}")
# How editors and pipelines write a variable of the environment.
_OF_OTHERS = re.compile(rf"\$\{{(?:env|localEnv)[:.]({_NAME})\}}", re.IGNORECASE)
_SPACED = re.compile(rf"\$\{{\s*({_NAME})\s*((?::?[-+?].*?)?)\s*\}}")
_OPEN = re.compile(rf"\$\{{({_NAME})")
# What only a shell does with a variable: `${NAME%.*}`, `${#NAME}`, `${NAME:0:5}`.
_OF_SHELLS = re.compile(rf"\$\{{(?:[#!]{_NAME}|{_NAME}(?:[%#/^,@\[].*|:\s*-?\d+:-?\d+))\}}")


def meant(template: str) -> str:
    """Return the variable that a template was meant to be, "" where nothing tells."""
    if found := _OF_OTHERS.fullmatch(template):
        return f"${{{found[1]}}}"
    if _OF_SHELLS.fullmatch(template):
        return ""
    if found := _SPACED.fullmatch(template):
        return f"${{{found[1]}{found[2]}}}"
    if found := _DEFAULT.fullmatch(template):
        operator = "-" if found[2] == "=" else ":-"
        return f"${{{found[1]}{operator}{found[3].lstrip()}}}" if found[3] else f"${{{found[1]}}}"
    if found := _OPEN.fullmatch(template):
        return f"{template}}}"
    return ""


def told(template: str, key: str = "") -> tuple[str, str]:
    """Return the fact that a template opens no variable, and its remedy.

    No default of a secret is shown, nor a part of one: `key` is what the value stands for.
    """
    if is_secret(key):
        return "a '${' in this value opens no variable", "write '$$' where a dollar sign is meant"
    if _OF_SHELLS.fullmatch(template):
        mend = f"write '${template}' where the container's shell is to work it out"
        return f"'{template}' opens no variable", f"{mend}: Compose knows defaults alone"
    wanted = meant(template)
    named = re.match(rf"\$\{{\s*({_NAME})", template)
    if named is not None and is_secret(named[1]) and not _OPEN.fullmatch(template):
        template, wanted = (re.sub(r"([:=]+-?).*", r"\1...}", each) for each in (template, wanted))
    if wanted:
        return f"'{template}' opens no variable", f"write '{wanted}', or '$$' where a dollar sign is meant"
    if not template.endswith("}"):
        return "a '${' in this value has no '}'", "close it, or write '$$' where a dollar sign is meant"
    return f"'{template}' opens no variable", "write '$$' where a dollar sign is meant"
