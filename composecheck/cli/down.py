"""`composecheck down`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from composecheck.cli.options import duration, project_options
from composecheck.errors import UsageError
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
    """Take the project down; a file with errors is no obstacle as long as it says its name."""
    from composecheck.engine.docker import connect

    name = arguments.project_name
    if name is None or arguments.files:
        project = load_project(project_options(arguments)).project
        if project is None:
            raise UsageError("the Compose file cannot be read; name the project with -p NAME")
        name = project.name
    connect().down(
        name,
        volumes=arguments.volumes,
        timeout=arguments.timeout,
        progress=lambda thing, text: print(f"{thing}  {text}", file=sys.stderr),
    )
    return 0
