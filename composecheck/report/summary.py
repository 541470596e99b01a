"""The last lines of a report: how many findings, in how much, and what was not checked."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.lint import Report


# So many files that were not checked are named.
_NAMED = 5


def summary(
    report: Report, *, notes: bool = False, ways: Sequence[str | None] = (), by_check: bool = True
) -> str:
    """Return the counts in one line; `notes` says whether notes are printed above it.

    `ways` are those in which the findings can be fixed, where that is to be told; `by_check` says that the
    command at hand is the one that fixes. Above it is with what files
    were checked that are half a project, below it what else looks like a Compose file.
    """
    lines = (*report.remarks, _counts(report, ways, notes=notes, by_check=by_check), *_unchecked(report.more))
    return "\n".join(map(one_line, lines))


def _counts(report: Report, ways: Sequence[str | None], *, notes: bool, by_check: bool) -> str:
    errors, warnings, noted = (report.count(severity) for severity in ("error", "warning", "note"))
    where = f"{count(report.services, 'service')} in {count(report.files, 'file')}"
    if len(report.projects) > 1:
        where += f" of {count(len(report.projects), 'project')}"
    found = [count(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    if noted and notes:
        found.append(count(noted, "note"))
    safe, unsafe = ways.count("safe"), ways.count("unsafe")
    fix, mark = ("--fix", "[*] ") if by_check else ("'composecheck check --fix'", "")
    more = [f"{mark}{safe} fixable with {fix}"] if safe else []
    if unsafe:
        fix = "--fix --unsafe-fixes" if by_check else "'composecheck check --fix --unsafe-fixes'"
        more.append(f"{unsafe} {'more' if safe else 'fixable'} with {fix}")
    if noted and not notes:
        more.append(f"{count(noted, 'note')} more with --notes")
    if report.suppressed:
        more.append(f"{len(report.suppressed)} suppressed")
    hidden = f" ({', '.join(more)})" if more else ""
    if not found:
        return f"no problems found: {where}{hidden}"
    *most, last = found
    return f"{', '.join(most)}{' and ' if most else ''}{last} found: {where}{hidden}"


def _unchecked(paths: Sequence[str]) -> Iterator[str]:
    if not paths:
        return
    names = ", ".join(paths if len(paths) <= _NAMED else (*paths[:_NAMED], "..."))
    look = "looks like a Compose file" if len(paths) == 1 else "look like Compose files"
    which = "it" if len(paths) == 1 else "one of them"
    yield f"{count(len(paths), 'more file')} {look}: {names}; 'composecheck check FILE' checks {which}"


def count(number: int, word: str) -> str:
    """Return "1 service", "2 services"."""
    return f"{number} {word}{'' if number == 1 else 's'}"
