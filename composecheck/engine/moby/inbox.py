"""The Events of one start, in the order in which they came."""

from __future__ import annotations

import queue
import threading

from composecheck.event import Event
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.clock import Clock
    from composecheck.event import Kind


class Inbox:
    """Events from any number of threads for one that waits for them; their times never go back."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._queue: queue.Queue[Event | Exception] = queue.Queue()
        self._stamping = threading.Lock()

    def put(
        self,
        service: str,
        replica: int,
        kind: Kind,
        text: str = "",
        *,
        exit_code: int | None = None,
        age: float = 0.0,
    ) -> None:
        """Put in what happens to a replica now."""
        with self._stamping:
            self._queue.put(Event(self.clock.now(), service, kind, replica, exit_code, text, age))

    def fail(self, error: Exception) -> None:
        """Have an error raised where somebody sees it."""
        self._queue.put(error)

    def next(self, until: float | None) -> Event | None:
        """Return the next Event, None once the clock reaches `until`; raises what `fail` was given."""
        try:
            timeout = None if until is None else max(0.0, until - self.clock.now())
            event = self._queue.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(event, Exception):
            raise event
        return event
