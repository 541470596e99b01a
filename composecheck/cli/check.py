"""`composecheck check`."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from composecheck.cli.options import configuration, duration, given, project_options
from composecheck.errors import UsageError
from composecheck.lint import accepted, examine, startable, with_more
from composecheck.named import TYPE_CHECKING
from composecheck.report.summary import count, summary
from composecheck.settings import FAIL_ON, Settings, find, may_name_projects
from composecheck.text.disk import Disk

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from composecheck.cli.fixing import Fixing
    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint import Report
    from composecheck.lint.walk import Walk
    from composecheck.loading.options import Options
    from composecheck.model.project import Project

    # What lets a project in; RefusedError where it does not.
    Door = Callable[[Options, str | Settings | None, Settings], tuple[Project, Report]]

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `check`."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH",
        help="a Compose file, or a folder to search for projects (default: the project that is found here)"
    )  # fmt: skip
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print what is found")
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="write the report there, and print only its last line")  # fmt: skip
    parser.add_argument(
        "--live", action="store_true", help="ask the Docker Engine at hand too: ports, names, subnets, ..."
    )
    parser.add_argument(
        "--notes", action="store_true", help="print notes as well, and do not only count them"
    )
    parser.add_argument("--all", action="store_true", help="print long runs of one finding in full")
    parser.add_argument("--fix", action="store_true",
                        help="make the safe fixes of what is shown, and print what remains")  # fmt: skip
    parser.add_argument("--unsafe-fixes", action="store_true",
                        help="make those too that change what runs in another way: publishing, timing, "
                             "data")  # fmt: skip
    parser.add_argument("--diff", action="store_true",
                        help="print what '--fix' would change, and change nothing")  # fmt: skip
    parser.add_argument("--select", action="append", metavar="IDS", default=[],
                        help="run these rules or groups alone; a list, may be repeated")  # fmt: skip
    parser.add_argument("--ignore", action="append", metavar="IDS", default=[],
                        help="do not run these rules or groups; a list, may be repeated")  # fmt: skip
    parser.add_argument("--budget", type=duration, metavar="TIME", default=None,
                        help="how long waits for health may take in all ('120s', or seconds)")  # fmt: skip
    parser.add_argument("--fail-on", choices=FAIL_ON, default=None,
                        help="the least severity that gives exit code 1 (warning)")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Print what is found; 1 if anything is that `--fail-on` names, 2 for a wrong configuration."""
    if not arguments.live:
        return _run(arguments)
    from composecheck.cli.ask import Asker

    with Asker() as arguments.live:
        code = _run(arguments)
    if arguments.live.trouble is not None:
        raise arguments.live.trouble
    return code


def _run(arguments: argparse.Namespace) -> int:
    fixing = _fixing(arguments)
    found = _found(arguments)
    if found is not None:
        report = _several(found, arguments, fixing)
    else:
        options = project_options(arguments)
        if fixing is None:
            report = _examined(options, arguments)
        else:
            (report,) = fixing((options,), (fixing.examine(options),))
        report = report if options.files else with_more(report)
    if fixing is not None:
        fixing.tell(sys.stdout if arguments.format == "text" else sys.stderr)
    if arguments.output is not None:
        from composecheck.cli.output import write

        write(arguments.output, _rendered(report, arguments, color=False))
    if arguments.diff:
        from composecheck.report.fixable import fixable

        notes = arguments.notes or _fail_by_notes((report,))
        print(summary(report, ways=fixable(report, notes=notes)), file=sys.stderr)
    elif arguments.output is not None:
        print(summary(report))
    else:
        text = _rendered(report, arguments, color=wants_color(sys.stdout))
        _print(text, sys.stdout, utf8=arguments.format != "text")
    return max(report.exit_code, 1) if fixing is not None and fixing.offers else report.exit_code


def _fixing(arguments: argparse.Namespace) -> Fixing | None:
    """Return what mends the projects of a run; None where it is not asked to."""
    if not arguments.fix and not arguments.diff:
        if arguments.unsafe_fixes:
            raise UsageError("'--unsafe-fixes' goes with '--fix' or '--diff'")
        return None
    from composecheck.cli.fixing import Fixing

    settings = given(arguments)
    prove: Callable[[Options], Report] | None = None
    if settings.select is not None:

        def prove(options: Options) -> Report:
            return examine(options, configuration(arguments), settings._replace(select=None))

    def shows(found: Diagnostic, reports: Sequence[Report]) -> bool:
        """Return whether the run prints a finding, which need not be one of its own."""
        selected = settings.select is None or Settings(select=settings.select).enabled(found.rule)
        return selected and (found.severity != "note" or arguments.notes or _fail_by_notes(reports))

    return Fixing(
        lambda options: _examined(options, arguments),
        prove,
        shows=shows,
        unsafe=arguments.unsafe_fixes,
        dry=arguments.diff,
    )


def _fail_by_notes(reports: Sequence[Report]) -> bool:
    """Return whether nothing but notes makes a run fail; then they are printed."""
    failed = any(report.exit_code != 0 for report in reports)
    return failed and not any(report.count("error") or report.count("warning") for report in reports)


def _examined(options: Options, arguments: argparse.Namespace) -> Report:
    return examine(options, configuration(arguments), given(arguments), live=arguments.live or None)


def started(arguments: argparse.Namespace, otherwise: str) -> tuple[Project, Report] | None:
    """Return a project that is to be started; None, and all that is wrong printed, where it has errors.

    The last line then says what there is `otherwise`: "there is no plan".
    """
    return _let_in(startable, arguments, otherwise)


def resolved(arguments: argparse.Namespace) -> Project | None:
    """Return a project that docker compose accepts; None, and what it refuses printed, if it does not."""
    found = _let_in(accepted, arguments)
    return found[0] if found is not None else None


def _let_in(door: Door, arguments: argparse.Namespace, otherwise: str = "") -> tuple[Project, Report] | None:
    from composecheck.lint.refused import RefusedError

    try:
        return door(project_options(arguments), configuration(arguments), given(arguments))
    except RefusedError as refused:
        _print(_text(refused.report, color=wants_color(sys.stderr), by_check=False), sys.stderr)
        errors = refused.report.count("error")
        if otherwise and errors:
            _print(f"composecheck: {otherwise}, because of {count(errors, 'error')}", sys.stderr)
        return None


def printed(report: Report, write: Callable[[str], object]) -> None:
    """Write a report where there is more in it than notes."""
    if report.count("error") or report.count("warning"):
        write(_text(report, color=wants_color(sys.stderr), by_check=False))


def _found(arguments: argparse.Namespace) -> Walk | None:
    """Return the projects that the paths lead to; without any, those that a configuration names here.

    None is the one project that discovery finds.
    """
    named = arguments.files or arguments.project_directory
    if arguments.paths:
        if named:
            raise UsageError(
                "a PATH is a project by itself, and goes with neither '-f' nor '--project-directory'"
            )
        from composecheck.lint.walk import walk

        return walk(arguments.paths, config=configuration(arguments))
    if named or arguments.config == "" or "COMPOSE_FILE" in os.environ:
        return None
    disk = Disk()
    paths = find(disk.folder, disk) if arguments.config is None else (arguments.config,)
    if not any(may_name_projects(path, disk) for path in paths):
        return None
    from composecheck.lint.walk import here

    return here(disk.folder, disk, arguments.config)


def _several(found: Walk, arguments: argparse.Namespace, fixing: Fixing | None) -> Report:
    """Return what is found in several projects, or remains there."""
    from composecheck.cli.counter import Counter
    from composecheck.lint.several import examine_all
    from composecheck.text.visible import one_line

    for line in found.closed:
        _print(f"composecheck: {one_line(line)}", sys.stderr)
    with Counter(len(found.projects), sys.stderr) as counter:
        return examine_all(
            found,
            project_options(arguments),
            examine=fixing.examine if fixing is not None else lambda options: _examined(options, arguments),
            progress=counter,
            mend=fixing,
        )


def _rendered(report: Report, arguments: argparse.Namespace, *, color: bool) -> str:
    notes = arguments.notes or _fail_by_notes((report,))
    if arguments.format == "text":
        return _text(report, notes=notes, every=arguments.all, color=color)
    if arguments.format == "github":
        from composecheck.report import github

        return github.render(report, notes=notes)
    from importlib import import_module

    text: str = import_module(f"composecheck.report.{arguments.format}").render(report)
    return text


def _text(
    report: Report, *, color: bool, notes: bool = False, every: bool = False, by_check: bool = True
) -> str:
    if report.count("error") or report.count("warning") or (notes and report.diagnostics):
        from composecheck.report.text import render

        return render(report, notes=notes, color=color, every=every, by_check=by_check)
    return summary(report)


def _print(text: str, stream: TextIO, *, utf8: bool = False) -> None:
    # A file's name may hold what is no character, and a stream may take ASCII alone.
    if utf8 and isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8")
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream)


def wants_color(stream: TextIO) -> bool:
    """Return whether a stream shows colours: a terminal, and NO_COLOR (no-color.org) is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
