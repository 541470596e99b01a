"""`composecheck down`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from composecheck.cli.options import duration, project_options
from composecheck.errors import EngineError, UsageError
from composecheck.loading import load_project

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

    Services of every profile count as the file's own. With `-p` alone, as with Compose, the labels
    say what the project is, and there are no orphans.
    """
    from composecheck.engine.docker import connect

    name, services = arguments.project_name, None
    if name is None or arguments.files:
        project = load_project(project_options(arguments)).project
        if project is None:
            raise UsageError("the Compose file cannot be read; name the project with -p NAME")
        name = project.name
        if not arguments.remove_orphans:
            services = {*project.services, *project.disabled}
    seen: list[str] = []

    def progress(thing: str, text: str) -> None:
        seen.append(thing)
        print(f"{thing}  {text}", file=sys.stderr)

    left = connect().down(
        name, volumes=arguments.volumes, timeout=arguments.timeout, services=services, progress=progress
    )
    if left:
        raise EngineError("still there: " + ", ".join(left))
    if not seen:
        print(f"nothing to take down: the engine has nothing of project '{name}'", file=sys.stderr)
    return 0
