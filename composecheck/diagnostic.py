"""A finding, and how findings are ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.source import Span

Severity = Literal["error", "warning", "note"]


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

    `changes` are the paths in the resolved model, such as ("services", "api", "depends_on"), at or
    below which it may differ afterwards; elsewhere it must not.
    """

    edits: tuple[Edit, ...]
    changes: tuple[tuple[str, ...], ...]


class Diagnostic(NamedTuple):
    """One finding: lower case, no full stop, the thing in quotes; the fact, then the remedy.

    `rule` is the id (kebab case, the name of a module in `composecheck.rules`). `fix` is there where
    the right change is certain.
    """

    rule: str
    severity: Severity
    message: str
    span: Span
    remedy: str = ""
    service: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return findings by place, then rule and message, without exact repeats."""
    unique = {sort_key(d): d for d in diagnostics}
    return tuple(unique[key] for key in sorted(unique))


def sort_key(d: Diagnostic) -> tuple[str, int, int, str, str]:
    """Return what orders findings, and is equal for repeats."""
    return (d.span.source.path, d.span.line, d.span.column, d.rule, d.message)
