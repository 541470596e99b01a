"""`composecheck check`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from composecheck.cli.options import project_options
from composecheck.lint import examine
from composecheck.report.summary import summary

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


def run(arguments: argparse.Namespace) -> int:
    """Print what is found; 1 if anything at warning or above is."""
    report = examine(project_options(arguments))
    if arguments.format == "json":
        from composecheck.report import json

        print(json.render(report))
    else:
        _print(report, sys.stdout, notes=arguments.notes)
    return 1 if report.count("error") or report.count("warning") else 0


def checked(arguments: argparse.Namespace, *, refused_only: bool = False) -> Project | None:
    """Return the project that a command is to work on; None, and the errors printed, if it has any.

    With `refused_only` only what Docker Compose refuses is an error.
    """
    report = examine(project_options(arguments), refused_only=refused_only)
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
