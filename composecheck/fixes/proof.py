"""The proof that fixes change what they promise and nothing else: two models, and two reports, compared."""

from __future__ import annotations

from collections import Counter

from composecheck.findings.catalogue import ELSEWHERE, REFUSED
from composecheck.findings.diagnostic import ANYTHING, GONE
from composecheck.fixes.places import place
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from composecheck.findings.diagnostic import Diagnostic, Fix
    from composecheck.lint import Report
    from composecheck.model.project import Project

    Kind = tuple[str, str, str | None]
    _Path = tuple[str, ...]

_PROBE = ("test", "interval", "timeout", "start_period", "start_interval", "retries")


def objection(before: Report, after: Report, members: Sequence[tuple[int, Diagnostic, Fix]]) -> str:
    """Return what speaks against fixes of a project, "" where they do what they promise and no more."""
    if before.project is None or after.project is None:
        return "the project could not be read afterwards"
    promised: dict[_Path, Any] = {}
    for _, _, fix in members:
        promised.update(fix.changes)
    if any(mends_refused(diagnostic) for _, diagnostic, _ in members):
        # It is there for those that join no other network, and that may be what was misspelt.
        promised.setdefault(("networks", "default"), ANYTHING)
        for path in [path for path in promised if path[0] == "services" and len(path) > 1]:
            promised.setdefault(("images", path[1]), ANYTHING)
    reason = _otherwise(before.project, after.project, promised)
    if reason:
        return reason
    old, new = _findings(before), _findings(after)
    for kind, number in Counter(kind_of(diagnostic) for _, diagnostic, _ in members).items():
        if new[kind] > old[kind] - number:
            return "it would not mend the finding"
    worse = next(_worse(before, after, promised, [diagnostic for _, diagnostic, _ in members]), None)
    return f"it would bring a finding: {worse.message} [{worse.rule}]" if worse is not None else ""


def _worse(
    before: Report, after: Report, promised: Mapping[_Path, object], mended: Sequence[Diagnostic]
) -> Iterator[Diagnostic]:
    """Yield the findings that fixes bring: errors and warnings, and notes on the services they change.

    A file that docker compose refuses does not run at all. Where that is mended, it may come to light
    what else there is to say of it; but nothing that the loader refuses, and no error in the very value.
    """
    old, errors, kept = _findings(before), _findings(before, "error"), _of_services(before)
    new, failing, said = _findings(after), _findings(after, "error"), _of_services(after)
    refused = any(map(mends_refused, mended))
    changed = {path[1] for path in promised if path[0] == "services" and len(path) > 1}
    made = _places(after, promised) if refused else ()
    for one in after.diagnostics:
        kind = kind_of(one)
        if one.severity == "error":
            worse = failing[kind] > errors[kind] and (
                not refused or ELSEWHERE.get(one.rule) == "loading" or place(one.span) in made
            )
        elif refused:
            worse = False
        elif one.severity == "warning":
            worse = new[kind] > old[kind]
        else:
            of = one.rule, one.service
            worse = one.service in changed and new[kind] > old[kind] and said[of] > kept[of]
        if worse:
            yield one


def _places(report: Report, promised: Iterable[_Path]) -> set[tuple[str, int, int]]:
    """Return where the values at some paths of a model stand."""
    node = report.project.node if report.project is not None else None
    found = [node.get(*path) for path in promised] if node is not None else []
    return {place(each.span) for each in found if each is not None}


def mends_refused(diagnostic: Diagnostic) -> bool:
    """Return whether docker compose refuses a file for a finding, so that nothing runs as it stands."""
    return diagnostic.severity == "error" and diagnostic.rule in REFUSED


def _of_services(report: Report) -> Counter[tuple[str, str | None]]:
    return Counter((one.rule, one.service) for one in report.diagnostics)


def _otherwise(before: Project, after: Project, promised: Mapping[_Path, object]) -> str:
    """Return what differs between two models besides what is promised, "" for nothing."""
    for field in ("name", "directory", "dialect"):
        if getattr(before, field) != getattr(after, field):
            return f"it would change the project's {field}"
    if ("services",) not in promised and _names(before) != _names(after):
        return "it would change which services there are"
    old, new = _model(before), _model(after)
    for path in _differences(old, new, ()):
        # What services share by an anchor often stands in an "x-" key, which Compose passes over.
        if path[0].startswith("x-"):
            continue
        if not any(path[: len(known)] == known for known in _above(path, promised)):
            return f"it would change '{'.'.join(path)}' as well"
    for path, value in promised.items():
        if value is not ANYTHING and not _same(_look_up(new, path), value):
            return f"it would not make '{'.'.join(path)}' what is meant"
    return ""


def _names(project: Project) -> tuple[set[str], set[str]]:
    return {*project.services}, {*project.disabled}


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
            yield from _differences(old.get(key, GONE), new.get(key, GONE), (*path, key))
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
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else GONE
        else:
            value = value.get(key, GONE) if isinstance(value, dict) else GONE
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
