"""What is said of a value that is wrong because a variable in it has no value.

The variables come with whether they are set at all: `{"TAG": False}`.
"""

from __future__ import annotations

from composecheck.findings.catalogue import ON_VALUES
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.text.samples import Settings
    from composecheck.text.source import Span


def fact(names: Mapping[str, bool]) -> str:
    """Return "'A' and 'B' are not set"; of variables that are all set, that they are empty."""
    unset = [name for name, given in names.items() if not given]
    some = unset or list(names)
    return f"{listed(some)} {'is' if len(some) == 1 else 'are'} {'not set' if unset else 'empty'}"


def remedy(names: Mapping[str, bool], settings: Settings | None = None) -> str:
    """Return what mends it; `settings` are those of the sample of a `.env`, where that is not there."""
    first = next(iter(names))
    it = "it its value" if len(names) == 1 else "them their values"
    copied = ""
    if settings is not None and settings.sets(names):
        copied = f": copy '{settings.name}' to '.env', and give {it} there"
    return f"set {listed(names)}{copied}{';' if copied else ','} or give a default: '${{{first}:-...}}'"


def explained(
    diagnostics: Iterable[Diagnostic],
    blank: Callable[[Span], Mapping[str, bool]],
    settings: Settings,
) -> list[Diagnostic]:
    """Return findings of which those in values that lack a variable name it: one for all that it spoils.

    That the variable is not set is then no finding of its own. `settings` are those of the sample
    of a `.env`.
    """
    told: list[Diagnostic] = []
    blamed: dict[tuple[str, ...], int] = {}
    spoken: set[str] = set()
    for diagnostic in diagnostics:
        names = blank(diagnostic.span) if diagnostic.rule in ON_VALUES else {}
        if not names:
            told.append(diagnostic)
            continue
        key = tuple(names)
        if diagnostic.severity == "note":
            spoken.update(names)  # it says so itself
            told.append(diagnostic)
            continue
        if key in blamed:
            told[blamed[key]] = told[blamed[key]].along(diagnostic.span, "and here")
            continue
        blamed[key] = len(told)
        spoken.update(names)
        message = f"{diagnostic.message}, for {fact(names)}"
        told.append(diagnostic._replace(message=message, remedy=remedy(names, settings)))
    words = {f"'{name}'" for name in spoken}
    return [d for d in told if d.rule != "unset-variable" or words.isdisjoint(d.message.split())]
