"""Which fixes there are to try: what speaks against one before anything is changed."""

from __future__ import annotations

import os
from bisect import bisect_left
from functools import cached_property

from composecheck.findings.unsound import unsound
from composecheck.fixes.places import parts
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import is_within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from composecheck.findings.diagnostic import Diagnostic, Fix
    from composecheck.model.project import Project
    from composecheck.text.source import Span


class Offers:
    """What speaks against the fixes of the findings of one project.

    `line` gives the line of a place as a person has it, whatever fixes have put before it by now.
    """

    def __init__(
        self,
        project: Project | None,
        diagnostics: Sequence[Diagnostic],
        line: Callable[[Span], int] = lambda span: span.line,
    ) -> None:
        self._line = line
        self._project = project
        self._diagnostics = diagnostics

    def against(self, diagnostic: Diagnostic, fix: Fix) -> str:
        """Return why the fix of a finding is not to be made, "" where nothing is known against it."""
        if self._project is None:
            return "the project cannot be read"
        return (
            fix.against
            or _foreign(self._project, fix)
            or self._unhealthy(fix)
            or (self._faulty(self._project, fix) if diagnostic.severity != "error" else "")
        )

    def _unhealthy(self, fix: Fix) -> str:
        """Return why nobody should wait for a service: its healthcheck may not succeed in time."""
        found = self._unsound.get(fix.awaits) if fix.awaits is not None else None
        if found is None:
            return ""
        return (
            f"the healthcheck of '{fix.awaits}' is not sound: {found.rule} in line {self._line(found.span)}"
        )

    def _faulty(self, project: Project, fix: Fix) -> str:
        """Return why a mapping is not to be changed: what it means is not certain, for it has an error.

        What mends an error is another matter.
        """
        if self._errors:
            for name, start, end in {part for path in fix.changes for part in parts(project.node, path[:-1])}:
                at = bisect_left(self._errors, (name, *start, ""), key=_where)
                if at < len(self._errors) and _where(self._errors[at]) < (name, *end, ""):
                    error = self._errors[at]
                    return f"there is an error beside it: {error.rule} in line {self._line(error.span)}"
        return ""

    @cached_property
    def _unsound(self) -> dict[str | None, Diagnostic]:
        """By service, the first finding by which its healthcheck may not succeed in time."""
        return unsound(self._diagnostics)

    @cached_property
    def _errors(self) -> list[Diagnostic]:
        return sorted((one for one in self._diagnostics if one.severity == "error"), key=_where)


def _where(one: Diagnostic) -> tuple[str, int, int, str]:
    return one.span.source.real, one.span.line, one.span.column, one.rule


def _foreign(project: Project, fix: Fix) -> str:
    """Return why a file is not to be changed: it belongs to neither the project nor this folder."""
    given = {source.real for source in project.files}
    folders = [os.path.realpath(project.folder), os.path.realpath(project.disk.folder)]
    for edit in fix.edits:
        source = edit.span.source
        ours = source.real in given or any(is_within(source.real, folder) for folder in folders)
        if source.withheld or not ours:
            return f"'{source.shown}' is outside the project's folder"
    return ""
