"""A person's terminal, or what stands in for one, as a program in a container is connected to it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PIECE = 32 * 1024


class Terminal:
    """The streams of this process: `tty` where the program is to have a terminal, and this one is it."""

    def __init__(self, *, attached: bool = True, tty: bool = True) -> None:
        self.attached = attached
        self.tty = tty and attached and _is_terminal(0) and _is_terminal(1)
        self.reads = attached and _is_open(0)

    @contextmanager
    def raw(self) -> Iterator[None]:
        """Have each key go to the program as it is typed, Ctrl-C too, for as long as it runs."""
        if not self.tty:
            yield
            return
        import termios
        import tty

        before = termios.tcgetattr(0)
        try:
            tty.setraw(0)
            yield
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, before)

    def read(self) -> bytes:
        """Return what is typed, or piped here."""
        return os.read(0, _PIECE)

    def write(self, stream: int, data: bytes) -> None:
        """Write as it is: a program that a person runs owns the terminal."""
        with suppress(OSError):  # its reader has gone, which ends nothing
            while data:
                data = data[os.write(stream, data) :]

    def resized(self, resize: Callable[[int, int], object]) -> None:
        """Call `resize` now and whenever the terminal's size changes."""
        if not self.tty:
            return

        def tell(*_: object) -> None:
            size = os.get_terminal_size(1)
            resize(size.lines, size.columns)

        tell()
        signal.signal(signal.SIGWINCH, tell)


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return sys.stdin is not None
