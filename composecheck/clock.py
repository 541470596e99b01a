"""Time: the machine's, or a virtual one that only moves when told to."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since an arbitrary moment, never going back."""

    def now(self) -> float:
        """Return the seconds."""
        ...


class SystemClock:
    """The machine's monotonic clock, from zero at its making."""

    __slots__ = ("_zero",)

    def __init__(self) -> None:
        self._zero = time.monotonic()

    def now(self) -> float:
        """Return the seconds since this clock was made."""
        return time.monotonic() - self._zero


class VirtualClock:
    """A clock that stands still until it is moved: the simulated engine's."""

    __slots__ = ("_now",)

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """Return the seconds of virtual time."""
        return self._now

    def advance_to(self, moment: float) -> None:
        """Move to a later moment; an earlier one changes nothing."""
        self._now = max(self._now, moment)
