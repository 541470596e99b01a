"""A plan as a table for a person."""

from __future__ import annotations

import math

from composecheck.named import TYPE_CHECKING
from composecheck.plan import Bounds
from composecheck.text.units import format_duration
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from composecheck.plan import Edge, Fails, Link, Plan, Step

_GOALS = {
    "completion": "ends with 0",
    "readiness": "x-readiness",
    "healthcheck": "healthcheck",
    "running": "runs on",
    "ports": "port answers",
    "image": "image tells",
    "provider": "provider",
}
_UNTIL = {"ready": "", "started": "started", "unready": "not ready", "never": "never"}
_HEADS = ("", "service", "starts", "ready", "ready when", "waits for")


def render(plan: Plan, shown: Callable[[str], str] = one_line) -> str:
    """Return what it comes to, the order with all times, the critical path, and the remarks.

    `shown` gives a name, or what is said of one, as it may be shown.
    """
    return "\n".join(_lines(plan, shown))


def _lines(plan: Plan, shown: Callable[[str], str]) -> Iterator[str]:
    count = f"{len(plan.steps)} service" + ("s" if len(plan.steps) != 1 else "")
    yield f"project '{shown(plan.project)}': {count}, {_when(plan, shown)}"
    if not plan.steps:
        return
    yield ""
    yield from _table(plan.steps, shown)
    yield ""
    yield "critical path"
    if [link[:2] for link in plan.best] == [link[:2] for link in plan.worst]:
        yield "  " + _path(plan.best, plan.worst, shown)
    else:
        yield "  at best   " + _path(plan.best, plan.best, shown)
        yield "  at worst  " + _path(plan.worst, plan.worst, shown)
    if plan.remarks:
        yield ""
        yield "remarks"
        for remark in plan.remarks:
            yield f"  {one_line(str(remark.span))}: {shown(remark.service)}: {shown(remark.message)}"
    yield ""
    yield "Times are from the moment the containers exist, at best .. at worst. What the machine needs"
    yield "to pull, build and start comes on top; unbounded is what no file sets a limit to."


def _when(plan: Plan, shown: Callable[[str], str]) -> str:
    """Return when all services are ready, or which one keeps `up` from it."""
    best, worst = (format_duration(moment) for moment in plan.total)
    for path in (plan.best, plan.worst):
        if path and path[-1].until == "never":
            never = f"up fails, for '{shown(path[-1].service)}' is never ready"
            return never if path is plan.best else f"ready in {best} at best; at worst {never}"
    if plan.total.earliest == math.inf:
        return "and no bound on when they are ready"
    return f"ready in {best} at best, {worst} at worst"


def _table(steps: Sequence[Step], shown: Callable[[str], str]) -> Iterator[str]:
    rows = [_HEADS]
    for number, step in enumerate(steps, 1):
        waits = [_edge(edge, shown) for edge in step.edges] or ["-"]
        goal = _GOALS[step.goal] if step.service.replicas else "no replicas"
        starts = "at once" if step.starts == (0.0, 0.0) else _bounds(step.starts, step.fails)
        ready = _bounds(step.ready, step.fails)
        rows.append((str(number), shown(step.service.name), starts, ready, goal, waits[0]))
        rows += [("", "", "", "", "", wait) for wait in waits[1:]]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [f"{row[0]:>{widths[0]}}"]
        cells += [f"{cell:{width}}" for cell, width in zip(row[1:5], widths[1:], strict=True)]
        yield ("  " + "  ".join([*cells, row[5]])).rstrip()


def _bounds(bounds: Bounds, fails: Fails) -> str:
    """Return a time's bounds: "never" is not "unbounded"."""
    if bounds.earliest == math.inf:
        return "never" if fails.best else "unbounded"
    if bounds.latest == math.inf and fails.worst:
        return f"{format_duration(bounds.earliest)} .. never"
    return str(bounds)


def _edge(edge: Edge, shown: Callable[[str], str]) -> str:
    """Return one dependency and its guard in a few words."""
    name, by = shown(edge.wait.dependency.service), edge.guard.by
    words = {
        "healthy": "healthy" if edge.guard.verdict == "holds" else "healthy, if its image can be",
        "completed": "completed",
        "attempts": "x-retry",
        "soft": f"{by or 'no guard'}: ready, or {format_duration(edge.wait.limit)}",
        "started": "started" if by is None else f"started, {by}",
        "never": "can never hold",
        "nothing": "not waited for",
    }
    optional = "" if edge.wait.dependency.required else ", not required"
    return f"{name} ({words[edge.wait.kind]}{optional})"


def _path(path: Sequence[Link], latest: Sequence[Link], shown: Callable[[str], str]) -> str:
    """Return a chain of services, each with the moment at which the next one had waited for it."""
    return " -> ".join(
        f"{shown(link.service)} {_UNTIL[link.until]}".rstrip()
        + (f" {Bounds(link.moment, late.moment)}" if link.until != "never" else "")
        for link, late in zip(path, latest, strict=True)
    )
