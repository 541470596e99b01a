"""A configuration's text into Settings, with the place of all that is wrong in it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from composecheck.errors import SourceError
from composecheck.findings.catalogue import GROUPS
from composecheck.findings.diagnostic import Diagnostic, Related, ordered
from composecheck.loading.findings import Findings
from composecheck.loading.parse import parse
from composecheck.loading.schema_fast import compiled
from composecheck.named import TYPE_CHECKING
from composecheck.rules import meant
from composecheck.settings import Settings
from composecheck.settings.exceptions import Exemption
from composecheck.settings.toml import table
from composecheck.text.source import whole
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from composecheck.loading.schema_explain import Fault
    from composecheck.text.disk import Disk
    from composecheck.text.node import Node
    from composecheck.text.source import Source, Span

_RULE = "invalid-configuration"
_SCHEMA = "configuration.schema.json"
# No configuration is as large.
_MAX_BYTES = 1_000_000
# How the schema knows a rule's id.
_ID = "^[a-z]+(-[a-z]+)*$"


def has_table(text: str) -> bool:
    """Return whether a pyproject.toml configures composecheck; what is no TOML may well do so."""
    try:
        return "composecheck" in tomllib.loads(text).get("tool", {})
    except (ValueError, RecursionError):
        return "tool.composecheck" in text


def read_settings(paths: Sequence[str], disk: Disk) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Return the settings of a configuration, and everything that is wrong with it.

    Of several, which the reader cannot choose between, none is read.
    """
    findings = Findings()
    sources = [source for path in paths if (source := _source(path, disk, findings)) is not None]
    if len(paths) > 1:
        message = " and ".join(f"'{source.shown}'" for source in sources)
        findings.error(
            _RULE,
            f"both {message} configure composecheck",
            whole(sources[0]),
            "keep one of them, or name one with '--config'",
            related=[Related(whole(source), "the other") for source in sources[1:]],
        )
    elif sources:
        node = _document(sources[0], findings)
        if node is not None:
            findings.add(_faults(node))
            findings.add(_absent(node, disk))
            if not findings.diagnostics:
                return _settings(node, Path(paths[0])), ()
    return Settings(), ordered(d._replace(rule=_RULE, severity="error") for d in findings.diagnostics)


def _source(path: str, disk: Disk, findings: Findings) -> Source | None:
    try:
        return disk.read(path, limit=_MAX_BYTES)
    except SourceError as error:
        findings.unreadable(_RULE, error)
        return None


def _document(source: Source, findings: Findings) -> Node | None:
    if source.path.endswith(".toml"):
        try:
            return table(source, findings)
        except RecursionError:
            findings.error(_RULE, "values are nested too deeply", whole(source), "nest less")
            return None
    documents = parse(source, findings)
    if not documents:
        return None
    for document in documents[1:]:
        findings.error(_RULE, "a configuration is one document", document.node.span, "remove this one")
    node = documents[0].node
    return node if node.value is not None else None  # all of it may be commented out


def _faults(node: Node) -> Iterator[Diagnostic]:
    if not compiled(_SCHEMA)(node):
        from composecheck.loading.schema_explain import faults

        for fault in faults(_SCHEMA, node.plain()):
            # Of what does not even look like a rule's id there is more to say, below.
            if fault.schema.get("pattern") != _ID or fault.keyword not in ("pattern", "propertyNames"):
                yield _fault(node, fault)
    images = node.get("images")
    if images is not None and compiled("knowledge.schema.json")(images):
        from composecheck.settings.images import wrong

        yield from wrong(images)
    select = node.get("select")
    if select is not None and select.value == []:
        yield Diagnostic(_RULE, "error", "'select' names no rule", select.span, "name one or remove the key")
    groups = set(GROUPS.values())
    for rule, span in _rules(node):
        if rule not in GROUPS and rule not in groups:
            yield Diagnostic(_RULE, "error", f"there is no rule '{rule}'", span, meant(rule, groups=True))
    for rule, span in _rules_alone(node):
        if rule not in GROUPS:
            yield Diagnostic(_RULE, "error", f"there is no rule '{rule}'", span, meant(rule))


def _absent(node: Node, disk: Disk) -> Iterator[Diagnostic]:
    """Yield each project without a file, and each file that is not there or is none."""
    folder = os.path.dirname(node.span.source.path)
    for project in _items(node, "projects"):
        if project.value == []:
            yield Diagnostic(_RULE, "error", "a project has no files", project.span, "name one or remove it")
        for name, span in _texts(project.items or [project]):
            path = os.path.normpath(os.path.join(folder, name))
            if not name or disk.is_file(path):
                continue
            from composecheck.text.spelling import did_you_mean

            what = "is no file" if disk.exists(path) else "does not exist"
            # What else lies in other folders of the machine is nobody's business.
            inside = path.startswith(os.path.join(folder, ""))
            names = disk.names(os.path.dirname(path)) if inside else []
            near = did_you_mean(os.path.basename(path), names)
            remedy = near or "paths start from the configuration's folder"
            yield Diagnostic(_RULE, "error", f"'{name}' {what}", span, remedy)


def _fault(document: Node, fault: Fault) -> Diagnostic:
    from composecheck.loading.schema_words import say
    from composecheck.text.spelling import did_you_mean, listed

    node = document
    for step in fault.path:
        node = node.items[step] if isinstance(step, int) else node.mapping[step]
    _, message, remedy, _ = say(fault)
    span = node.span
    if fault.keyword == "additionalProperties":
        known = fault.schema["properties"]
        span = node.mapping[fault.value].place
        remedy = did_you_mean(fault.value, known, loosely=True) or f"known here: {listed(known)}"
    elif fault.keyword == "required" or fault.value is None:
        span = node.place
    if not fault.path:
        message = message.replace("the file", "the configuration", 1)
    return Diagnostic(_RULE, "error", message, span, remedy)


def _rules(node: Node) -> Iterator[tuple[str, Span]]:
    """Yield each id or group of rules that is selected or ignored, and where it stands."""
    for key in ("select", "extend-select", "ignore"):
        listed = node.get(key)
        yield from _texts(listed.items if listed else ())


def _rules_alone(node: Node) -> Iterator[tuple[str, Span]]:
    """Yield each rule's id where a group cannot stand, and its place."""
    for exception in _items(node, "exceptions"):
        yield from _texts(_one_or_more(exception, "rules"))
    severity = node.get("severity")
    yield from ((rule, value.place) for rule, value in (severity.mapping if severity else {}).items())


def _texts(nodes: Iterable[Node]) -> Iterator[tuple[str, Span]]:
    return ((node.value, node.span) for node in nodes if isinstance(node.value, str))


def _items(node: Node, key: str) -> list[Node]:
    value = node.get(key)
    return value.items if value is not None else []


def _one_or_more(node: Node, key: str) -> list[Node]:
    value = node.get(key)
    return value.items or [value] if value is not None else []


def _settings(node: Node, path: Path) -> Settings:
    """Return the settings of a document that the schema takes."""
    plain = node.plain()
    return Settings(
        select=frozenset(plain["select"]) if "select" in plain else None,
        extend_select=frozenset(plain.get("extend-select", ())),
        ignore=frozenset(plain.get("ignore", ())),
        severity=plain.get("severity", {}),
        exceptions=tuple(_exemption(each, path.parent) for each in _items(node, "exceptions")),
        fail_on=plain.get("fail-on"),
        compose=plain.get("compose"),
        path=path,
        images=plain.get("images", {}),
        budget=parse_duration(plain["budget"]) if "budget" in plain else None,
        projects=tuple(_files(each, str(path.parent)) for each in _items(node, "projects")),
    )


def _files(node: Node, folder: str) -> tuple[str, ...]:
    """Return a project's files as absolute paths."""
    return tuple(os.path.normpath(os.path.join(folder, name)) for name, _ in _texts(node.items or [node]))


def _exemption(node: Node, folder: Path) -> Exemption:
    file = node.get("file")
    services = dict(_texts(_one_or_more(node, "services")))
    return Exemption(
        rules=frozenset(rule for rule, _ in _texts(_one_or_more(node, "rules"))),
        services=frozenset(services),
        reason=node.mapping["reason"].plain(),
        file=None if file is None else Path(os.path.abspath(folder / str(file.value))),
        places={"": node.place, **services},
    )
