"""`composecheck port`."""

from __future__ import annotations

import sys

from composecheck.cli import standing
from composecheck.cli.output import say
from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING
from composecheck.report.containers import at, published
from composecheck.stack.standing import one

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `port`."""
    parser.add_argument("service", metavar="SERVICE")
    parser.add_argument(
        "port", type=standing.number, nargs="?", metavar="PORT", help="all of them by default"
    )
    parser.add_argument("--protocol", choices=("tcp", "udp", "sctp"), default="tcp", help="tcp (the default)")
    parser.add_argument("--index", type=standing.number, default=None, metavar="NUMBER",
                        help="which of its containers")  # fmt: skip
    standing.add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print where a container's port is reached from this machine."""
    name, model = standing.meant(arguments)
    with standing.engine() as session:
        container = one(session, name, arguments.service, arguments.index, model)
    wanted = (arguments.port, arguments.protocol)
    found = [port for port in container.ports if arguments.port is None or port[:2] == wanted]
    if not found and arguments.port is not None:
        others = ", ".join(f"{port.port}/{port.protocol}" for port in container.ports) or "none"
        raise UsageError(
            f"container '{container.name}' does not publish port {arguments.port}/{arguments.protocol} "
            f"(published: {others})"
        )
    if arguments.format == "json":
        say(published(name, arguments.service, found), sys.stdout)
    for port in found if arguments.format == "text" else ():
        say(at(port) if arguments.port else f"{port.port}/{port.protocol} -> {at(port)}", sys.stdout)
    return 0
