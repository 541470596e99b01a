"""`composecheck restart`."""

from __future__ import annotations

from composecheck.cli import standing
from composecheck.cli.options import duration
from composecheck.cli.waiting import add_options, follow, standing_names
from composecheck.named import TYPE_CHECKING
from composecheck.stack.standing import chosen, restarted_with, stop
from composecheck.start import select

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `restart`."""
    standing.add_services(parser, "only these, and what is restarted with them (depends_on, restart: true)")
    parser.add_argument("-t", "--timeout", dest="grace", type=duration, metavar="TIME",
                        help="grace at stop, in place of each service's own")  # fmt: skip
    parser.add_argument("--no-deps", action="store_true", help="only the services that are named")
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Stop services, dependents first, and start them as their conditions come true; return when ready."""
    project = standing.whole(arguments)
    if project is None:
        return 2
    with standing.engine() as session:
        names = standing_names(session, project, arguments.services)
        select(project, names)
        there = {each.service for each in session.standing(project.name) if not each.once}
        again = names if arguments.no_deps else [n for n in restarted_with(project, names) if n in there]
        stopping = chosen(session, project.name, again, project)
        stop(session, stopping, arguments.grace, progress=standing.telling(project))
        return follow(session, project, again, arguments, starting=select(project, again))
