"""The order of keys in YAML as Compose's library has it: numbers in names by their value."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_RUN = re.compile(r"[0-9]+|[^0-9]")


def natural(key: str) -> Any:
    """Return what sorts a key among others: web2 before web10, "_" before letters, digits between.

    After a number, letters come first.
    """
    parts: list[tuple[int, Any, int]] = []
    after_number = False
    for run in _RUN.findall(key):
        number = "0" <= run[0] <= "9"
        if number:
            parts.append((1, int(run) if len(run) < 4000 else 0, len(run)))
        elif run.isalpha():
            parts.append((-1 if after_number else 2, run, 0))
        else:
            parts.append((0, run, 0))
        after_number = number
    return parts
