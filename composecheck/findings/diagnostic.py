"""A finding, and how findings are ordered."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Literal

    from composecheck.text.source import Span

    Severity = Literal["error", "warning", "note"]

    # How sure a finding is; how bad it is, is its severity. What is only possible is never above a note.
    Confidence = Literal["certain", "likely", "possible"]


GONE, ANYTHING = object(), object()


class Related(NamedTuple):
    """Another place that a finding is about, and what is there."""

    span: Span
    message: str


class Edit(NamedTuple):
    """A change of a file's text: what stands at a place gives way to `text`; an empty place inserts."""

    span: Span
    text: str


class Fix(NamedTuple):
    """The change that mends a finding: edits of the files, all or none of them.

    `changes` says, by its path in the resolved model such as ("services", "api", "depends_on", "db"),
    what stands there afterwards; elsewhere nothing may differ. An entry of a list goes by its number.
    What stands in other files has paths of its own: ("environment", "TAG") is a variable of the project, and
    ("images", "api", "command") what the Dockerfile of a service gives its image. `GONE` stands for nothing,
    and `ANYTHING` for what nobody can tell beforehand, such as what was written under a misspelt key.

    A fix is safe where the start cannot get worse by it. `unsafe` says what else one changes, in a word that
    follows "changes": "publishing", "timing"; "" for a safe one. `awaits` is the service whose healthcheck
    decides what becomes of the start. `against` says why it is not to be made at all, "" where nothing does.
    """

    edits: tuple[Edit, ...]
    changes: Mapping[tuple[str, ...], object]
    unsafe: str = ""
    awaits: str | None = None
    against: str = ""


class Diagnostic(NamedTuple):
    """One finding: lower case, no full stop, the thing in quotes; the fact, then the remedy.

    `rule` is the id (kebab case, the name of a module in `composecheck.rules`). `fix` is there where
    the right change is certain; it gives None where the text is laid out so that it cannot be made.
    `meant` is the one name for which a misspelt one can stand, where the loader knows it, and `awaits` the
    service whose healthcheck the remedy tells to wait for.
    """

    rule: str
    severity: Severity
    message: str
    span: Span
    remedy: str = ""
    service: str | None = None
    related: tuple[Related, ...] = ()
    fix: Callable[[], Fix | None] | None = None
    confidence: Confidence = "certain"
    meant: str = ""
    awaits: str = ""

    def along(self, span: Span, message: str) -> Diagnostic:
        """Return the same finding, which is about one place more."""
        if span in (self.span, *(other.span for other in self.related)):
            return self
        return self._replace(related=(*self.related, Related(span, message)))


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return findings by place, then rule and message, without exact repeats."""
    unique = {sort_key(d): d for d in diagnostics}
    return tuple(unique[key] for key in sorted(unique))


def sort_key(d: Diagnostic) -> tuple[str, int, int, str, str]:
    """Return what orders findings, and is equal for repeats."""
    return (d.span.source.shown, d.span.line, d.span.column, d.rule, d.message)
