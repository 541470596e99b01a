"""What an engine remembers of what happened on it: its last 256 events."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    import docker

# What only somebody's hand does to a container, and in which words that is told.
_BY_HAND = {
    "attach": "was attached to",
    "archive-path": "was copied from",
    "commit": "was committed",
    "copy": "was copied from",
    "destroy": "was removed",
    "exec_create": "had a command run in it",
    "export": "was exported",
    "extract-to-dir": "was copied to",
    "kill": "was sent a signal",
    "pause": "was paused",
    "rename": "was renamed",
    "restart": "was restarted",
    "start": "was started",
    "stop": "was stopped",
    "unpause": "was let go on",
    "update": "was updated",
}
# What was under way when our own run ended amid a removal is over within so many seconds.
_OF_OUR_END = {"kill": 15.0, "stop": 15.0, "destroy": 15.0, "start": 1.0}


class Mount(NamedTuple):
    """A volume that a container was started with."""

    container: str
    moment: float


class Hand(NamedTuple):
    """What somebody has done to a container."""

    container: str
    text: str


class History:
    """The events since `end`, a moment of the engine's clock; `complete` where none of them is forgotten."""

    def __init__(self, client: docker.APIClient, end: float) -> None:
        self.end = end
        asking: Any = client  # whose types know no moments finer than a second
        asked, info = time.time(), client.info()
        _, most = ahead(asked, info, time.time())
        until = f"{time.time() + most:.6f}"
        self._events: list[dict[str, Any]] = list(asking.events(since="0", until=until, decode=True))
        self.complete = any(_moment(event) <= end for event in self._events)

    def mounts(self, volume: str) -> Iterator[Mount]:
        """Yield who was started with a volume, as far as is remembered."""
        for event in self._events:
            if (
                event.get("Type") == "volume"
                and event["Action"] == "mount"
                and event["Actor"]["ID"] == volume
            ):
                yield Mount(event["Actor"]["Attributes"].get("container", ""), _moment(event))

    def hands(self, containers: Mapping[str, dict[str, Any] | None], *, undone: bool) -> Iterator[Hand]:
        """Yield what somebody's hand has done to some containers since, the last thing first.

        The containers are as they are inspected, by id; None is one that is gone. `undone` says that our
        own run was removing them at its end.
        """
        said: list[Hand] = []
        ends: dict[str, str] = {}  # with which exit code each has ended by itself; "" is by a signal
        for event in self._events:
            container, action, detail = _parts(event)
            if container not in containers or _moment(event) <= self.end:
                continue
            name = event["Actor"]["Attributes"].get("name", "a container")
            if action == "kill":
                ends[container] = ""
            elif action == "die":
                ends.setdefault(container, event["Actor"]["Attributes"].get("exitCode", ""))
            found = containers[container]
            if action == "exec_create" and found is not None and detail == _probe(found):
                continue  # the engine's own
            if action == "start" and _restarts(found, ends.pop(container, "")):
                continue  # the engine's own, too
            within = _OF_OUR_END.get(action, 0.0) if undone else 0.0
            if action in _BY_HAND and _moment(event) > self.end + within:
                said.append(Hand(container, f"{name} {_BY_HAND[action]}"))
        yield from reversed(said)

    def visits(
        self, containers: Collection[str], networks: Collection[str], volumes: Collection[str]
    ) -> Iterator[str]:
        """Yield who has been on some containers' networks and volumes since, and where they were put."""
        starts = [(container, _moment(e)) for e in self._events for container in _started(e, containers)]
        for event in self._events:
            attributes, when = event["Actor"].get("Attributes") or {}, _moment(event)
            container, name = attributes.get("container"), attributes.get("name")
            what = (event.get("Type"), event["Action"])
            if when <= self.end or not container:
                continue
            own = container in containers
            if what == ("volume", "mount") and not own and event["Actor"]["ID"] in volumes:
                yield f"another container had volume '{event['Actor']['ID']}'"
            elif what == ("network", "connect") and not own and name in networks:
                yield f"another container was on network '{name}'"
            elif what == ("network", "connect") and own:
                started = any(c == container and 0 <= at - when < 5 for c, at in starts)
                if not started:  # which the engine does for what it starts
                    yield f"it was connected to network '{name}'"


def ahead(asked: float, info: dict[str, Any], answered: float) -> tuple[float, float]:
    """Return by how many seconds an engine's clock is ahead of this machine's, at least and at most.

    `info` is what it says of itself, asked for and answered at two moments of this machine. One that may
    be the same clock is.
    """
    there = moment(str(info.get("SystemTime") or ""))
    least, most = there - answered, there - asked
    return (0.0, 0.0) if not there or least <= 0 <= most else (least, most)


def moment(text: str) -> float:
    """Return one of the engine's times in seconds since the epoch; nothing, and the year 1, are 0."""
    try:
        return max(0.0, datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def _moment(event: dict[str, Any]) -> float:
    return int(event.get("timeNano") or 0) / 1e9


def _parts(event: dict[str, Any]) -> tuple[str, str, str]:
    """Return an event's container ("" where it is of something else), what happened to it, and details."""
    action, _, detail = str(event["Action"]).partition(":")
    return event["Actor"]["ID"] if event.get("Type") == "container" else "", action, detail.strip()


def _restarts(container: dict[str, Any] | None, exit_code: str) -> bool:
    """Return whether the engine itself starts a container again that has ended so; "" is by a signal."""
    policy = (((container or {}).get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name")
    return bool(exit_code) and (
        policy in ("always", "unless-stopped") or (policy == "on-failure" and exit_code != "0")
    )


def _started(event: dict[str, Any], containers: Collection[str]) -> list[str]:
    container, action, _ = _parts(event)
    return [container] if action == "start" and container in containers else []


def _probe(container: dict[str, Any]) -> str:
    """Return how the engine calls the healthcheck's command where it runs it (moby, daemon/health.go)."""
    kind, *rest = (container["Config"].get("Healthcheck") or {}).get("Test") or [""]
    if kind == "CMD-SHELL":
        rest = [*(container["Config"].get("Shell") or ("/bin/sh", "-c")), *rest]
    return " ".join(rest).strip()
