"""What of all findings is told: the settings and the comments of the files decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from composecheck.findings.catalogue import ELSEWHERE, UNREAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from composecheck.dockerfile import Dockerfile
    from composecheck.findings.diagnostic import Diagnostic, Severity
    from composecheck.lint.suppression import Suppressed
    from composecheck.model.project import Project
    from composecheck.settings import Settings
    from composecheck.settings.exceptions import Exemption
    from composecheck.text.source import Source


def tell(
    diagnostics: Sequence[Diagnostic],
    settings: Settings,
    project: Project | None,
    commented: tuple[Sequence[Source], Sequence[Dockerfile]],
    *,
    complete: bool = False,
    live: bool = False,
) -> tuple[Sequence[Diagnostic], tuple[Suppressed, ...]]:
    """Return the findings that are told, with the severity that the settings give them, and the suppressed.

    `commented` are the Compose files and the Dockerfiles that may have comments to suppress findings.
    `complete` says that nothing which is wrong can have hidden a finding: then a suppression without one
    is a finding; `live`, that an engine was asked.
    """
    telling = _Telling(settings, project, live=live)
    if any(commented):
        from composecheck.lint.suppression import Suppressions

        comments = Suppressions(*commented)
        told = [*telling.tell((*diagnostics, *comments.findings), comments.reason)]
        unseen = project.disabled if project is not None else ()
        if complete:
            late = (*comments.unused(telling.ran, unseen), *telling.unused())
            told += telling.tell(late, comments.reason)
            told += telling.tell(comments.unused("unused-suppression".__eq__, unseen))
    else:
        told = [*telling.tell(diagnostics)]
        if complete:
            told += telling.tell(telling.unused())
    return told, tuple(telling.suppressed)


def _nothing(_: Diagnostic) -> None:
    """Give the reason of no finding."""


class _Telling:
    """Tells findings one by one, and takes note of what it does not tell."""

    def __init__(self, settings: Settings, project: Project | None, *, live: bool) -> None:
        self.suppressed: list[Suppressed] = []
        self._settings = settings
        self._project = project
        self._live = live
        self._used: set[int] = set()  # the exceptions that have suppressed something, by their number

    def tell(
        self, diagnostics: Iterable[Diagnostic], reason: Callable[[Diagnostic], str | None] = _nothing
    ) -> Iterator[Diagnostic]:
        """Yield the findings that are told; `reason` is why a comment suppresses one, else None."""
        from composecheck.lint.suppression import Suppressed

        for found in diagnostics:
            if self._always(found):
                yield found
            elif self._settings.enabled(found.rule):
                severity = self._settings.severity.get(found.rule, found.severity)
                diagnostic = found._replace(severity=cast("Severity", severity))
                why = reason(diagnostic)
                if why is not None:
                    self.suppressed.append(Suppressed(diagnostic, "comment", why))
                    continue
                exemption = self._exempt(diagnostic)
                if exemption is None:
                    yield diagnostic
                else:
                    self.suppressed.append(Suppressed(diagnostic, "configuration", exemption.reason))

    def ran(self, name: str) -> bool:
        """Return whether a rule has run, other than the one on suppressions that do nothing."""
        return self._had_its_say(name) and name != "unused-suppression"

    def unused(self) -> Iterator[Diagnostic]:
        """Yield a note on each exception for this very project that has suppressed nothing."""
        settings, project = self._settings, self._project
        if project is None or settings.path is None:
            return
        own = settings.path.parent.resolve() == project.directory.resolve()
        for number, exemption in enumerate(settings.exceptions):
            used = number in self._used or not all(map(self._had_its_say, exemption.rules))
            yield from exemption.unused(project, used=used, own=own)

    def _had_its_say(self, name: str) -> bool:
        return self._settings.enabled(name) and (self._live or ELSEWHERE.get(name) != "engine")

    def _always(self, found: Diagnostic) -> bool:
        """Return whether a finding is told whatever anybody says, as it is."""
        return found.severity == "error" and (self._project is None or found.rule in UNREAD)

    def _exempt(self, found: Diagnostic) -> Exemption | None:
        if self._project is not None:
            for number, exemption in enumerate(self._settings.exceptions):
                if exemption.concerns(found, self._project):
                    self._used.add(number)
                    return exemption
        return None
