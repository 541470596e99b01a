"""The engine's own events of one project's containers, without a gap."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from composecheck import identity
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import docker

_ACTIONS = ["start", "die", "health_status", "stop", "destroy", "kill", "oom", "pause", "unpause"]
# A stream that broke is opened again: at once, then after these waits; then the engine is gone.
_WAITS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)


class EventStream:
    """A daemon thread that hands on each event, from a moment of the engine's own clock on.

    A broken stream is opened again from the last event on, which the engine still has; `lost` is
    called when that fails for good.
    """

    def __init__(
        self,
        client: docker.APIClient,
        project: str,
        hear: Callable[[dict[str, Any]], None],
        lost: Callable[[Exception], None],
    ) -> None:
        self._client = client
        self._filters = {
            "type": "container",
            "label": f"{identity.PROJECT}={project}",
            "event": _ACTIONS,
        }
        self._hear = hear
        self._lost = lost
        self._since = _engine_time(client)
        self._closed = threading.Event()
        self._response: Any = None
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        if self._response is not None:
            self._response.close()

    def _listen(self) -> None:
        client: Any = self._client  # whose types know no moments finer than a second
        failures = 0
        while not self._closed.is_set():
            error: Exception
            try:
                self._response = client.events(since=self._since, filters=self._filters, decode=True)
                for event in self._response:
                    failures = 0
                    self._take(event)
                error = EOFError("the stream of events ended")
            except Exception as caught:  # whatever it is: somebody waits for what the engine says
                error = caught
            if self._closed.is_set():
                return
            if failures == len(_WAITS):
                self._lost(error)
                return
            self._closed.wait(_WAITS[failures])
            failures += 1

    def _take(self, event: dict[str, Any]) -> None:
        nanoseconds = int(event["timeNano"])
        # "since" includes the moment itself: what comes after is one nanosecond later.
        self._since = _stamp(nanoseconds + 1)
        if not self._closed.is_set():
            self._hear(event)


def _stamp(nanoseconds: int) -> str:
    return f"{nanoseconds // 1_000_000_000}.{nanoseconds % 1_000_000_000:09d}"


def _engine_time(client: docker.APIClient) -> str:
    """Return the engine's time now; its clock may differ from this machine's."""
    said = str(client.info().get("SystemTime") or "")
    try:
        return f"{datetime.fromisoformat(said).timestamp():.6f}"
    except ValueError:
        return _stamp(time.time_ns())
