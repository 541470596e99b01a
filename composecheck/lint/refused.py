"""The error of a project that a door does not let in."""

from __future__ import annotations

from composecheck.findings.errors import LoadError
from composecheck.named import TYPE_CHECKING
from composecheck.text.secrets import Secrets

if TYPE_CHECKING:
    from composecheck.lint import Report


class RefusedError(LoadError):
    """A project that a door does not let in; `report` is what there is to say of it."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.diagnostics)
        self.args = (Secrets(report.project).mask(str(self)),)
        self.report = report
