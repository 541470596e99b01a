"""What a fix may do where nobody has said which files are a project: some of them are only likely."""

from __future__ import annotations

import os
from functools import cache, partial

from composecheck.errors import SourceError, UsageError
from composecheck.loading import load_project
from composecheck.named import TYPE_CHECKING
from composecheck.remedies import risky
from composecheck.remedies.waiting import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from composecheck.findings.diagnostic import Fix
    from composecheck.lint import Report
    from composecheck.loading.options import Options
    from composecheck.model.project import Project, Service
    from composecheck.text.source import Span

UNNAMED = "a file that is not named"
ANOTHER = "what starts with another base"
_HEALTHY = "service_healthy"
# Where a service says what tells that it is ready, or has ended.
_TEST = (("healthcheck", "test"),)
_IMAGE = (("image",), ("build",))
_JOB = (*_IMAGE, ("entrypoint",), ("command",))
_MAX_BYTES = 1_000_000


def cautious(report: Report, options: Options) -> Report:
    """Return the report on a project of which some files are guessed, with what that makes of its fixes.

    A fix is unsafe if it changes a file that is not named, or writes a condition that comes true by what a
    guessed file says; and none is made of these that another file beside it, as likely a base, would break.
    """
    project = report.project
    if project is None:
        return report
    guess = _Guess(project, options)
    return report._replace(
        diagnostics=tuple(
            found if found.fix is None else found._replace(fix=partial(guess.fix, found.fix))
            for found in report.diagnostics
        )
    )


class _Guess:
    """A project, and the files of it that are guessed."""

    def __init__(self, project: Project, options: Options) -> None:
        self._project = project
        self._options = options
        self._guessed = {os.path.realpath(file) for file in options.guessed}
        self._named = {os.path.realpath(file) for file in (*options.files, *(options.named or ()))}
        self._named -= self._guessed
        self._others = cache(self._defined_elsewhere)

    def fix(self, make: Callable[[], Fix | None]) -> Fix | None:
        fix = make()
        if fix is None:
            return None
        unnamed = any(edit.span.source.real not in self._named for edit in fix.edits)
        waits = [*self._waits(fix)]
        unsafe = risky.both(fix.unsafe, UNNAMED if unnamed else "", ANOTHER if waits else "")
        against = next((why for service, word in waits if (why := self._against(service, word))), "")
        return fix._replace(unsafe=unsafe, against=against)

    def _waits(self, fix: Fix) -> Iterator[tuple[Service, str]]:
        """Yield the services that a fix has others wait for, if a guessed file says when they are ready."""
        for path, word in fix.changes.items():
            if path[0::2] != ("services", "depends_on", "condition") or word not in (_HEALTHY, ENDED):
                continue
            service = self._project.services.get(path[3]) or self._project.disabled.get(path[3])
            if service is None:
                continue
            told = _JOB if word == ENDED else _TEST if service.says(*_TEST[0]) else _IMAGE
            if any(service.says(*key) and self._is_guessed(service.place(*key)) for key in told):
                yield service, str(word)

    def _against(self, service: Service, word: str) -> str:
        """Return why nobody should wait for a service: what may be its base as well would break the wait."""
        for shown, other in self._others(service.name):
            if word == _HEALTHY:
                if other.healthcheck is None or other.healthcheck.disabled or not other.healthcheck.test:
                    return f"'{shown}' may be the base as well, where '{service.name}' has no healthcheck"
            elif any(self._differs(service, other, key) for key in _JOB):
                return f"'{shown}' may be the base as well, where '{service.name}' runs something else"
        return ""

    def _differs(self, service: Service, other: Service, key: tuple[str, ...]) -> bool:
        """Return whether a service would have something else under a key with another base."""
        if service.says(*key) and not self._is_guessed(service.place(*key)):
            return False
        said = service.says(*key)
        return said != other.says(*key) or (said and service.text(*key) != other.text(*key))

    def _is_guessed(self, place: Span) -> bool:
        return place.source.real in self._guessed

    def _defined_elsewhere(self, name: str) -> list[tuple[str, Service]]:
        """Return a service as other files beside the guessed ones define it, with how these are shown."""
        disk = self._project.disk.over({})
        own = {source.real for source in (*self._project.files, *self._project.included)} | self._named
        found = []
        for folder in dict.fromkeys(map(os.path.dirname, map(os.path.abspath, self._options.guessed))):
            for file in disk.names(folder):
                path = os.path.join(folder, file)
                if not file.endswith((".yml", ".yaml")) or os.path.realpath(path) in own:
                    continue
                try:
                    # Most files of a folder say nothing of it, and are not worth to be loaded.
                    if not disk.is_file(path) or name not in disk.read(path, limit=_MAX_BYTES).text:
                        continue
                    project, _ = load_project(self._options._replace(files=(path,), disk=disk))
                except (SourceError, UsageError):
                    continue
                service = None
                if project is not None:
                    service = project.services.get(name) or project.disabled.get(name)
                if service is not None and any(service.says(*key) for key in _IMAGE):
                    found.append((disk.shown(path), service))
        return found
