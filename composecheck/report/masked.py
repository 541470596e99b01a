"""The findings of a report as any format may show them: without the secrets of their projects."""

from __future__ import annotations

from functools import cache

from composecheck.findings.diagnostic import Related
from composecheck.named import TYPE_CHECKING
from composecheck.text.secrets import Secrets
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report


def with_secrets(report: Report) -> Iterator[tuple[Diagnostic, Secrets]]:
    """Yield each finding as it is, and the secrets of its project.

    Not those of all: what is a password in one project is an image's name in the next.
    """

    @cache
    def secrets(number: int) -> Secrets:
        return Secrets(report.projects[number])

    for at, diagnostic in enumerate(report.diagnostics):
        yield diagnostic, secrets(report.owners[at] if report.owners else 0)


def masked(report: Report) -> Iterator[Diagnostic]:
    """Yield each finding with every secret in its texts hidden."""
    for diagnostic, secrets in with_secrets(report):
        yield _masked(diagnostic, secrets)


def _masked(diagnostic: Diagnostic, secrets: Secrets) -> Diagnostic:
    return diagnostic._replace(
        message=one_line(secrets.mask(diagnostic.message)),
        remedy=secrets.remedy(diagnostic.remedy),
        related=tuple(Related(one.span, one_line(secrets.mask(one.message))) for one in diagnostic.related),
    )
