"""The engine at hand, asked about projects that are checked: `check --live`."""

from __future__ import annotations

from contextlib import ExitStack, closing

from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from composecheck.engine.protocol import Session
    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Diagnostic


class Asker:
    """Asks one engine about any number of projects; `trouble` is why it could not be asked."""

    def __init__(self) -> None:
        self.trouble: EngineError | None = None
        self._session: Session | None = None
        self._open = ExitStack()

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def __call__(self, facts: Facts) -> list[Diagnostic] | None:
        """Return what is in the way of a project's start; None where no engine says so."""
        project = facts.project
        if self.trouble is not None:
            return None
        from composecheck.engine import connect
        from composecheck.preflight import examine

        try:
            if self._session is None:
                self._session = self._open.enter_context(closing(connect()))
            seen = self._session.survey(project, list(project.services))
            return list(examine(facts, seen, everything=True))
        except EngineError as error:
            self.trouble = error
            return None
