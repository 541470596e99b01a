"""`composecheck check --fix` and `--diff`."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from composecheck.cli.output import say
from composecheck.fixes import Mended, check_readable_again, mend
from composecheck.fixes.files import diff, write
from composecheck.named import TYPE_CHECKING
from composecheck.text.redact import mask, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report
    from composecheck.loading.options import Options


class Fixing:
    """Mends projects that were examined, and tells what became of it.

    A `dry` run writes nothing, and its reports stay what they were.
    """

    def __init__(self, examine: Callable[[Options], Report], *, dry: bool) -> None:
        self._examine = examine
        self._dry = dry
        self._mended = Mended((), (), (), ())

    def examine(self, options: Options) -> Report:
        """Return what is found in a project; UsageError for one that cannot be read a second time."""
        check_readable_again(options)
        return self._examine(options)

    def __call__(self, projects: Sequence[Options], reports: Sequence[Report]) -> Sequence[Report]:
        """Return the reports that are to be told."""
        self._mended = mend(projects, reports, self._examine)
        if self._dry:
            # The projects of these are the ones that messages are held against for secrets.
            self._mended = self._mended._replace(reports=tuple(reports))
        else:
            write(self._mended.files)
        return self._mended.reports

    def tell(self, stream: TextIO) -> None:
        """Print a line for each fix that was made or refused; of a dry run the difference instead."""
        lines = [*self._refused()]
        if self._dry:
            for line in lines:
                say(line)
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8", newline="")  # as the files are
            for file in self._mended.files:
                sys.stdout.write(diff(file))
            return
        lines = [*self._fixed(), *lines]
        for line in [*lines, ""] if lines else []:
            say(line, stream)

    def _fixed(self) -> Iterator[str]:
        # Two projects may have a file in common.
        lines = {
            f"fixed: {found.span.source.shown}:{line} {found.rule}: {self._message(project, found)}": (
                found.span.source.shown,
                line,
            )
            for project, found, line in self._mended.fixed
        }
        yield from sorted(lines, key=lines.__getitem__)

    def _refused(self) -> Iterator[str]:
        yield from dict.fromkeys(
            f"not fixed: {found.span.source.shown}:{found.span.line} {found.rule}: {reason}"
            for _, found, reason in self._mended.refused
        )

    def _message(self, number: int, found: Diagnostic) -> str:
        project = self._mended.reports[number].project
        return mask(found.message, secrets_of(project)) if project is not None else found.message
