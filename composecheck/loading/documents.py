"""The files that `include` and `extends` name: each parsed once, however often it is named."""

from __future__ import annotations

import os

from composecheck.errors import SourceError
from composecheck.loading.parse import parse
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import is_within
from composecheck.text.remote import is_remote

if TYPE_CHECKING:
    from composecheck.loading.findings import Findings
    from composecheck.loading.parse import Document
    from composecheck.model.dialect import Dialect
    from composecheck.text.disk import Disk
    from composecheck.text.node import Node
    from composecheck.text.source import Source


class Documents:
    """Parses files into documents; `sources` are those that were named by others."""

    def __init__(self, disk: Disk, findings: Findings, dialect: Dialect) -> None:
        self.sources: list[Source] = []
        self.disk = disk
        self._findings = findings
        self._dialect = dialect
        self._documents: dict[str, list[Document] | None] = {}

    def of(self, source: Source) -> list[Document]:
        """Return the documents of a file that are mappings; another one is a finding."""
        return [one for one in parse(source, self._findings, self._dialect) if self._is_mapping(one.node)]

    def named(self, path: str, place: Node) -> list[Document] | None:
        """Return the documents of a file that a value names; None, and a finding, where it is unreadable."""
        if path not in self._documents:
            source = self._read(path, place)
            if source is not None:
                self.sources.append(source)
            self._documents[path] = None if source is None else self.of(source)
        elif self._documents[path] is None:
            self._read(path, place)  # to say so at this place as well
        return self._documents[path]

    def is_remote(self, place: Node) -> bool:
        """Return whether a value names what would have to be fetched, which is a finding."""
        if not is_remote(str(place.value)):
            return False
        self._findings.error(
            "remote-file",
            f"'{place.value}' is not on this machine, and composecheck fetches nothing",
            place.span,
            "keep a copy beside the project, and name that",
        )
        return True

    def _read(self, path: str, place: Node) -> Source | None:
        try:
            return self.disk.read(path)
        except SourceError as error:
            if self.disk.exists(path):
                message = f"'{error.shown}' cannot be read: {error.reason}"
                self._findings.error(error.rule, message, place.span)
            else:
                remedy = self._from_above(path, str(place.value)) or "create it, or mend the path"
                self._findings.missing_file(path, f"'{error.shown}' does not exist", place.span, remedy)
            return None

    def _from_above(self, path: str, written: str) -> str:
        """Return how a path is right that is written from a folder above, "" where it is from none."""
        folder = path.removesuffix(os.path.normpath(written)).rstrip(os.sep)
        top = self.disk.repository(folder)
        while top is not None and is_within(folder, top) and folder != top:
            folder = os.path.dirname(folder)
            if self.disk.is_file(os.path.join(folder, written)):
                return f"it is there from '{self.disk.shown(folder)}': give that as '--project-directory'"
        return ""

    def _is_mapping(self, node: Node) -> bool:
        if isinstance(node.value, dict):
            return True
        kind = (
            "empty" if node.value is None else "a list" if isinstance(node.value, list) else "a single value"
        )
        message = f"the document is {kind}, not a mapping"
        self._findings.error("empty-project", message, node.span, "give it 'services:' at the top")
        return False
