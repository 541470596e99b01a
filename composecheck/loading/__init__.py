"""Compose files into a Project, with the place of every value.

The pipeline's verbs are its modules: discover, parse, interpolate, include, extends, merge, validate,
normalize, resolve, build.
"""

from __future__ import annotations

import os

from composecheck.errors import SourceError
from composecheck.findings.catalogue import ON_VALUES
from composecheck.findings.diagnostic import ordered
from composecheck.loading.assemble import Assembly, Scope
from composecheck.loading.build import build_service
from composecheck.loading.discover import STDIN, discover, may_be_pipe, normal_name
from composecheck.loading.documents import Documents
from composecheck.loading.findings import Findings
from composecheck.loading.interpolate import Interpolation
from composecheck.loading.normalize import RESOURCES, long_form, normalize
from composecheck.loading.options import Loaded, Options, Variables
from composecheck.loading.portability import tell_differences
from composecheck.loading.resolve import Environments, Paths
from composecheck.loading.unify import unify_ports
from composecheck.model.dialect import DIALECTS
from composecheck.model.project import Builds, Config, Model, Network, Project, Secret, Volume
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import Disk
from composecheck.text.source import whole

if TYPE_CHECKING:
    from composecheck.loading.discover import Selection
    from composecheck.loading.parse import Document
    from composecheck.model.dialect import Dialect
    from composecheck.model.project import Service
    from composecheck.text.node import Node
    from composecheck.text.source import Source

__all__ = ["Loaded", "Options", "load_project"]


def load_project(
    options: Options, selection: Selection | None = None, findings: Findings | None = None
) -> Loaded:
    """Return as much of a project as can be read, and everything that is wrong with its files.

    `selection` is what discovery made of the options, with what it found, where it has been asked.
    Raises UsageError or SourceError for a path that does not exist, for a name that Compose does
    not take, and where discovery finds nothing; never for what is in a file.
    """
    disk = options.disk or Disk()
    options = options._replace(disk=disk)
    findings = findings or Findings()
    selection = selection or discover(options, findings)
    sources = [source for path in selection.paths if (source := _read(path, selection, disk, findings))]
    project = _load(selection, sources, options, disk, findings) if sources else None
    if any(found.severity == "error" for found in findings.diagnostics):
        from composecheck.loading.kinds import other_kind

        others = [found for source in sources if (found := other_kind(source, findings.diagnostics))]
        if others:
            return Loaded(None, ordered(others))
    if project is not None:
        project = project._replace(blanks=findings.blanks, raw=tuple(findings.raw))
        findings.point_at_sample(selection.directory, disk)
    return Loaded(project, ordered(findings.diagnostics))


def _read(path: str, selection: Selection, disk: Disk, findings: Findings) -> Source | None:
    try:
        return (
            disk.stdin()
            if path == STDIN
            else disk.read(path, pipe=path in selection.given and may_be_pipe(path))
        )
    except SourceError as error:
        findings.unreadable(error.rule, error)
        return None


def _load(
    selection: Selection, sources: list[Source], options: Options, disk: Disk, findings: Findings
) -> Project | None:
    dialect = DIALECTS[options.compose]
    reader = Documents(disk, findings, dialect)
    documents = [(source, reader.of(source)) for source in sources]
    if not any(document.node.mapping for _, found in documents for document in found):
        if not findings.diagnostics:
            findings.error("empty-project", "the file is empty", whole(sources[0]), "give it 'services'")
        return None
    every = [one for _, found in documents for one in found]
    name, variables = _name(selection, every, findings, dialect if options.interpolate else None)
    assembly = Assembly(reader, findings, dialect, interpolate=options.interpolate)
    scope = Scope(selection.directory, variables)
    document = assembly.merged([(source.path, found) for source, found in documents], scope)
    assert document is not None  # noqa: S101 - there is at least one document
    services = document.get("services")
    if not document.mapping:
        message, mend = "'!reset' leaves nothing of the project", "take a '!reset' out, or give it 'services'"
        findings.error("empty-project", message, document.span, mend)
    elif (services is None or services.value == {}) and not findings.diagnostics:
        findings.warning("empty-project", "the project has no services", document.span, "give it 'services'")
    tell_differences(document, findings, dialect)
    if options.interpolate:
        document = long_form(document, findings)
    else:
        from composecheck.loading import uninterpolated

        document = uninterpolated.long_form(document)
        # What a variable stands in is not to be judged before it has its value.
        findings.diagnostics = [
            d for d in findings.diagnostics if d.rule not in ON_VALUES or "$" not in d.span.text
        ]
        findings = Findings()
    document = normalize(unify_ports(document), name, dialect)
    files = (sources, reader.sources)
    project = _project(
        document, selection, variables, files, disk, findings=findings, interpolated=options.interpolate
    )
    return project._replace(dialect=dialect)


def _name(
    selection: Selection, documents: list[Document], findings: Findings, dialect: Dialect | None
) -> tuple[str, Variables]:
    """Return the project's name, interpolated where there is a dialect, and the variables that know it."""
    name = selection.given_name
    if name is None:
        text, place = os.path.basename(selection.directory), documents[0].node.span
        for document in documents:
            node = document.node.get("name")
            if node is not None and isinstance(node.value, str) and node.value:
                if dialect is not None:
                    silent = Findings()  # the whole document is interpolated in a moment
                    node = Interpolation(selection.variables, silent, dialect).document(node)
                text, place = str(node.value), node.span
        name = normal_name(text)
        if not name:
            findings.error(
                "invalid-project-name",
                f"nothing of the project name '{text}' is left without what Compose does not allow in one",
                place,
                "give 'name' lower-case letters or digits",
            )
    values, places = selection.variables
    return name, Variables({**values, "COMPOSE_PROJECT_NAME": name}, places)


def _project(
    document: Node,
    selection: Selection,
    variables: Variables,
    sources: tuple[list[Source], list[Source]],
    disk: Disk,
    *,
    findings: Findings,
    interpolated: bool,
) -> Project:
    """Return the model of a normalised document; `sources` are the files given and those they name."""
    paths = Paths(selection.directory, variables.values)
    environments = Environments(variables.values, findings, disk)
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
        service = paths.service(node)
        if interpolated:
            service = environments.service(key, service, enabled=on)
        resolved["services"][key] = service
        (enabled if on else disabled)[key] = build_service(key, service, findings)
    for section in RESOURCES:
        for key, node in _entries(document, section):
            resolved[section][key] = paths.resource(section, node)
    sections = {
        section: document.mapping[section].replace({**entries})
        for section, entries in resolved.items()
        if section in document.mapping
    }
    return Project(
        name=str(document.mapping["name"].value),
        folder=selection.directory,
        files=tuple(sources[0]),
        included=tuple(sources[1]),
        node=document.replace({**document.mapping, **sections}),
        disk=disk,
        builds=Builds(disk),
        services=enabled,
        disabled=disabled,
        networks={key: Network(key, node) for key, node in resolved["networks"].items()},
        volumes={key: Volume(key, node) for key, node in resolved["volumes"].items()},
        secrets={key: Secret(key, node) for key, node in resolved["secrets"].items()},
        configs={key: Config(key, node) for key, node in resolved["configs"].items()},
        models={key: Model(key, node) for key, node in _entries(document, "models")},
        environment=variables.values,
        env_files=selection.env_files,
        interpolated=interpolated,
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
