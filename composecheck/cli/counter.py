"""A line on a terminal that counts what is done, and is gone when all of it is."""

from __future__ import annotations

import os
import shutil
from time import monotonic

from composecheck.named import TYPE_CHECKING
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from typing import TextIO

# A run that takes less says what it has to say by its end.
_SILENT = 1.0
_EVERY = 0.1
_ERASE = "\r\033[K"


class Counter:
    """Shows which of a number of projects is looked at, once a run has taken a second."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._on = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._next = monotonic() + _SILENT
        self._shown = False

    def __call__(self, done: int, path: str) -> None:
        """Show how many are done, and which is next."""
        if not self._on or (now := monotonic()) < self._next:
            return
        self._next, self._shown = now + _EVERY, True
        line = one_line(f"checking {done + 1} of {self._total}: {path}")
        self._write(f"{_ERASE}{line[: shutil.get_terminal_size().columns - 1]}")

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *_: object) -> None:
        """Erase the line."""
        if self._shown:
            self._write(_ERASE)

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
