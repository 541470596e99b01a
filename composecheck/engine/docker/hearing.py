"""What the engine says of a start's containers, as Events."""

from __future__ import annotations

import signal

from docker.errors import DockerException
from requests import RequestException

from composecheck.engine.moby.connection import SILENT, said
from composecheck.engine.moby.trouble import absent_program
from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import docker

    from composecheck.engine.docker.containers import Containers
    from composecheck.engine.moby.inbox import Inbox
    from composecheck.engine.moby.marker import Marker
    from composecheck.event import Kind

# What somebody else does to a container, by the engine's word for it, and ours.
_BY_HAND: dict[str, Kind] = {
    "stop": "stopped",
    "destroy": "removed",
    "pause": "paused",
    "unpause": "resumed",
}


class Hearing:
    """Puts what the engine's stream says of some containers into an Inbox."""

    def __init__(
        self,
        client: docker.APIClient,
        run: Marker | None,
        containers: Containers,
        inbox: Inbox,
        *,
        stopped: set[str],
    ) -> None:
        """Take containers that the run itself has `stopped`, until they start again, for silent."""
        self._stopped = stopped
        self._client = client
        self._run = run
        self._containers = containers
        self._inbox = inbox
        self._short_of_memory = set[str]()

    def hear(self, event: dict[str, Any]) -> None:
        """Take in one event of the engine."""
        container = event["Actor"]["ID"]  # the shorter "id" is gone since API 1.52
        key = self._containers.key(container)
        if key is None:
            return
        action, _, detail = str(event["Action"]).partition(": ")
        attributes = event["Actor"]["Attributes"]
        # None of these is our own doing: at its end a run has stopped listening before it stops anything.
        if container in self._stopped and action != "start":
            return
        self._stopped.discard(container)
        if action == "start":
            if self._run is not None:
                self._run.has_started(container, int(event["timeNano"]) / 1e9)
            self._inbox.put(*key, "started")
        elif action in _BY_HAND:
            self._inbox.put(*key, _BY_HAND[action])
        elif action == "kill":
            self._inbox.put(*key, "signalled", _signal(attributes.get("signal", "")))
        elif action == "oom":
            self._short_of_memory.add(container)
        elif action == "health_status" and detail == "healthy":
            self._inbox.put(*key, "healthy")
        elif action == "health_status" and detail == "unhealthy":
            self._inbox.put(*key, "unhealthy", self._of_health(container))
        elif action == "die":
            code = int(attributes.get("exitCode") or 0)
            self._inbox.put(*key, "exited", self._why(container, code), exit_code=code)

    def lost(self, error: Exception) -> None:
        """Take in that the engine says nothing any more."""
        why = said(error).removeprefix(f"{SILENT}: ")
        self._inbox.fail(EngineError(f"the engine no longer answers: {why}"))

    def _why(self, container: str, code: int) -> str:
        """Return "out of memory" where the kernel ended it so."""
        if code != 137:
            return ""
        if container in self._short_of_memory:
            self._short_of_memory.discard(container)
            return "out of memory"
        try:
            killed = self._client.inspect_container(container)["State"].get("OOMKilled")
        except (DockerException, RequestException):
            return ""
        return "out of memory" if killed else ""

    def _of_health(self, container: str) -> str:
        """Return why a healthcheck can never succeed, where its last run says so."""
        try:
            return absent_program(self._client.inspect_container(container))
        except (DockerException, RequestException):
            return ""


def _signal(number: str) -> str:
    """Return a signal's name, as far as it has one."""
    try:
        return signal.Signals(int(number)).name
    except ValueError:
        return f"signal {number}"
