"""What goes wrong in the world, each error with what was seen last.

A problem in the user's file is a Diagnostic, never one of these but LoadError, which carries
all of them; a bug is a traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.diagnostic import Diagnostic


class ComposecheckError(Exception):
    """The base of every error of composecheck; its text is for a person, with a line for each problem."""

    exit_code: int = 1


class UsageError(ComposecheckError):
    """A path, option or service that the user named and that cannot be used: exit code 2."""

    exit_code = 2


class SourceError(UsageError):
    """A file that cannot be read as text, with the place where it is known (1-based).

    `rule` is the id under which a report says so.
    """

    def __init__(
        self, path: str, reason: str, *, rule: str = "unreadable-file", line: int = 1, column: int = 1
    ) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.rule = rule
        self.line = line
        self.column = column


class LoadError(ComposecheckError):
    """A project with at least one error; `diagnostics` holds everything that was found."""

    exit_code = 2

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [d for d in self.diagnostics if d.severity == "error"]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0].span}: {errors[0].message}{more}" if errors else "")


class UnsupportedError(UsageError):
    """What `up` cannot do exactly as Compose would, refused before anything is created."""


class EngineError(ComposecheckError):
    """An engine that is unreachable or refuses a request: exit code 3."""

    exit_code = 3


class PreflightError(EngineError):
    """What is in the way of a start on the engine at hand, seen before anything was created.

    `diagnostics` holds everything that was found; the text has a line for each error.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [d for d in self.diagnostics if d.severity == "error"]
        super().__init__("\n".join(f"{d.span}: {d.message}; {d.remedy}" for d in errors))


class NotReadyError(ComposecheckError):
    """A stack that did not become ready; the text names the service, why, and what it blocked."""

    exit_code = 1


class DeadlineError(NotReadyError):
    """A stack that was not ready within the deadline: exit code 4."""

    exit_code = 4
