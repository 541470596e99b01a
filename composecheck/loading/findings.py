"""What the stages of loading find, gathered in one list."""

from __future__ import annotations

from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING
from composecheck.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.errors import SourceError
    from composecheck.findings.diagnostic import Related


class Findings:
    """Diagnostics so far, and the places whose value is already known to be wrong.

    What follows from a fault is no finding of its own: a later stage that stumbles over a value
    which an earlier one has refused says nothing.
    """

    __slots__ = ("_refused", "diagnostics")

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._refused: set[tuple[int, int, int]] = set()

    def error(
        self,
        rule: str,
        message: str,
        span: Span,
        remedy: str = "",
        *,
        service: str | None = None,
        related: Iterable[Related] = (),
    ) -> None:
        """Add an error, unless its place is refused already."""
        self.add([Diagnostic(rule, "error", message, span, remedy, service, tuple(related))])

    def unreadable(self, rule: str, error: SourceError) -> None:
        """Add that a file cannot be read, at the place where that shows."""
        source = Source(error.path, "", shown=error.shown)
        span = Span(source, error.line, error.column, error.line, error.column + 1)
        self.error(rule, f"'{error.shown}' cannot be read: {error.reason}", span)

    def note(self, rule: str, message: str, span: Span, remedy: str = "") -> None:
        """Add a note."""
        self.diagnostics.append(Diagnostic(rule, "note", message, span, remedy))

    def warning(
        self,
        rule: str,
        message: str,
        span: Span,
        remedy: str = "",
        *,
        service: str | None = None,
        related: Iterable[Related] = (),
    ) -> None:
        """Add a warning."""
        self.diagnostics.append(Diagnostic(rule, "warning", message, span, remedy, service, tuple(related)))

    def differs(self, difference: str, span: Span, service: str | None = None) -> None:
        """Add the note that the generations of Compose read this place otherwise; a key of DIFFERENCES."""
        from composecheck.model.dialect import DIFFERENCES

        old, new, since, remedy = DIFFERENCES[difference]
        message = f"docker compose 2.40 {old}; docker compose 5 {new} (since {since})"
        self.diagnostics.append(Diagnostic("portability", "note", message, span, remedy, service))

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add the diagnostics whose places are not refused yet."""
        self.diagnostics += [d for d in diagnostics if _place(d.span) not in self._refused]

    def refuse(self, *spans: Span) -> None:
        """Keep later stages silent about these places."""
        self._refused.update(_place(span) for span in spans)


def _place(span: Span) -> tuple[int, int, int]:
    return (id(span.source), span.line, span.column)
