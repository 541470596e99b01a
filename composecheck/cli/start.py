"""`composecheck start`."""

from __future__ import annotations

from composecheck.cli import standing
from composecheck.cli.waiting import add_options, follow, standing_names
from composecheck.named import TYPE_CHECKING
from composecheck.start import select

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `start`."""
    standing.add_services(parser, "only these and what they depend on")
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Start containers that have ended, each the moment its guards hold; return when all are ready."""
    project = standing.whole(arguments)
    if project is None:
        return 2
    with standing.engine() as session:
        names = standing_names(session, project, arguments.services)
        return follow(session, project, names, arguments, starting=select(project, names))
