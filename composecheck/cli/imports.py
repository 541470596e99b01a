"""Modules of others, imported without the regular expressions that a check does not use.

PyYAML's parser and json's encoder in Python compile a dozen of them when they are imported, one over all of
Unicode, and they take longer than a small check's own work: it is libyaml's parser that reads. Here they are
compiled when somebody uses them; both modules do that by the methods of each.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_compile = re.compile


class _Pattern:
    """A regular expression that is compiled when it is first used."""

    def __init__(self, pattern: Any, flags: int = 0) -> None:
        self._given = (pattern, flags)

    def __getattr__(self, name: str) -> object:
        value: object = getattr(_compile(*self._given), name)
        setattr(self, name, value)
        return value


def import_bare(*names: str) -> None:
    """Import modules that nobody has imported: this is for a process of our own, before there are threads."""
    missing = [name for name in names if name not in sys.modules]
    if not missing:
        return
    re.compile = _Pattern  # type: ignore[assignment]
    try:
        for name in missing:
            import_module(name)
    finally:
        re.compile = _compile
