"""Services that rules do not apply to, as the configuration says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from composecheck.model.project import Project
    from composecheck.text.source import Source, Span


class Exemption(NamedTuple):
    """Rules that do not apply to some services, and why; `file` is the absolute path of a file or folder.

    `places` says where each service is named in the configuration, and by "" where the whole stands.
    """

    rules: Collection[str]
    services: Collection[str]
    reason: str
    file: Path | None = None
    places: Mapping[str, Span] = {}

    def concerns(self, found: Diagnostic, project: Project) -> bool:
        """Return whether a finding in a project is one that this is for."""
        if found.rule not in self.rules or not self._holds(found.span.source):
            return False
        if found.service is not None:
            return found.service in self.services
        return any(_inside(found.span, name, project) for name in self.services)

    def unused(self, project: Project, *, used: bool, own: bool) -> Iterator[Diagnostic]:
        """Yield a note on each service that there is not, and on the whole if it is not `used`.

        A configuration that is not the project's `own` may be for others as well: then only an
        exception for a file of this one is looked at.
        """
        if not self.places or not (own if self.file is None else any(map(self._holds, project.files))):
            return
        defined = {*project.services, *project.disabled}
        unknown = [name for name in self.services if name not in defined]
        for name in unknown:
            from composecheck.text.spelling import did_you_mean

            message = f"the exception is for service '{name}', which is not defined"
            mend = did_you_mean(name, defined) or "remove it"
            yield Diagnostic("unused-suppression", "note", message, self.places[name], mend)
        if not unknown and not used and not any(name in project.disabled for name in self.services):
            message = "there is no finding for this exception to suppress"
            yield Diagnostic("unused-suppression", "note", message, self.places[""], "remove it")

    def _holds(self, source: Source) -> bool:
        if self.file is None:
            return True
        file, path = self.file.resolve(), Path(source.real)
        return path == file or file in path.parents


def _inside(span: Span, name: str, project: Project) -> bool:
    """Return whether a place is in what a file says of a service."""
    service = project.services.get(name) or project.disabled.get(name)
    if service is None:
        return False
    place = service.key_place()
    return place.source.real == span.source.real and place.line <= span.line <= service.place().end_line
