"""The errors that carry findings."""

from __future__ import annotations

from composecheck.errors import ComposecheckError, EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.findings.diagnostic import Diagnostic


class LoadError(ComposecheckError):
    """A project with at least one error; `diagnostics` holds everything that was found."""

    exit_code = 2

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [d for d in self.diagnostics if d.severity == "error"]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0].span}: {errors[0].message}{more}" if errors else "")


class PreflightError(EngineError):
    """What is in the way of a start on the engine at hand, seen before anything was created.

    `diagnostics` holds everything that was found; the text has a line for each error.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [d for d in self.diagnostics if d.severity == "error"]
        super().__init__("\n".join(f"{d.span}: {d.message}; {d.remedy}" for d in errors))
