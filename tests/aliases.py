"""Aliases of types, which only a type checker has to see: tests read them where they are written."""

from __future__ import annotations

import inspect
import re


def values_of(module, alias):
    """Return the values of an alias such as `Severity = Literal["error", ...]`, in order."""
    written = re.search(
        rf"^ *{alias} = Literal\[(.*?)\]", inspect.getsource(module), re.MULTILINE | re.DOTALL
    )
    return re.findall(r'"([^"]*)"', written[1])
