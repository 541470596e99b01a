"""What has to hold of every document, whatever is in it."""

from __future__ import annotations

import signal
import time
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from composecheck.errors import UsageError
from composecheck.lint import examine
from composecheck.loading import Options
from composecheck.report import json, text

from .documents import MAIN, STANDING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.text.source import Span

    from .documents import Case

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/root", "A": "set", "B": ""}
# Seconds of this process for a document of up to _SMALL bytes, and for each such part of a larger one.
# Five times what the slowest takes (65,535 ports in two words): a busy machine is no fault, an explosion is.
ALLOWED = 10.0
_SMALL = 100_000
# What never ends is ended, in seconds of this process.
_HANGS = 60
# Their text could not be read, or is not kept.
_WITHOUT_TEXT = {"document-limit", "invalid-encoding", "unreadable-file", "invalid-env-file"}


class Answer(NamedTuple):
    """What was found in a case, as text, and which of what has to hold does not ("" for none)."""

    findings: str
    broken: str
    seconds: float


class _EndlessError(BaseException):
    """Raised in the midst of what does not end; no `except Exception` may take it."""


def examined(case: Case, folder: Path, *, compose: str = "5") -> Answer:
    """Check one case in a folder of its own; never raises."""
    _write(case.files, folder)
    try:
        return _examined(case, folder, compose)
    finally:
        for name in case.files:
            if name in STANDING:
                (folder / name).write_bytes(STANDING[name])
            else:
                (folder / name).unlink()


def prepare(folder: Path) -> None:
    """Put what every case may refer to in a folder."""
    for name in ("inc/deep", "ext/deep", "inner"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _write(STANDING, folder)


def _write(files: dict[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _examined(case: Case, folder: Path, compose: str) -> Answer:
    options = Options((MAIN,), profiles=("*",), environment=ENVIRONMENT, folder=folder, compose=compose)
    start = time.process_time()
    try:
        with _watched():
            report = examine(options)
            seconds = time.process_time() - start
            rendered = text.render(report, notes=True) + json.render(report)
    except UsageError as error:
        return Answer(f"usage: {error}", "", time.process_time() - start)
    except _EndlessError:
        return Answer("", f"no end after {_HANGS} s\n{_where()}", float(_HANGS))
    except (Exception, RecursionError) as error:
        return Answer("", f"{type(error).__name__}: {error}\n{_where()}", time.process_time() - start)
    broken = list(_misplaced(report.diagnostics))
    size = sum(map(len, case.files.values()))
    if seconds > ALLOWED * max(1, size / _SMALL):
        broken.append(f"{seconds:.1f} s for {size} bytes")
    if list(report.diagnostics) != sorted(report.diagnostics, key=_order):
        broken.append("the findings are not in order")
    findings = "\n".join(map(_line, report.diagnostics)) + "\n" + rendered
    return Answer(findings, "; ".join(broken), seconds)


@contextmanager
def _watched() -> Iterator[None]:
    def stop(_number: int, _frame: Any) -> None:
        raise _EndlessError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _where() -> str:
    """Return where the exception came from: enough to tell two faults from each other."""
    lines = traceback.format_exc().splitlines()
    frames = [line.strip() for line in lines if line.startswith("  File")]
    return "\n".join(frames[-4:])


def _order(d: Diagnostic) -> tuple[str, int, int, str, str]:
    return (d.span.source.shown, d.span.line, d.span.column, d.rule, d.message)


def _line(d: Diagnostic) -> str:
    related = " ".join(f"{one.span} {one.message}" for one in d.related)
    end = f"{d.span.end_line}:{d.span.end_column}"
    return f"{d.span} {end} {d.severity} {d.rule} {d.message} {d.remedy} {related}"


def _misplaced(diagnostics: tuple[Diagnostic, ...]) -> Iterator[str]:
    for d in diagnostics:
        for span in (d.span, *(one.span for one in d.related)):
            if not _lies_in_its_source(span) and not (span.source.text == "" and d.rule in _WITHOUT_TEXT):
                yield f"{d.rule} at {span}, up to {span.end_line}:{span.end_column}: not in the source"
        if not d.message or "\n" in d.rule or not d.rule:
            yield f"{d.rule} at {d.span} says nothing"


def _lies_in_its_source(span: Span) -> bool:
    source = span.source
    if not 1 <= span.line <= span.end_line or span.column < 1:
        return False
    if span.line == span.end_line and span.end_column < span.column:
        return False
    if max(span.line, span.end_line) > _lines(source):
        return False
    # Where something is missing at the end of a line, the place is the end itself.
    first, last = len(source.line(span.line)), len(source.line(span.end_line))
    return 1 <= span.column <= first + 1 and 1 <= span.end_column <= last + 1 + (span.column == first + 1)


def _lines(source: Any) -> int:
    source.line(1)  # splits the text
    return len(source._lines)
