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


class Diagnostic(NamedTuple):
    """One finding: lower case, no full stop, the thing in quotes; the fact, then the remedy.

    `rule` is the id (kebab case, the name of a module in `composecheck.rules`).
    """

    rule: str
    severity: Severity
    message: str
    span: Span
    remedy: str = ""
    service: str | None = None
    related: tuple[Related, ...] = ()


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return findings by place, then rule and message, without exact repeats."""
    unique = {sort_key(d): d for d in diagnostics}
    return tuple(unique[key] for key in sorted(unique))


def sort_key(d: Diagnostic) -> tuple[str, int, int, str, str]:
    """Return what orders findings, and is equal for repeats."""
    return (d.span.source.path, d.span.line, d.span.column, d.rule, d.message)
