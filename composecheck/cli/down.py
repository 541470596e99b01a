"""`composecheck down`."""

from __future__ import annotations

import gc
from contextlib import closing

from composecheck.cli.interrupt import Interrupted, Interrupts
from composecheck.cli.options import duration, settled
from composecheck.cli.output import say
from composecheck.engine import connect
from composecheck.errors import ComposecheckError, UsageError
from composecheck.loading import load_project
from composecheck.named import TYPE_CHECKING
from composecheck.stack import take_down

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from composecheck.model.project import Project


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `down`."""
    parser.add_argument("-v", "--volumes", action="store_true", help="remove the volumes as well")
    parser.add_argument("-t", "--timeout", type=duration, metavar="TIME",
                        help="grace at stop, in place of each service's own")  # fmt: skip
    parser.add_argument("--remove-orphans", action="store_true",
                        help="remove containers of services that the file no longer has")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Take the project down; a file with errors is no obstacle as long as it says its name.

    With `-p` alone, as with Compose, the labels say what the project is, and there are no orphans.
    """
    seen: list[str] = []

    def progress(thing: str, text: str) -> None:
        seen.append(thing)
        say(f"{thing}  {text}")

    options = {"volumes": arguments.volumes, "timeout": arguments.timeout, "on_progress": progress}
    try:
        with Interrupts(list, text=lambda _left: "interrupted; what is not yet removed stands"):
            name = _take_down(arguments, options)
    except Interrupted as interrupted:
        return interrupted.exit_code
    if not seen:
        say(f"nothing to take down: the engine has nothing of project '{name}'")
    return 0


def _at_hand(arguments: argparse.Namespace) -> Project | None:
    """Return the project of the file that lies here, where one does."""
    try:
        return load_project(settled(arguments)).project
    except ComposecheckError:
        return None


def _take_down(arguments: argparse.Namespace, options: dict[str, Any]) -> str:
    """Take the project down and return its name."""
    services: set[str] | None = None
    if arguments.project_name is not None and not arguments.files:
        name, model = str(arguments.project_name), _at_hand(arguments)
    else:
        model = load_project(settled(arguments)).project
        if model is None:
            raise UsageError("the Compose file cannot be read; name the project with -p NAME")
        name = model.name
        if not arguments.remove_orphans:
            services = {*model.services, *model.disabled}
    gc.enable()  # this lasts as long as the containers let it
    with closing(connect()) as session:
        take_down(session, name, services=services, model=model, **options)
    return name
