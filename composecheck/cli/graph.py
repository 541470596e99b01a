"""`composecheck graph`."""

from __future__ import annotations

import sys
from pathlib import PurePath

from composecheck.cli.options import configuration, given, project_options
from composecheck.errors import UsageError
from composecheck.lint import examine
from composecheck.named import TYPE_CHECKING
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    import argparse
    from typing import TextIO

    from composecheck.lint import Report

FORMATS = ("text", "mermaid", "dot", "svg")
_ENDINGS = {".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot", ".svg": "svg"}
_OTHERS = frozenset(
    (".bmp", ".eps", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".pdf", ".png", ".ps", ".webp")
)
# More errors than these are only counted: what is wanted is the picture.
_FIRST = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `graph`."""
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="only these and what they depend on")
    parser.add_argument("--format", choices=FORMATS, default=None,
                        help="text, mermaid, dot or svg (default: as FILE's name ends, or text)")  # fmt: skip
    parser.add_argument("-o", "--output", metavar="FILE", help="write into a file")


def run(arguments: argparse.Namespace) -> int:
    """Print the picture and return 0; 2, and what is wrong, where there is nothing to draw.

    A file with errors is drawn as far as it could be read.
    """
    form = arguments.format or _format_of(arguments.output)
    report = examine(project_options(arguments), configuration(arguments), given(arguments))
    _tell(report)
    if report.project is None:
        return 2
    if not (report.project.services or report.project.disabled):
        raise UsageError("there is nothing to draw: the project has no services")
    from importlib import import_module

    from composecheck.report.graph.model import picture

    drawn = picture(report, arguments.services)
    text: str = import_module(f"composecheck.report.graph.{form}").render(drawn)
    if arguments.output is not None:
        from composecheck.cli.output import write

        write(arguments.output, text)
    else:
        _print(text)
    return 0


def _format_of(output: str | None) -> str:
    """Return the format that a file's name ends in; UsageError for that of a picture of another kind."""
    ending = PurePath(output or "").suffix.lower()
    if ending in _OTHERS:
        raise UsageError(
            f"'{ending}' is not drawn: FILE may end in {listed(list(_ENDINGS), 'or')}, "
            "or '--format' says what it is"
        )
    return _ENDINGS.get(ending, "text")


def _tell(report: Report) -> None:
    """Print the first errors, a line each, and how many more there are."""
    from composecheck.report.masked import masked
    from composecheck.text.visible import one_line

    errors = [one for one in masked(report) if one.severity == "error"] if report.count("error") else []
    for one in errors[:_FIRST]:
        _print(f"{one_line(str(one.span))}: error: {one.message} [{one.rule}]", sys.stderr)
    if len(errors) > _FIRST:
        _print(f"{len(errors) - _FIRST} more errors; 'composecheck check' shows them", sys.stderr)


def _print(text: str, stream: TextIO | None = None) -> None:
    # Names may hold what the stream's encoding, or any, does not.
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream)
