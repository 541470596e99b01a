"""PyYAML, imported without what only its parser in Python uses: libyaml's is the one that reads.

It compiles a dozen expressions when it is imported, one of them over all of Unicode, and they take longer
than a small check's own work. Here they are compiled when somebody uses them.
"""

from __future__ import annotations

import re
import sys


class _Pattern:
    """A regular expression that is compiled when it is first used."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> object:
        value: object = getattr(re.compile(*self._given), name)
        setattr(self, name, value)
        return value


def import_yaml() -> None:
    """Import it, if nobody has: this is for a process of our own, before there are threads."""
    if "yaml" in sys.modules:
        return
    compiling = re.compile
    re.compile = _Pattern  # type: ignore[assignment]
    try:
        import yaml  # noqa: F401
    finally:
        re.compile = compiling
