"""`composecheck plan`."""

from __future__ import annotations

from composecheck.cli.options import add_soft_wait
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `plan`."""
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="only these and what they depend on")
    add_soft_wait(parser)
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="text (the default) or json"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the plan of a project without errors, and return 0; else its errors, and return 2."""
    from composecheck.cli.check import started

    let_in = started(arguments, "there is no plan")
    if let_in is None:
        return 2
    from composecheck.plan import plan
    from composecheck.start import Settings

    project, report = let_in
    start = Settings(soft_wait=arguments.soft_wait)
    planned = plan(project, arguments.services, start, report.facts)
    if arguments.format == "json":
        from composecheck.report.plan_json import render
    else:
        from composecheck.report.plan_text import render
    from composecheck.report.shown import shown

    print(render(planned, shown(report)))
    return 0
