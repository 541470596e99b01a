"""What options of several commands mean."""

from __future__ import annotations

import argparse

from composecheck.loading.options import Options
from composecheck.units import format_duration, parse_duration


def project_options(arguments: argparse.Namespace) -> Options:
    """Return what the command line says of the project."""
    return Options(
        files=tuple(arguments.files),
        name=arguments.project_name,
        env_files=tuple(arguments.env_files),
        profiles=tuple(arguments.profiles),
        project_directory=arguments.project_directory,
        services=tuple(getattr(arguments, "services", ())),
        interpolate=not getattr(arguments, "no_interpolate", False),
    )


def duration(text: str) -> float:
    """Return the seconds of an option such as "90s", "1m30s" or "90"."""
    try:
        seconds = float(text) if text.replace(".", "", 1).isdigit() else parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if seconds < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is negative")
    return seconds


def add_soft_wait(parser: argparse.ArgumentParser) -> None:
    """Add the option on how long a dependency that nothing guards is waited for."""
    from composecheck.start import Settings  # which a check has no use for

    usual = Settings().soft_wait
    parser.add_argument("--soft-wait", type=duration, default=usual, metavar="TIME",
                        help="how long to wait for a dependency that nothing guards "
                             f"({format_duration(usual)}; 0 is Compose's own order)")  # fmt: skip
