"""Ctrl-C, SIGTERM and a closed terminal: the first cleans up, a second ends at once and says what is left."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from composecheck.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
INTERRUPTED = "interrupted; removing what this run created"


class Interrupted(BaseException):
    """The first signal; not an Exception, so that nothing on the way takes it for a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interrupts:
    """What SIGINT, SIGTERM and SIGHUP do while it is entered.

    The first one is raised as Interrupted where the main thread is, unless `ending()` says that
    things are being removed already: that is then finished. A second one prints what `left()`
    says and ends the process.
    """

    def __init__(
        self,
        left: Callable[[], list[str]],
        *,
        ending: Callable[[], bool] = lambda: False,
        text: str = INTERRUPTED,
    ) -> None:
        self._left = left
        self._ending = ending
        self._text = text
        self._first = True
        self._before: dict[int, object] = {}

    def __enter__(self) -> Interrupts:
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._first:
            self._first = False
            if self._ending():
                say("composecheck: interrupted while it cleans up, which goes on; once more ends it at once")
                return
            say(f"composecheck: {self._text}")
            raise Interrupted(number)
        left = self._left()
        if left:
            head = "composecheck: ended at once; still there, until the project's next `composecheck up`:"
            say("\n  ".join([head, *left]))
        os._exit(128 + number)
