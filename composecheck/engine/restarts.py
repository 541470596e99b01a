"""What an engine does by itself when a container has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.guards.restart import restart_policy

if TYPE_CHECKING:
    from composecheck.project import Service


def restarts_again(service: Service, exit_code: int, restarts: int) -> bool:
    """Return whether the restart policy starts a container again, after so many restarts."""
    policy = restart_policy(service)
    if policy.after_success or not policy.after_failure or not exit_code:
        return policy.after_success
    return service.max_retries is None or restarts < service.max_retries


def pause(lifetime: float, last: float) -> float:
    """Return how long the engine waits before the restart; `last` is the wait before, 0 for none.

    A tenth of a second, doubled each time up to a minute, and from the beginning after a life of
    more than ten seconds (moby, restartmanager).
    """
    return 0.1 if not last or lifetime > 10 else min(2 * last, 60.0)
