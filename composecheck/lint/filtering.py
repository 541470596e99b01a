"""Applies settings and suppressions to findings."""

from __future__ import annotations

from typing import cast

from composecheck.findings.catalogue import ELSEWHERE, UNREAD
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from composecheck.dockerfile import Dockerfile
    from composecheck.findings.diagnostic import Diagnostic, Severity
    from composecheck.lint.suppression import Suppressed
    from composecheck.model.project import Project
    from composecheck.settings import Settings
    from composecheck.settings.exceptions import Exemption
    from composecheck.text.source import Source

_UNUSED = "unused-suppression"


def filtered(
    diagnostics: Sequence[Diagnostic],
    settings: Settings,
    project: Project | None,
    commented: tuple[Sequence[Source], Sequence[Dockerfile]],
    *,
    complete: bool = False,
    live: bool = False,
) -> tuple[Sequence[Diagnostic], tuple[Suppressed, ...]]:
    """Return the findings to report, with the severity that the settings give them, and the suppressed.

    `commented` are the Compose files and the Dockerfiles that may have comments to suppress findings.
    `complete` says that nothing which is wrong can have hidden a finding: then a suppression without one
    is a finding; `live`, that an engine was asked.
    """
    filter_ = Filter(settings, project, live=live)
    if any(commented):
        from composecheck.lint.suppression import Suppressions

        comments = Suppressions(*commented)
        reported = [*filter_.report((*diagnostics, *comments.findings), comments.reason)]
        unseen = project.disabled if project is not None else ()
        if complete:
            late = (
                *comments.unused(lambda rule: rule != _UNUSED and filter_.has_run(rule), unseen),
                *filter_.unused(),
            )
            reported += filter_.report(late, comments.reason)
            reported += filter_.report(comments.unused(_UNUSED.__eq__, unseen))
    else:
        reported = [*filter_.report(diagnostics)]
        if complete:
            reported += filter_.report(filter_.unused())
    return reported, tuple(filter_.suppressed)


def _nothing(_: Diagnostic) -> None:
    """Give the reason of no finding."""


class Filter:
    """What lets findings through one by one, and keeps those that are suppressed."""

    def __init__(self, settings: Settings, project: Project | None, *, live: bool) -> None:
        self.suppressed: list[Suppressed] = []
        self._settings = settings
        self._project = project
        self._live = live
        self._used: set[int] = set()  # the exceptions that have suppressed something, by their number

    def report(
        self, diagnostics: Iterable[Diagnostic], reason: Callable[[Diagnostic], str | None] = _nothing
    ) -> Iterator[Diagnostic]:
        """Yield the findings to report; `reason` is why a comment suppresses one, else None."""
        from composecheck.lint.suppression import Suppressed

        for finding in diagnostics:
            if self._is_unsuppressible(finding):
                yield finding
            elif self._settings.enabled(finding.rule):
                severity = self._settings.severity.get(finding.rule, finding.severity)
                diagnostic = finding._replace(severity=cast("Severity", severity))
                why = reason(diagnostic)
                if why is not None:
                    self.suppressed.append(Suppressed(diagnostic, "comment", why))
                    continue
                exemption = self._exempt(diagnostic)
                if exemption is None:
                    yield diagnostic
                else:
                    self.suppressed.append(Suppressed(diagnostic, "configuration", exemption.reason))

    def unused(self) -> Iterator[Diagnostic]:
        """Yield a note on each exception for this very project that has suppressed nothing."""
        settings, project = self._settings, self._project
        if project is None or settings.path is None:
            return
        own = settings.path.parent.resolve() == project.directory.resolve()
        for number, exemption in enumerate(settings.exceptions):
            used = number in self._used or not all(map(self.has_run, exemption.rules))
            yield from exemption.unused(project, used=used, own=own)

    def has_run(self, name: str) -> bool:
        """Return whether a rule has run."""
        return self._settings.enabled(name) and (self._live or ELSEWHERE.get(name) != "engine")

    def _is_unsuppressible(self, diagnostic: Diagnostic) -> bool:
        """Return whether a finding is reported as it is, whatever settings and comments say."""
        return diagnostic.severity == "error" and (self._project is None or diagnostic.rule in UNREAD)

    def _exempt(self, diagnostic: Diagnostic) -> Exemption | None:
        if self._project is not None:
            for number, exemption in enumerate(self._settings.exceptions):
                if exemption.concerns(diagnostic, self._project):
                    self._used.add(number)
                    return exemption
        return None
