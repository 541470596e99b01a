"""Containers that stand, as a table for a person and as JSON (`schemas/containers.schema.json`)."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration
from composecheck.text.visible import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from composecheck.engine.protocol import Published, Status
    from composecheck.report.progress import Row

SCHEMA_VERSION = 1
_GOALS = {
    "completion": "ends with 0",
    "readiness": "x-readiness",
    "healthcheck": "healthcheck",
    "running": "runs on",
    "ports": "port answers",
}
_HEADS = ("container", "service", "ready when", "state", "since", "ports")
_WORDS = 100  # of a probe's output


def table(
    containers: Sequence[Status],
    goals: Mapping[str, str],
    shown: Callable[[str], str],
    now: float | None = None,
) -> str:
    """Return a line for each container, and below one that is not healthy what its probe said last."""
    moment = time.time() if now is None else now
    cells = [_HEADS, *(tuple(map(shown, _cells(each, goals, moment))) for each in containers)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADS) - 1)]
    lines: list[str] = []
    for row, each in zip(cells, (None, *containers), strict=True):
        padded = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*padded, row[-1]]).rstrip())
        if each is not None and each.runs and each.probe is not None and each.probe.exit_code:
            lines.append(f"  probe  exit {each.probe.exit_code}: {_cut(shown(each.probe.output))}")
    return "\n".join(lines)


def _cells(each: Status, goals: Mapping[str, str], now: float) -> tuple[str, ...]:
    goal = "-" if each.once else _GOALS.get(goals.get(each.service, ""), "-")
    since = format_duration(max(0.0, float(round(now - each.since)))) if each.since else "-"
    return each.name, each.service, goal, _state(each), since, ", ".join(_ports(each)) or "-"


def _state(each: Status) -> str:
    """Return a container's state with its health, or with how it ended."""
    if each.exit_code is not None:
        memory = ", out of memory" if each.out_of_memory else ""
        return f"{each.state} ({each.exit_code}{memory})"
    return f"{each.state} ({each.health})" if each.health else each.state


def _ports(each: Status) -> Iterable[str]:
    yield from (f"{at(port)} -> {port.port}/{port.protocol}" for port in each.ports)
    yield from each.unpublished if not each.ports else ()


def at(port: Published) -> str:
    """Return where a port is reached, as "host:port"."""
    return f"[{port.host}]:{port.number}" if ":" in port.host else f"{port.host}:{port.number}"


def _cut(text: str) -> str:
    return (text if len(text) <= _WORDS else text[:_WORDS] + " ...") or "(no output)"


def as_json(
    project: str, containers: Iterable[Status], goals: Mapping[str, str], shown: Callable[[str], str]
) -> str:
    """Return containers with all that is known of them."""
    return to_json(
        {
            "schema_version": SCHEMA_VERSION,
            "project": project,
            "containers": [_container(each, goals, shown) for each in containers],
        }
    )


def _container(each: Status, goals: Mapping[str, str], shown: Callable[[str], str]) -> dict[str, Any]:
    probe = each.probe
    return {
        "name": each.name,
        "id": each.id,
        "service": each.service,
        "number": None if each.once else each.number,
        "one_off": each.once,
        "image": each.image,
        "ready_when": None if each.once else goals.get(each.service),
        "state": each.state,
        "health": each.health or None,
        "probe": None if probe is None else {"exit_code": probe.exit_code, "output": shown(probe.output)},
        "exit_code": each.exit_code,
        "out_of_memory": each.out_of_memory,
        "restarts": each.restarts,
        "since": _moment(each.since),
        "created": _moment(each.made),
        "ports": [port_json(port) for port in each.ports],
    }


def port_json(port: Published) -> dict[str, Any]:
    """Return a published port."""
    return {"port": port.port, "protocol": port.protocol, "host": port.host, "published": port.number}


def _moment(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds") if seconds else None


def readiness(project: str, rows: Iterable[Row], total: float) -> str:
    """Return what a wait has come to, by service; seconds are since it began."""
    return to_json(
        {
            "schema_version": SCHEMA_VERSION,
            "project": project,
            "seconds": round(total, 3),
            "services": [
                {
                    "service": row.service,
                    "state": row.state,
                    "ready_after": None if row.ready is None else round(row.ready, 3),
                    "addresses": list(row.addresses),
                }
                for row in rows
            ],
        }
    )


def ended(project: str, codes: Mapping[str, int]) -> str:
    """Return with what containers have ended, by name."""
    return to_json({"schema_version": SCHEMA_VERSION, "project": project, "ended": dict(codes)})


def published(project: str, service: str, ports: Iterable[Published]) -> str:
    """Return where ports of a service are reached."""
    found = [port_json(port) for port in ports]
    return to_json({"schema_version": SCHEMA_VERSION, "project": project, "service": service, "ports": found})
