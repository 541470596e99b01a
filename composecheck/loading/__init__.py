"""Compose files into a Project, with the place of every value.

The pipeline's verbs are its modules: discover, parse, interpolate, merge, validate, normalize,
resolve, build.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from composecheck.diagnostic import ordered
from composecheck.dialect import DIALECTS
from composecheck.errors import SourceError
from composecheck.loading.build import build_network, build_service, build_volume
from composecheck.loading.discover import STDIN, discover, normal_name
from composecheck.loading.findings import Findings
from composecheck.loading.interpolate import Interpolation
from composecheck.loading.merge import merge, without
from composecheck.loading.normalize import RESOURCES, long_form, normalize
from composecheck.loading.options import Loaded, Options
from composecheck.loading.parse import parse
from composecheck.loading.resolve import Resolver
from composecheck.loading.unify import unify, unify_ports
from composecheck.loading.validate import validate
from composecheck.project import Project
from composecheck.source import MAX_BYTES, decode, read, show, whole

if TYPE_CHECKING:
    from pathlib import Path

    from composecheck.loading.discover import Selection
    from composecheck.loading.parse import Document
    from composecheck.node import Node
    from composecheck.project import Service
    from composecheck.source import Source

__all__ = ["Loaded", "Options", "load_project"]


def load_project(options: Options) -> Loaded:
    """Return as much of a project as can be read, and everything that is wrong with its files.

    Raises UsageError or SourceError for a path that does not exist, for a name that Compose does
    not take, and where discovery finds nothing; never for what is in a file.
    """
    # Nodes make no cycles, and a collector that goes through all of them time and again is half
    # of what a large file costs.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _loaded(options)
    finally:
        if collecting:
            gc.enable()


def _loaded(options: Options) -> Loaded:
    findings = Findings()
    selection = discover(options, findings)
    sources = [source for path in selection.paths if (source := _read(path, findings)) is not None]
    project = _load(selection, sources, findings) if sources else None
    if project is not None:
        project = project._replace(dialect=DIALECTS[options.compose], interpolated=options.interpolate)
    return Loaded(project, ordered(findings.diagnostics))


def _read(path: Path, findings: Findings) -> Source | None:
    shown = "<stdin>" if path is STDIN else show(path)
    try:
        if path is STDIN:
            return decode(shown, sys.stdin.buffer.read(MAX_BYTES + 1), limit=MAX_BYTES)
        return read(path, shown=shown, pipe=True)
    except SourceError as error:
        findings.unreadable(error.rule, error)
        return None


def _load(selection: Selection, sources: list[Source], findings: Findings) -> Project | None:
    documents = [
        document
        for source in sources
        for document in parse(source, findings)
        if _is_mapping(document.node, findings)
    ]
    if not any(document.node.mapping for document in documents):
        if not findings.diagnostics:
            findings.error("empty-project", "the file is empty", whole(sources[0]), "give it 'services'")
        return None
    name, environment = _name(selection, documents, findings)
    document = _merged(documents, environment, findings)
    services = document.get("services")
    if services is None or services.value == {}:
        findings.warning("empty-project", "the project has no services", document.span, "give it 'services'")
    document = normalize(unify_ports(long_form(document, findings)), name)
    return _project(document, selection, environment, sources, findings)


def _is_mapping(node: Node, findings: Findings) -> bool:
    if isinstance(node.value, dict):
        return True
    kind = "empty" if node.value is None else "a list" if isinstance(node.value, list) else "a single value"
    findings.error(
        "empty-project", f"the document is {kind}, not a mapping", node.span, "give it 'services:' at the top"
    )
    return False


def _name(selection: Selection, documents: list[Document], findings: Findings) -> tuple[str, dict[str, str]]:
    """Return the project's name, and the environment that knows it."""
    name = selection.given_name
    if name is None:
        text, place = selection.directory.name, documents[0].node.span
        for document in documents:
            node = document.node.get("name")
            if node is not None and isinstance(node.value, str) and node.value:
                silent = Findings()  # the whole document is interpolated in a moment
                new = Interpolation(selection.environment, silent).document(node)
                text, place = str(new.value), node.span
        name = normal_name(text)
        if not name:
            findings.error(
                "invalid-project-name",
                f"nothing of the project name '{text}' is left without what Compose does not allow in one",
                place,
                "give 'name' lower-case letters or digits",
            )
    return name, {**selection.environment, "COMPOSE_PROJECT_NAME": name}


def _merged(documents: list[Document], environment: dict[str, str], findings: Findings) -> Node:
    """Return the documents as one, validated after each as Compose does."""
    interpolation = Interpolation(environment, findings)
    merged: Node | None = None
    for raw in documents:
        document = interpolation.document(raw.node)
        _not_yet_supported(document, findings)
        if merged is None:
            merged = unify(document)
        else:
            _nothing_over_services(document, findings)
            for path in raw.dropped:
                merged = without(merged, path)
            merged = unify(merge(merged, document, findings))
        found = validate(merged)
        findings.add(found)
        findings.refuse(*(one.span for one in found if one.severity == "error"))
    assert merged is not None  # noqa: S101 - there is at least one document
    return merged


def _nothing_over_services(document: Node, findings: Findings) -> None:
    """Refuse a bare `services:` over others, which merging would pass over as it does elsewhere."""
    services = document.get("services")
    if services is not None and services.value is None:
        message = "'services' must be a mapping, but it has no value"
        findings.error("invalid-type", message, services.place, "give it a value or remove the key")


def _not_yet_supported(document: Node, findings: Findings) -> None:
    include = document.get("include")
    if include is not None and include.value not in (None, []):
        findings.error(
            "not-yet-supported", "'include' is not yet supported", include.place, "name the files with '-f'"
        )
    services = document.get("services")
    for name, service in (services.mapping if services is not None else {}).items():
        extends = service.get("extends")
        if extends is not None:
            message = "'extends' is not yet supported"
            findings.error("not-yet-supported", message, extends.place, "use a YAML anchor", service=name)


def _project(
    document: Node,
    selection: Selection,
    environment: dict[str, str],
    sources: list[Source],
    findings: Findings,
) -> Project:
    """Return the model of a normalised document."""
    resolver = Resolver(selection.directory, environment, findings)
    active = {
        *selection.profiles,
        *(
            name
            for key, node in _entries(document, "services")
            if key in selection.named
            for name in _profiles(node)
        ),
    }
    resolved: dict[str, dict[str, Node]] = {section: {} for section in ("services", *RESOURCES)}
    enabled: dict[str, Service] = {}
    disabled: dict[str, Service] = {}
    for key, node in _entries(document, "services"):
        on = _enabled(node, active)
        resolved["services"][key] = service = resolver.service(key, node, enabled=on)
        (enabled if on else disabled)[key] = build_service(key, service, findings)
    for section in RESOURCES:
        for key, node in _entries(document, section):
            resolved[section][key] = resolver.resource(section, node)
    sections = {
        section: document.mapping[section].replace({**entries})
        for section, entries in resolved.items()
        if section in document.mapping
    }
    return Project(
        name=str(document.mapping["name"].value),
        directory=selection.directory,
        files=tuple(sources),
        node=document.replace({**document.mapping, **sections}),
        services=enabled,
        disabled=disabled,
        networks={key: build_network(key, node) for key, node in resolved["networks"].items()},
        volumes={key: build_volume(key, node) for key, node in resolved["volumes"].items()},
        environment=environment,
        env_files=selection.env_files,
    )


def _entries(document: Node, section: str) -> list[tuple[str, Node]]:
    node = document.get(section)
    return list(node.mapping.items()) if node is not None else []


def _profiles(service: Node) -> set[str]:
    profiles = service.get("profiles")
    return {str(item.value) for item in profiles.items} if profiles is not None else set()


def _enabled(service: Node, active: set[str]) -> bool:
    wanted = _profiles(service)
    return not wanted or "*" in active or bool(wanted & active)
