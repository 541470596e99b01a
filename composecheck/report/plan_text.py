"""A plan as a table for a person."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from composecheck.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.plan import Bounds, Edge, Plan, Step

_GOALS = {
    "completion": "ends with 0",
    "readiness": "x-readiness",
    "healthcheck": "healthcheck",
    "running": "runs on",
    "ports": "port answers",
    "image": "image tells",
}
_HEADS = ("", "service", "starts", "ready", "ready when", "waits for")


def render(plan: Plan) -> str:
    """Return what it comes to, the order with all times, the critical path, and the remarks."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    count = f"{len(plan.steps)} service" + ("s" if len(plan.steps) != 1 else "")
    best, worst = (format_duration(moment) for moment in plan.total)
    when = f"ready in {best} at best, {worst} at worst"
    if plan.total[0] == math.inf:
        when = "and no bound on when they are ready"
    yield f"project '{plan.project}': {count}, {when}"
    if not plan.steps:
        return
    yield ""
    yield from _table(plan.steps)
    yield ""
    yield "critical path"
    steps = {step.service.name: step for step in plan.steps}
    if plan.best == plan.worst:
        yield "  " + _path(plan.best, steps, None)
    else:
        yield "  at best   " + _path(plan.best, steps, 0)
        yield "  at worst  " + _path(plan.worst, steps, 1)
    if plan.remarks:
        yield ""
        yield "remarks"
        for remark in plan.remarks:
            yield f"  {remark.span}: {remark.service}: {remark.message}"
    yield ""
    yield "Times are from the moment the containers exist, at best .. at worst. What the machine needs"
    yield "to pull, build and start comes on top; unbounded is what no file sets a limit to."


def _table(steps: Sequence[Step]) -> Iterator[str]:
    rows = [_HEADS]
    for number, step in enumerate(steps, 1):
        waits = [_edge(edge) for edge in step.edges] or ["-"]
        goal = _GOALS[step.goal] if step.service.replicas else "no replicas"
        starts = "at once" if step.starts == (0.0, 0.0) else _bounds(step.starts)
        rows.append((str(number), step.service.name, starts, _bounds(step.ready), goal, waits[0]))
        rows += [("", "", "", "", "", wait) for wait in waits[1:]]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [f"{row[0]:>{widths[0]}}"]
        cells += [f"{cell:{width}}" for cell, width in zip(row[1:5], widths[1:], strict=True)]
        yield ("  " + "  ".join([*cells, row[5]])).rstrip()


def _bounds(bounds: Bounds) -> str:
    if bounds.earliest == math.inf:
        return "unbounded"
    return str(bounds)


def _edge(edge: Edge) -> str:
    """Return one dependency and its guard in a few words."""
    name, by = edge.wait.dependency.service, edge.guard.by
    words = {
        "healthy": "healthy" if edge.guard.verdict == "holds" else "healthy, if its image can be",
        "completed": "completed",
        "attempts": "x-retry",
        "soft": f"{by or 'no guard'}: ready, or {format_duration(edge.wait.limit)}",
        "started": "started" if by is None else f"started, {by}",
        "never": "can never hold",
    }
    optional = "" if edge.wait.dependency.required else ", not required"
    return f"{name} ({words[edge.wait.kind]}{optional})"


def _path(names: Sequence[str], steps: dict[str, Step], bound: int | None) -> str:
    """Return a chain of services, each with the moment at which it is ready."""
    return " -> ".join(
        f"{name} {_bounds(steps[name].ready) if bound is None else format_duration(steps[name].ready[bound])}"
        for name in names
    )
