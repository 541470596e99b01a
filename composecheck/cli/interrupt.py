"""Ctrl-C and SIGTERM: the first one cleans up, a second one ends at once and says what is left."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


class Interrupted(BaseException):
    """The first signal; not an Exception, so that nothing on the way takes it for a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interrupts:
    """What SIGINT and SIGTERM do while it is entered.

    The first one is raised as Interrupted where the main thread is; a second one prints what
    `left()` says and ends the process.
    """

    def __init__(self, left: Callable[[], list[str]], *, keep: bool = False) -> None:
        self._left = left
        self._keep = keep
        self._first = True
        self._before: dict[int, object] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._first:
            self._first = False
            what = "leaving what this run created" if self._keep else "removing what this run created"
            print(f"composecheck: interrupted; {what}", file=sys.stderr, flush=True)
            raise Interrupted(number)
        left = self._left()
        if left:
            print("composecheck: ended at once; still there (the next `composecheck up` removes them):",
                  *left, sep="\n  ", file=sys.stderr, flush=True)  # fmt: skip
        os._exit(128 + number)
