"""What a start says to a person: how a wait ended, how readiness was seen, what is lacking."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.start.state import NOW
from composecheck.start.waiting import used_up
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from composecheck.event import Concluded
    from composecheck.start.goals import Settings, Wait
    from composecheck.start.state import State


def why(state: State, kind: Concluded, settings: Settings) -> str:
    """Return why something is concluded of a service."""
    match kind:
        case "released":
            return "; ".join([*map(_over, state.waits, state.targets, state.holds), *state.notes])
        case "ready":
            return _how(state, settings)
        case "completed":
            return "" if state.service.replicas else "it has no replicas: nothing to start or to wait for"
        case "failed":
            return state.fault or (state.doom.text if state.doom is not None else _used_up(state))
    return state.blocker


def lacking(state: State) -> str:
    """Return what is yet to be seen of a service."""
    if state.phase == "waiting":
        pending = [str(wait) for wait, moment in zip(state.waits, state.holds, strict=True) if moment != NOW]
        return "waits for " + ", ".join(pending) if pending else "its container has not been created"
    if state.doom is not None:
        return state.doom.text
    if state.began is None:
        return "its container has not started"
    if state.running + state.ended < state.service.replicas:
        return "it exits and is started again"
    return {
        "completion": "it runs, and has not completed",
        "readiness": "its x-readiness has not answered",
        "healthcheck": "its healthcheck has not said healthy",
        "ports": "its port has not answered",
        "running": "it has not run on for long enough",
    }[state.goal.kind]


def _how(state: State, settings: Settings) -> str:
    if state.goal.kind == "readiness":
        return "its x-readiness answered"
    if state.goal.kind == "healthcheck":
        return "its healthcheck says healthy"
    if state.goal.kind == "ports" and state.goal.probe is not None:
        ports = " or ".join(str(port) for port in state.goal.probe.tcp or ())
        if state.probed + state.ended == state.service.replicas:
            return f"port {ports} answered"
        within = "" if state.looked else f" within {format_duration(settings.soft_wait)}"
        return f"it runs; port {ports} did not answer{within}"
    return f"it ran on for {format_duration(settings.settle)}"


def _over(wait: Wait, target: State, moment: float) -> str:
    """Return how a wait came to its end."""
    if target.phase in ("failed", "blocked"):
        how = f"{target.phase}, and is not required"
    elif wait.kind == "nothing":
        how = "has no replicas"
    elif wait.kind == "never":
        how = f"is not required, and cannot be waited for: {wait.guard.reason}"
    elif wait.kind == "healthy":
        how = "is healthy"
    elif target.phase == "completed":
        how = "completed"
    elif wait.kind == "started":
        how = "started"
    elif target.is_ready or target.began is None:
        how = "is ready"
    elif target.old:
        how = "has run for longer than a start waits"
    else:
        how = f"was not ready after {format_duration(moment - target.began)}, started all the same"
    return f"'{target.service.name}' {how}"


def _used_up(state: State) -> str:
    _, wait = used_up(state)
    retry = (wait.dependency.retry or state.service.retry) if wait is not None else None
    if wait is None or wait.attempts is None or retry is None:
        return ""
    attempts = wait.attempts.late
    return (
        f"its x-retry ({retry.place}) is used up: '{wait.dependency.service}' was not ready after "
        f"{len(attempts)} attempts in {format_duration(attempts[-1])}"
    )
