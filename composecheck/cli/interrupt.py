"""Ctrl-C, SIGTERM and a closed terminal: the first cleans up, a later one ends at once."""

from __future__ import annotations

import os
import signal
import time

from composecheck.cli.output import say, show_cursor
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
# Two signals this close are one: GNU timeout signals its child, and then the child's group.
_ONE = 0.5


class Interrupted(BaseException):
    """The first signal; not an Exception, so that nothing on the way takes it for a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interrupts:
    """What SIGINT, SIGTERM and SIGHUP do while it is entered.

    The first one is raised as Interrupted where the main thread is, with what `text(left())` says, unless
    `ending()` says that things are being removed already: that is then finished. A later one prints what
    `left()` says and ends the process. One that was ignored before stays ignored, as `nohup` and a
    shell's background jobs have it.
    """

    def __init__(
        self,
        left: Callable[[], list[str]],
        *,
        ending: Callable[[], bool] = lambda: False,
        text: Callable[[list[str]], str] = lambda _left: "interrupted",
    ) -> None:
        self._left = left
        self._ending = ending
        self._text = text
        self._first: float | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> Interrupts:
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._first is not None:
            return  # the process is about to end, and the second one of two may be still to come
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
            if self._ending():
                say("composecheck: interrupted while it cleans up, which goes on; once more ends it at once")
                return
            say(f"composecheck: {self._text(self._left())}")
            raise Interrupted(number)
        if now - self._first < _ONE:
            return
        left = self._left()
        if left:
            head = "composecheck: ended at once; still there, until the next `composecheck up` sees to it:"
            say("\n  ".join([head, *left]))
        show_cursor()
        os._exit(128 + number)
