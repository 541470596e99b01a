"""When a wait is over: what a dependent makes of the state of its dependency."""

from __future__ import annotations

import math

from composecheck.named import TYPE_CHECKING
from composecheck.start.state import NOW, Prospect

if TYPE_CHECKING:
    from composecheck.start.goals import Settings, Wait
    from composecheck.start.state import State


def holds(wait: Wait, target: State, settings: Settings) -> float:
    """Return the moment at which a wait is over, infinity while nothing says when."""
    if wait.kind == "nothing":
        return NOW
    if target.phase in ("failed", "blocked") or wait.kind == "never":
        over = not wait.dependency.required
    elif wait.kind == "healthy":
        over = target.all_healthy
    elif wait.kind == "completed":
        over = target.phase == "completed"
    elif wait.kind == "started":
        over = target.began is not None
    elif wait.attempts is not None:
        return _attempt(wait, target, latest=settings.bound == "latest")
    elif target.began is not None and not target.is_ready:
        return math.inf if target.is_looked_at else target.began + wait.limit
    else:
        over = target.is_ready
    return NOW if over else math.inf


def _attempt(wait: Wait, target: State, *, latest: bool) -> float:
    """Return the moment of the attempt of an x-retry that finds the dependency ready."""
    if wait.attempts is None or target.began is None:
        return math.inf
    moment = math.inf
    if target.is_ready:
        needed = target.ready_at - target.began
        moment = wait.attempts.first_from(needed, latest=latest)
    if moment == math.inf and not wait.dependency.required:
        moment = wait.attempts.late[-1]
    return target.began + moment


def release(state: State) -> Prospect | None:
    """Return when a service that waits is to be started, or given up."""
    if state.blocker:
        return Prospect(NOW, "blocked")
    if not state.service.replicas:
        return Prospect(NOW, "completed")
    if not state.missing:
        return Prospect(max(state.holds, default=NOW), "released")
    end = used_up(state)[0] if state.retries else math.inf
    return Prospect(end, "failed") if end < math.inf else None


def used_up(state: State) -> tuple[float, Wait | None]:
    """Return when the first x-retry of a service is used up, infinity where none will be."""
    first, which = math.inf, None
    for wait, target, moment in zip(state.waits, state.targets, state.holds, strict=True):
        if wait.attempts is None or moment != math.inf or target.began is None:
            continue
        end = target.began + wait.attempts.late[-1]
        if end < first:
            first, which = end, wait
    return first, which


def forgiven(state: State) -> bool:
    """Return whether a crash is owed to a dependency that has started and is not ready yet.

    That is what a restart policy as a retry plan looks like, and no crash loop.
    """
    return any(not target.is_ready and not target.is_over for target in state.targets)
