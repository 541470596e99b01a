"""What the stages of loading find, gathered in one list."""

from __future__ import annotations

from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING
from composecheck.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from composecheck.errors import SourceError
    from composecheck.findings.diagnostic import Related
    from composecheck.text.disk import Disk

    Place = tuple[str, int, int]


class Findings:
    """Diagnostics so far, and the places whose value is already known to be wrong.

    What follows from a fault is no finding of its own: a later stage that stumbles over a value
    which an earlier one has refused says nothing. `blanks` are the variables that give nothing, by the
    place of the value they stand in, and `raw` the values that stand as they are written.
    """

    __slots__ = ("_hashes", "_missed", "_no_file", "_refused", "_unset", "blanks", "diagnostics", "raw")

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.blanks: dict[Place, Mapping[str, bool]] = {}
        self.raw: list[Span] = []
        self._refused: set[Place] = set()
        self._unset: set[str] = set()
        self._hashes: set[tuple[str, int]] = set()
        self._missed: dict[str, int] = {}
        self._no_file: dict[tuple[str, str], int] = {}

    def error(
        self,
        rule: str,
        message: str,
        span: Span,
        remedy: str = "",
        *,
        service: str | None = None,
        related: Iterable[Related] = (),
        meant: str = "",
    ) -> None:
        """Add an error, unless its place is refused already; it has a remedy in any case."""
        if not remedy:
            from composecheck.findings.catalogue import REMEDIES

            remedy = REMEDIES.get(rule, "")
        self.add([Diagnostic(rule, "error", message, span, remedy, service, tuple(related), meant=meant)])

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

    def unset(self, name: str, span: Span, text: str, *, in_env_file: bool = False) -> None:
        """Hear of a variable in a text that is not set; it is told of once, where it is first used.

        One that is a part of a password, or of its hash, is none. In an env file nothing else is told of.
        """
        what = _secret(span, text, name) if f"${name}" in text else ""
        if what:
            self._lost(what, span, in_env_file=in_env_file)
        elif not in_env_file and name not in self._unset:
            self._unset.add(name)
            message = f"the variable '{name}' is not set and becomes an empty text"
            remedy = f"set it, or give a default: '${{{name}:-...}}'"
            self.note("unset-variable", message, span, remedy)

    def _lost(self, what: str, span: Span, *, in_env_file: bool) -> None:
        """Add that a secret loses its parts: once for a line."""
        line = (span.source.real, span.line)
        if line not in self._hashes:
            self._hashes.add(line)
            remedy = "put the value in single quotes" if in_env_file else "write '$$' for each '$' of it"
            message = f"a '$' of a {what} is taken for a variable, which loses a part of it"
            self.warning("interpolated-secret", message, span, remedy)

    def blank(self, span: Span, names: Mapping[str, bool]) -> None:
        """Hear of variables that give nothing to a value, each with whether it is set at all."""
        self.blanks[_place(span)] = names

    def required(self, name: str, message: str, span: Span) -> None:
        """Add that a variable is required and not set: once, with the other places that require it."""
        number = self._missed.setdefault(name, len(self.diagnostics))
        if number == len(self.diagnostics):
            self.diagnostics.append(Diagnostic("required-variable", "error", message, span, f"set '{name}'"))
        else:
            self.diagnostics[number] = self.diagnostics[number].along(span, "required here too")

    def point_at_sample(self, directory: str, disk: Disk) -> None:
        """Say of required variables which sample of a `.env` has them, where that itself is not there."""
        if not self._missed:
            return
        from composecheck.text.samples import settings

        found = settings(directory, disk)
        for name, number in self._missed.items():
            if found.sets((name,)):
                remedy = f"set '{name}': copy '{found.name}' to '.env', and give it its value there"
                self.diagnostics[number] = self.diagnostics[number]._replace(remedy=remedy)

    def missing_env_file(
        self, path: str, message: str, span: Span, remedy: str, *, service: str | None = None
    ) -> None:
        """Add that an env file does not exist: once, with the other places that name it."""
        self._missing("missing-env-file", path, message, span, remedy, service=service)

    def missing_file(self, path: str, message: str, span: Span, remedy: str) -> None:
        """Add that a file to include or extend does not exist: once, with the other places that name it."""
        self._missing("missing-file", path, message, span, remedy)

    def _missing(
        self, rule: str, path: str, message: str, span: Span, remedy: str, *, service: str | None = None
    ) -> None:
        number = self._no_file.get((rule, path))
        if number is not None:
            self.diagnostics[number] = self.diagnostics[number].along(span, "named here too")
            return
        before = len(self.diagnostics)
        self.error(rule, message, span, remedy, service=service)
        if len(self.diagnostics) > before:
            self._no_file[rule, path] = before

    def unfilled(self, span: Span) -> None:
        """Hear of a value that stands as it is written, since a variable in it cannot be replaced."""
        self.raw.append(span)
        self.refuse(span)


def _place(span: Span) -> Place:
    return (span.source.real, span.line, span.column)


def _secret(span: Span, text: str, variable: str) -> str:
    """Return of what secret it is a part that looks like a variable, "" for a variable."""
    from composecheck.loading.hashes import is_of_hash, is_of_password

    if text.count("$") > 1 and is_of_hash(text, variable):
        return "hash"
    before = span.source.line(span.line)[: span.column - 1]
    return "password" if is_of_password(before, text, variable) else ""
