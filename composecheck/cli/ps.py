"""`composecheck ps`."""

from __future__ import annotations

import sys

from composecheck.cli import standing
from composecheck.cli.output import say
from composecheck.named import TYPE_CHECKING
from composecheck.report import containers
from composecheck.stack.standing import chosen, goals

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `ps`, those of Compose among them."""
    standing.add_services(parser)
    parser.add_argument(
        "-a", "--all", action="store_true", help="those that have ended, and one-off ones too"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="their ids alone")
    standing.add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the containers of the project, each with what would make it ready and how it is."""
    name, model = standing.meant(arguments)
    with standing.engine() as session:
        found = chosen(session, name, arguments.services, model, one_off=True)
    shown = [each for each in found if arguments.all or (each.runs and not each.once)]
    if arguments.quiet:
        for each in shown:
            say(each.id, sys.stdout)
    elif arguments.format == "json":
        say(containers.as_json(name, shown, goals(model, found), standing.masking(model)), sys.stdout)
    else:
        say(containers.table(shown, goals(model, found), standing.masking(model)), sys.stdout)
        if len(shown) < len(found):
            say(f"{len(found) - len(shown)} more with -a")
    return 0
