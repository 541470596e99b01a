"""What happened to a service, and when."""

from __future__ import annotations

from typing import Literal, NamedTuple

# What an engine reports of one container:
#   created, started   it exists; its process runs, for `age` seconds already where it stood before
#   healthy, unhealthy what its healthcheck says now
#   probed             its x-readiness (or a port that its image exposes) answered
#   unanswered         its probe failed `failure_threshold` times; `text` says what was seen
#   exited             its process ended, with `exit_code`
#   refused            the engine could not create or start it; `text` says why
# and what somebody else does to it:
#   signalled          it was sent a signal, `text`
#   paused, resumed    it was paused, and goes on
#   stopped, removed   it was taken down
Observed = Literal[
    "created",
    "started",
    "healthy",
    "unhealthy",
    "probed",
    "unanswered",
    "exited",
    "refused",
    "signalled",
    "paused",
    "resumed",
    "stopped",
    "removed",
]
# What the start algorithm concludes for a whole service:
#   released  its guards hold, it is being started; `text` says which, and what was not waited for
#   ready     all replicas are ready; `text` says how that was seen
#   completed all replicas ended with 0
#   failed    it can no longer become ready; `text` says why
#   blocked   it will not be started; `text` says what failed and how it depends on that
Concluded = Literal["released", "ready", "completed", "failed", "blocked"]
Kind = Observed | Concluded


class Event(NamedTuple):
    """Something that happened to a service; `time` is seconds on the run's clock."""

    time: float
    service: str
    kind: Kind
    replica: int = 1
    exit_code: int | None = None
    text: str = ""
    age: float = 0.0
