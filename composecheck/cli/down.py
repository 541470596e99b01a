"""`composecheck down`."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from composecheck.cli.options import duration, project_options
from composecheck.engine.docker import connect
from composecheck.errors import UsageError
from composecheck.loading import load_project
from composecheck.stack import Stack, take_down

if TYPE_CHECKING:
    import argparse


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
        print(f"{thing}  {text}", file=sys.stderr)

    options = {"volumes": arguments.volumes, "timeout": arguments.timeout, "on_progress": progress}
    if arguments.project_name is not None and not arguments.files:
        name = arguments.project_name
        with closing(connect()) as engine:
            take_down(engine, name, **options)
    else:
        project = load_project(project_options(arguments)).project
        if project is None:
            raise UsageError("the Compose file cannot be read; name the project with -p NAME")
        name = project.name
        with Stack.of(project) as stack:
            stack.down(remove_orphans=arguments.remove_orphans, **options)
    if not seen:
        print(f"nothing to take down: the engine has nothing of project '{name}'", file=sys.stderr)
    return 0
