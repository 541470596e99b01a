"""`composecheck check`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO, get_args

from composecheck.cli.options import configuration, given, project_options
from composecheck.lint import examine
from composecheck.report.summary import summary
from composecheck.settings import FailOn

if TYPE_CHECKING:
    import argparse

    from composecheck.lint import Report
    from composecheck.project import Project


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `check`."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print what is found"
    )
    parser.add_argument(
        "--notes", action="store_true", help="print notes as well, and do not only count them"
    )
    parser.add_argument("--select", action="append", metavar="IDS", default=[],
                        help="run these rules alone; a list with commas, may be repeated")  # fmt: skip
    parser.add_argument("--ignore", action="append", metavar="IDS", default=[],
                        help="do not run these rules; a list with commas, may be repeated")  # fmt: skip
    parser.add_argument("--fail-on", choices=get_args(FailOn), default=None,
                        help="the least severity that gives exit code 1 (warning)")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Print what is found; 1 if anything is that `--fail-on` names, 2 for a wrong configuration."""
    report = examine(project_options(arguments), configuration(arguments), given(arguments))
    if arguments.format == "json":
        from composecheck.report import json

        print(json.render(report))
    else:
        _print(report, sys.stdout, notes=arguments.notes or report.fail_on == "note")
    return report.exit_code


def checked(arguments: argparse.Namespace) -> Project | None:
    """Return the project that a command is to work on; None, and the errors printed, if it has any.

    What docker compose refuses is an error here whatever the comments and the configuration say.
    """
    report = examine(project_options(arguments), configuration(arguments), given(arguments), starting=True)
    if report.project is not None and not report.count("error"):
        return report.project
    _print(report, sys.stderr, notes=False)
    return None


def _print(report: Report, stream: TextIO, *, notes: bool) -> None:
    if report.count("error") or report.count("warning") or (notes and report.diagnostics):
        from composecheck.report.text import render

        print(render(report, notes=notes, color=wants_color(stream)), file=stream)
    else:
        print(summary(report), file=stream)


def wants_color(stream: TextIO) -> bool:
    """Return whether a stream shows colours: a terminal, and NO_COLOR (no-color.org) is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
