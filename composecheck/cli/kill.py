"""`composecheck kill`."""

from __future__ import annotations

import argparse
import signal

from composecheck.cli import standing
from composecheck.cli.output import say
from composecheck.stack.standing import chosen, kill


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `kill`."""
    standing.add_services(parser)
    parser.add_argument("-s", "--signal", type=_signal, default="SIGKILL", metavar="SIGNAL",
                        help="the signal, by name or number (SIGKILL)")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Send the containers that run a signal."""
    name, model = standing.meant(arguments)
    with standing.engine() as session:
        found = chosen(session, name, arguments.services, model)
        if not kill(session, found, arguments.signal, progress=standing.telling(model)):
            say("no container runs")
    return 0


def _signal(text: str) -> str:
    """Return the name of a signal: "HUP", "SIGHUP" and "1" are the same."""
    names = {each.name: each for each in signal.Signals}
    name = text.upper() if text.upper().startswith("SIG") else f"SIG{text.upper()}"
    if name in names:
        return name
    if text.isdecimal() and int(text) in set(names.values()):
        return signal.Signals(int(text)).name
    from composecheck.text.spelling import did_you_mean

    meant = did_you_mean(name, names, cutoff=0.75)
    raise argparse.ArgumentTypeError(f"no such signal: {text!r}" + (f"; {meant}" if meant else ""))
