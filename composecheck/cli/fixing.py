"""`composecheck check --fix`, `--diff` and `--unsafe-fixes`."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from composecheck.cli.output import say
from composecheck.fixes import Mended, check_readable_again, mend, without
from composecheck.fixes.difference import difference
from composecheck.fixes.files import write
from composecheck.lint.foreign import Foreign
from composecheck.named import TYPE_CHECKING
from composecheck.text.secrets import Secrets
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from composecheck.findings.diagnostic import Diagnostic, Fix
    from composecheck.fixes.files import Changed
    from composecheck.lint import Report
    from composecheck.loading.options import Options

    Examine = Callable[[Options], Report]


class Fixing:
    """Mends what the run shows of projects that were examined, and tells what became of it.

    A `dry` run writes nothing, and its reports stay what they were. `prove` examines a project by more
    rules than the run shows findings of, where some were selected: a fix is held against all of them.
    """

    def __init__(
        self,
        examine: Examine,
        prove: Examine | None = None,
        *,
        shows: Callable[[Diagnostic, Sequence[Report]], bool],
        unsafe: bool,
        dry: bool,
    ) -> None:
        self._examine = examine
        self._prove = prove
        self._shows = shows
        self._unsafe = unsafe
        self._dry = dry
        self._mended = Mended((), (), (), ())

    @property
    def offers(self) -> bool:
        """Whether a dry run has a change to show."""
        return self._dry and bool(self._mended.files)

    def examine(self, options: Options) -> Report:
        """Return what is found in a project; UsageError for one that cannot be read a second time."""
        check_readable_again(options)
        return self._examine(options)

    def __call__(self, projects: Sequence[Options], reports: Sequence[Report]) -> Sequence[Report]:
        """Return the reports that are to be told."""

        def wanted(found: Diagnostic, fix: Fix) -> bool:
            return (self._unsafe or not fix.unsafe) and self._shows(found, reports)

        prove = self._prove
        every = reports if prove is None else [prove(options) for options in projects]
        self._mended = mend(projects, every, prove or self._examine, wanted=wanted)
        if self._dry:
            # The projects of these are the ones that messages are held against for secrets.
            self._mended = self._mended._replace(reports=without(reports, self._mended.refused))
        else:
            write(self._mended.files)
            if prove is not None:
                remaining = [self._examine(options) for options in projects]
                self._mended = self._mended._replace(reports=without(remaining, self._mended.refused))
        return self._mended.reports

    def tell(self, stream: TextIO) -> None:
        """Print a line for each fix that was made or refused; of a dry run the difference instead."""
        lines = [*self._refused()]
        if self._dry:
            for line in lines:
                say(one_line(line))
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8", newline="")  # as the files are
            for file in self._mended.files:
                sys.stdout.write(self._diff(file))
            return
        lines = [*self._fixed(), *lines]
        for line in [*lines, ""] if lines else []:
            say(one_line(line), stream)

    def _diff(self, file: Changed) -> str:
        """Return a change without secrets and hidden characters; of a foreign file only that there is one."""
        reports = self._mended.reports
        if any(report.options and Foreign(report.options).has(file.source) for report in reports):
            return f"--- {file.source.shown} (outside the repository: its text is not shown)\n"
        every = [Secrets(report.project) for report in reports]

        def hidden(line: str) -> str:
            for secrets in every:
                line = secrets.hide(line, guessable=False)
            # Tabs, and what ends the lines of a file of Windows, steer nothing.
            text = line.removesuffix("\r")
            return "\t".join(map(one_line, text.split("\t"))) + line[len(text) :]

        return difference(file.source.shown, file.source.text, file.text, hidden)

    def _fixed(self) -> Iterator[str]:
        # Two projects may have a file in common.
        lines = {
            f"fixed: {found.span.source.shown}:{line} {found.rule}: {self._masked(project, found.message)}"
            + _elsewhere(found, fix)
            + (f" (changes {fix.unsafe})" if fix.unsafe else ""): (found.span.source.shown, line)
            for project, found, line, fix in self._mended.fixed
        }
        yield from sorted(lines, key=lines.__getitem__)

    def _refused(self) -> Iterator[str]:
        yield from dict.fromkeys(
            f"not fixed: {found.span.source.shown}:{line} {found.rule}: {self._masked(at, reason)}"
            for at, found, reason, line in self._mended.refused
        )

    def _masked(self, number: int, text: str) -> str:
        return Secrets(self._mended.reports[number].project).mask(text)


def _elsewhere(found: Diagnostic, fix: Fix) -> str:
    """Return which files a fix has changed, "" where that is only the one that its finding is in."""
    files = dict.fromkeys(edit.span.source.shown for edit in fix.edits)
    if files.keys() <= {found.span.source.shown}:
        return ""
    from composecheck.text.spelling import listed

    return f" (in {listed([*files])})"
