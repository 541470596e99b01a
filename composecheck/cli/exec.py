"""`composecheck exec`."""

from __future__ import annotations

import argparse

from composecheck.cli import standing
from composecheck.cli.terminal import Terminal
from composecheck.engine.protocol import Command
from composecheck.stack.standing import one


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `exec`; they come before the service, as with Compose."""
    standing.add_environment(parser)
    parser.add_argument("--privileged", action="store_true", help="with all rights of the machine")
    parser.add_argument("--index", type=standing.number, default=None, metavar="NUMBER",
                        help="which of the service's containers (the first)")  # fmt: skip
    parser.add_argument("service", metavar="SERVICE")
    parser.add_argument("command", metavar="COMMAND")
    parser.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER)


def run(arguments: argparse.Namespace) -> int:
    """Run a command in a container that runs, connected to this terminal; return its exit code."""
    name, model = standing.meant(arguments)
    command = Command(
        (arguments.command, *arguments.arguments),
        tuple(filter(None, arguments.env)),
        arguments.user,
        arguments.workdir,
        arguments.privileged,
    )
    terminal = Terminal(attached=not arguments.detach, tty=not arguments.no_tty)
    with standing.engine() as session:
        container = one(session, name, arguments.service, arguments.index, model)
        with terminal.raw():
            return session.interact(container.id, command, terminal)
