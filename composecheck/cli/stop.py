"""`composecheck stop`."""

from __future__ import annotations

from composecheck.cli import standing
from composecheck.cli.options import duration
from composecheck.named import TYPE_CHECKING
from composecheck.stack.standing import chosen, stop

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `stop`."""
    standing.add_services(parser)
    parser.add_argument("-t", "--timeout", type=duration, metavar="TIME",
                        help="grace at stop, in place of each service's own")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Stop containers, dependents first; what `run` made is left alone, as with Compose."""
    name, model = standing.meant(arguments)
    with standing.engine() as session:
        found = chosen(session, name, arguments.services, model)
        stop(session, found, arguments.timeout, progress=standing.telling(model))
    return 0
