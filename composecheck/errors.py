"""What goes wrong in the world, each error with what was seen last.

    ComposecheckError        1
    ├── UsageError           2   a path, an option or a service that was named
    │   ├── SourceError          a file that cannot be read as text
    │   └── UnsupportedError     what `up` cannot do as Compose would
    ├── LoadError            2   a project with errors (composecheck.findings.errors)
    ├── EngineError          3   an engine that is unreachable or refuses
    │   └── PreflightError       what is in the way on this engine (composecheck.findings.errors)
    └── NotReadyError        1   a stack that did not become ready
        └── DeadlineError    4   not within the deadline

A problem in the user's file is a Diagnostic; LoadError and PreflightError carry Diagnostics. A bug is a
traceback. The numbers are the exit codes of the command line.
"""

from __future__ import annotations


class ComposecheckError(Exception):
    """The base of every error of composecheck; its text is for a person, with a line for each problem."""

    exit_code: int = 1


class UsageError(ComposecheckError):
    """A path, option or service that the user named and that cannot be used: exit code 2."""

    exit_code = 2


class SourceError(UsageError):
    """A file that cannot be read as text, with the place where it is known (1-based).

    `shown` is its path as reports show it; `rule` is the id under which a report says so.
    """

    def __init__(
        self,
        path: str,
        reason: str,
        *,
        shown: str | None = None,
        rule: str = "unreadable-file",
        line: int = 1,
        column: int = 1,
    ) -> None:
        self.shown = path if shown is None else shown
        super().__init__(f"{self.shown}: {reason}")
        self.path = path
        self.reason = reason
        self.rule = rule
        self.line = line
        self.column = column


class UnsupportedError(UsageError):
    """What `up` cannot do exactly as Compose would, refused before anything is created."""


class EngineError(ComposecheckError):
    """An engine that is unreachable or refuses a request: exit code 3."""

    exit_code = 3


class NotReadyError(ComposecheckError):
    """A stack that did not become ready; the text names the service, why, and what it blocked."""

    exit_code = 1


class DeadlineError(NotReadyError):
    """A stack that was not ready within the deadline: exit code 4."""

    exit_code = 4
