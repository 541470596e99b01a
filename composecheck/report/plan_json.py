"""A plan as JSON: one object, its fields as `document` says.

Times are seconds after the containers exist; null is "unbounded": no file sets a limit.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from composecheck.plan import Bounds, Edge, Plan, Remark, Step
    from composecheck.source import Span

SCHEMA_VERSION = 1


def text(plan: Plan) -> str:
    """Return the document, indented, ASCII only."""
    return json.dumps(document(plan), indent=2)


def document(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values.

    `services` stand in the order in which they start when all goes well; `total` is when the last
    one is ready; `critical_path` has the chain of services that this comes from, first to last,
    at best and at worst; `remarks` are what a reader should know, each with its place.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "project": plan.project,
        "soft_wait": plan.settings.soft_wait,
        "settle": plan.settings.settle,
        "total": _bounds(plan.total),
        "critical_path": {"best": list(plan.best), "worst": list(plan.worst)},
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
        "waits_for": [_edge(edge) for edge in step.edges],
    }


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
        **_place(dependency.node.place),
    }


def _remark(remark: Remark) -> dict[str, Any]:
    return {"service": remark.service, "message": remark.message, **_place(remark.span)}


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.source.path, "line": span.line, "column": span.column}


def _bounds(bounds: Bounds) -> dict[str, float | None]:
    return {"earliest": _seconds(bounds.earliest), "latest": _seconds(bounds.latest)}


def _seconds(moment: float) -> float | None:
    return None if moment == math.inf else round(moment, 6)
