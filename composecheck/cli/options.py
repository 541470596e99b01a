"""The project options of a command line, as the loader takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.loading.options import Options

if TYPE_CHECKING:
    import argparse


def project_options(arguments: argparse.Namespace) -> Options:
    """Return what the command line says of the project."""
    return Options(
        files=tuple(arguments.files),
        name=arguments.project_name,
        env_files=tuple(arguments.env_files),
        profiles=tuple(arguments.profiles),
        project_directory=arguments.project_directory,
    )
