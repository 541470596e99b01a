"""Files as one document: each interpolated, with what it includes and extends, one over the other."""

from __future__ import annotations

import os

from composecheck.findings.diagnostic import Diagnostic, Related
from composecheck.loading.interpolate import Interpolation
from composecheck.loading.unify import hidden_mounts, unify
from composecheck.loading.validate import validate
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.loading.documents import Documents
    from composecheck.loading.extends import Services
    from composecheck.loading.findings import Findings
    from composecheck.loading.include import Entry
    from composecheck.loading.options import Variables
    from composecheck.loading.parse import Document
    from composecheck.model.dialect import Dialect
    from composecheck.text.node import Node

# Far more than any real project has.
MAX_INCLUDES = 1000
MAX_INCLUDE_DEPTH = 50


class Step(NamedTuple):
    """A file on the way to an included one, and the value that names the next."""

    path: str
    place: Node


class Scope(NamedTuple):
    """Where files are read: from which folder, with which variables, included by which others."""

    directory: str
    variables: Variables
    chain: tuple[Step, ...] = ()


class _Part(NamedTuple):
    """One document of a file on its way into the project."""

    path: str
    raw: Document
    scope: Scope


class Assembly:
    """Makes one document of many."""

    def __init__(
        self, documents: Documents, findings: Findings, dialect: Dialect, *, interpolate: bool = True
    ) -> None:
        self._documents = documents
        self._findings = findings
        self._dialect = dialect
        self._interpolate = interpolate
        self._included: dict[object, Node | None] = {}
        self._bases: dict[tuple[str, int], Services] = {}
        self._scopes: list[Scope] = []  # whose variables are known by their id
        self._includes = 0

    def merged(self, files: Iterable[tuple[str, list[Document]]], scope: Scope) -> Node | None:
        """Return the documents of files, given with their paths, as one; validated after each."""
        merged: Node | None = None
        interpolation = self._interpolation(scope)
        for path, documents in files:
            for raw in documents:
                document = interpolation.document(raw.node) if interpolation else raw.node
                for service, hidden, mount in hidden_mounts(document):
                    self._findings.add([_hidden(service, hidden, mount)])
                if "include" in document.mapping or _extends(document):
                    document = self._expanded(document, _Part(path, raw, scope))
                merged = self._over(merged, document, raw)
                found = validate(merged)
                self._findings.add(found)
                self._findings.refuse(*(one.span for one in found if one.severity == "error"))
        return merged

    def _interpolation(self, scope: Scope) -> Interpolation | None:
        return Interpolation(scope.variables, self._findings, self._dialect) if self._interpolate else None

    def _over(self, merged: Node | None, document: Node, raw: Document) -> Node:
        if merged is None:
            return unify(document)
        services = document.get("services")
        if services is not None and services.value is None:
            # A bare `services:` over others, which merging would pass over as it does elsewhere.
            message = "'services' must be a mapping, but it has no value"
            self._findings.error("invalid-type", message, services.place, "give it a value or remove the key")
        from composecheck.loading.merge import merge, without

        for path in raw.dropped:
            merged = without(merged, path)
        return unify(merge(merged, document, self._findings))

    def _expanded(self, document: Node, part: _Part) -> Node:
        """Return a document with what it includes and extends, in the order of the generation."""
        from composecheck.loading.include import Imports, entries
        from composecheck.loading.merge import without

        own = _services(document).keys()
        if not self._dialect.include_first:
            document = self._extend(document, part, frozenset())
        wanted = entries(document)
        if wanted is not None:
            imports = Imports(part.raw.dropped, self._findings, self._dialect)
            for entry in wanted:
                included = self._include(entry, part)
                if included is not None:
                    document = imports.into(document, included, entry)
            document = without(document, ("include",))
        if self._dialect.include_first:
            document = self._extend(document, part, frozenset(_services(document).keys() - own))
        return document

    def _extend(self, document: Node, part: _Part, imported: frozenset[str]) -> Node:
        if not _extends(document):
            return document
        from composecheck.loading.extends import Extension, Services

        shown = self._documents.disk.shown
        extension = Extension(lambda file: self._base(file, part.scope), self._findings, shown)
        written = Services(part.path, _services(document), part.raw.dropped, {}, imported)
        section = document.mapping["services"]
        extended = extension.of(written)
        return document.replace({**document.mapping, "services": section.replace({**extended})})

    def _base(self, file: Node, scope: Scope) -> Services | None:
        """Return the services of another file, their paths resolved from its own folder."""
        from composecheck.loading.extends import Services
        from composecheck.loading.normalize import short_forms
        from composecheck.loading.resolve import Paths

        if self._documents.is_remote(file):
            return None
        path = _from(scope, file)
        documents = self._documents.named(path, file)
        if documents is None:
            return None
        key = (path, id(scope.variables))
        if key not in self._bases:
            interpolation = self._interpolation(scope)
            merged: Node | None = None
            for raw in documents:
                document = interpolation.document(raw.node) if interpolation else raw.node
                merged = self._over(merged, document, raw)
            services: dict[str, Node] = {}
            if merged is not None:
                paths = Paths(os.path.dirname(path), scope.variables.values)
                services = _services(paths.document(short_forms(merged, self._findings)))
            self._scopes.append(scope)
            self._bases[key] = Services(path, services, documents[-1].dropped if documents else (), {})
        return self._bases[key]

    def _include(self, entry: Entry, part: _Part) -> Node | None:
        """Return what an entry of `include` brings, its paths resolved from its own folder."""
        from composecheck.loading.include import environment

        scope = part.scope
        if not entry.paths or any(self._documents.is_remote(path) for path in entry.paths):
            return None
        paths = [_from(scope, path) for path in entry.paths]
        chain = (*scope.chain, Step(part.path, entry.paths[0]))
        if self._is_circular(paths, chain, entry):
            return None
        directory = (
            _from(scope, entry.directory) if entry.directory is not None else os.path.dirname(paths[0])
        )
        given = [(_from(scope, file), file) for file in entry.env_files]
        variables = environment(scope.variables, given, directory, self._findings, self._documents.disk)
        key = (tuple(paths), directory, tuple(variables.values.items()))
        if key not in self._included:
            self._includes += 1
            if self._includes > MAX_INCLUDES:
                message = f"more than {MAX_INCLUDES} files are included"
                self._findings.error("document-limit", message, entry.node.span, "include fewer")
                return None
            named = [(p, self._documents.named(p, node)) for p, node in zip(paths, entry.paths, strict=True)]
            read = [(p, documents) for p, documents in named if documents is not None]
            self._included[key] = self._part_of(read, Scope(directory, variables, chain))
        return self._included[key]

    def _part_of(self, files: list[tuple[str, list[Document]]], scope: Scope) -> Node | None:
        """Return the files of an included project as one document that means the same elsewhere."""
        from composecheck.loading.include import settled
        from composecheck.loading.normalize import short_forms
        from composecheck.loading.resolve import Paths

        merged = self.merged(files, scope)
        if merged is None:
            return None
        document = settled(short_forms(merged, self._findings), scope.variables.values)
        return Paths(scope.directory, scope.variables.values).document(document)

    def _is_circular(self, paths: list[str], chain: tuple[Step, ...], entry: Entry) -> bool:
        if len(chain) > MAX_INCLUDE_DEPTH:
            message = f"files include each other in a chain of more than {MAX_INCLUDE_DEPTH}"
            self._findings.error("document-limit", message, entry.node.span, "include fewer")
            return True
        again = next((step for step in chain if step.path in paths), None)
        if again is None:
            return False
        self._findings.error(
            "include-cycle",
            f"'{entry.paths[0].value}' includes itself"
            + (" by way of other files" if len(chain) > 1 else ""),
            entry.node.span,
            "take one of the 'include' out",
            related=[Related(step.place.span, "on the way here") for step in chain[:-1]],
        )
        return True


def _from(scope: Scope, node: Node) -> str:
    from composecheck.loading.resolve import Paths

    return Paths(scope.directory, scope.variables.values).absolute(str(node.value))


def _services(document: Node) -> dict[str, Node]:
    services = document.get("services")
    return services.mapping if services is not None else {}


def _extends(document: Node) -> bool:
    return any("extends" in service.mapping for service in _services(document).values())


def _hidden(service: str, hidden: Node, mount: Node) -> Diagnostic:
    """Return the finding for two volumes of one file at one place, of which Compose takes the last."""
    return Diagnostic(
        "duplicate-mount-target",
        "warning",
        f"service '{service}' mounts two volumes at one place: docker compose drops the first without a word",
        mount.span,
        "give one of the two another target, where both are wanted; or take one out",
        service,
        (Related(hidden.span, "this one is dropped"),),
    )
