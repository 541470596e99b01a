"""The proof that fixes change what they promise and nothing else: two models, and two reports, compared."""

from __future__ import annotations

from collections import Counter

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from composecheck.findings.diagnostic import Diagnostic, Fix
    from composecheck.lint import Report
    from composecheck.model.project import Project

    Kind = tuple[str, str, str | None]
    _Path = tuple[str, ...]

_NOTHING = object()
_PROBE = ("test", "interval", "timeout", "start_period", "start_interval", "retries")


def objection(before: Report, after: Report, members: Sequence[tuple[int, Diagnostic, Fix]]) -> str:
    """Return what speaks against fixes of a project, "" where they do what they promise and no more."""
    if before.project is None or after.project is None:
        return "the project could not be read afterwards"
    promised: dict[_Path, object] = {}
    for _, _, fix in members:
        promised.update(fix.changes)
    reason = _otherwise(before.project, after.project, promised)
    if reason:
        return reason
    old, new = _findings(before), _findings(after)
    for kind, number in Counter(kind_of(diagnostic) for _, diagnostic, _ in members).items():
        if new[kind] > old[kind] - number:
            return "it would not mend the finding"
    worse = [kind for kind in _findings(after, "error", "warning") if new[kind] > old[kind]]
    return f"it would bring a finding: {worse[0][1]} [{worse[0][0]}]" if worse else ""


def _otherwise(before: Project, after: Project, promised: Mapping[_Path, object]) -> str:
    """Return what differs between two models besides what is promised, "" for nothing."""
    for field in ("name", "directory", "dialect"):
        if getattr(before, field) != getattr(after, field):
            return f"it would change the project's {field}"
    if before.services.keys() != after.services.keys() or before.disabled.keys() != after.disabled.keys():
        return "it would change which services there are"
    old, new = _model(before), _model(after)
    for path in _differences(old, new, ()):
        # What services share by an anchor often stands in an "x-" key, which Compose passes over.
        if path[0].startswith("x-"):
            continue
        if not any(path[: len(known)] == known for known in _above(path, promised)):
            return f"it would change '{'.'.join(path)}' as well"
    for path, value in promised.items():
        if not _same(_look_up(new, path), value):
            return f"it would not make '{'.'.join(path)}' what is meant"
    return ""


def _model(project: Project) -> dict[str, Any]:
    """Return a project's document, and what stands in other files than Compose's."""
    images = {}
    for name, service in project.services.items():
        image = project.builds.built(service.build) if service.build is not None else None
        if image is not None:
            probe = image.healthcheck
            test = None if probe is None else {key: getattr(probe, key) for key in _PROBE}
            images[name] = {**image._asdict(), "healthcheck": test, "instructions": None}
    return {**project.node.plain(), "environment": dict(project.environment), "images": images}


def _above(path: _Path, promised: Mapping[_Path, object]) -> Iterator[_Path]:
    """Yield the promised paths at or above a path."""
    for length in range(1, len(path) + 1):
        if path[:length] in promised:
            yield path[:length]


def _differences(old: Any, new: Any, path: _Path) -> Iterator[_Path]:
    """Yield the paths at which two plain values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _differences(old.get(key, _NOTHING), new.get(key, _NOTHING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, (*path, str(number)))
    elif not _same(old, new):
        yield path


def _same(old: Any, new: Any) -> bool:
    return type(old) is type(new) and bool(old == new)


def _look_up(value: Any, path: _Path) -> Any:
    for key in path:
        if isinstance(value, list):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else _NOTHING
        else:
            value = value.get(key, _NOTHING) if isinstance(value, dict) else _NOTHING
    return value


def _findings(report: Report, *severities: str) -> Counter[Kind]:
    suppressed = () if severities else (one.diagnostic for one in report.suppressed)
    return Counter(
        kind_of(one)
        for one in (*report.diagnostics, *suppressed)
        if not severities or one.severity in severities
    )


def kind_of(diagnostic: Diagnostic) -> Kind:
    """Return what a finding says, wherever it stands."""
    return diagnostic.rule, diagnostic.message, diagnostic.service
