"""A plan for programs: the contract is `schemas/plan.schema.json`."""

from __future__ import annotations

import math

from composecheck.named import TYPE_CHECKING
from composecheck.text.visible import one_line, to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from composecheck.plan import Bounds, Edge, Link, Plan, Remark, Step
    from composecheck.text.source import Span

SCHEMA_VERSION = 1


# What holds a name, or says something of one.
_TEXTS = frozenset(("project", "service", "reason", "message", "best", "worst"))


def render(plan: Plan, shown: Callable[[str], str] = one_line) -> str:
    """Return the plan as JSON; what has no limit is null.

    `shown` gives a name, or what is said of one, as it may be shown.
    """
    return to_json(_as_shown(_plan(plan), shown))


def _as_shown(data: Any, shown: Callable[[str], str]) -> Any:
    if isinstance(data, list):
        return [_as_shown(each, shown) for each in data]
    if not isinstance(data, dict):
        return data
    return {
        key: shown(each) if key in _TEXTS and isinstance(each, str) else _as_shown(each, shown)
        for key, each in data.items()
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "project": plan.project,
        "soft_wait": plan.settings.soft_wait,
        "settle": plan.settings.settle,
        "total": _bounds(plan.total),
        "critical_path": {"best": _path(plan.best), "worst": _path(plan.worst)},
        "services": [_step(step) for step in plan.steps],
        "remarks": [_remark(remark) for remark in plan.remarks],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "service": step.service.name,
        "replicas": step.service.replicas,
        "ready_when": step.goal,
        "starts": _bounds(step.starts),
        "ready": _bounds(step.ready),
        "fails": {"best": step.fails.best or None, "worst": step.fails.worst or None},
        "waits_for": [_edge(edge) for edge in step.edges],
    }


def _path(path: tuple[Link, ...]) -> list[dict[str, Any]]:
    return [{"service": link.service, "until": link.until, "at": _seconds(link.moment)} for link in path]


def _edge(edge: Edge) -> dict[str, Any]:
    dependency, guard = edge.wait.dependency, edge.guard
    return {
        "service": dependency.service,
        "condition": dependency.condition,
        "required": dependency.required,
        "implicit": dependency.implicit,
        "guard": {"verdict": guard.verdict, "by": guard.by, "reason": guard.reason, **_place(guard.span)},
        "until": edge.wait.kind,
        "at_most": _seconds(edge.wait.limit),
        **_place(dependency.key_place()),
    }


def _remark(remark: Remark) -> dict[str, Any]:
    return {"service": remark.service, "message": remark.message, **_place(remark.span)}


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.source.shown, "line": span.line, "column": span.column}


def _bounds(bounds: Bounds) -> dict[str, float | None]:
    return {"earliest": _seconds(bounds.earliest), "latest": _seconds(bounds.latest)}


def _seconds(moment: float) -> float | None:
    return None if moment == math.inf else round(moment, 6)
