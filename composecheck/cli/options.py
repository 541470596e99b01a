"""What options of several commands mean."""

from __future__ import annotations

import argparse

from composecheck.errors import UsageError
from composecheck.loading.options import Options
from composecheck.named import TYPE_CHECKING
from composecheck.settings import Settings, settle
from composecheck.text.disk import Disk
from composecheck.text.units import format_duration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        compose=arguments.compose or Options().compose,
    )


def configuration(arguments: argparse.Namespace) -> str | Settings | None:
    """Return the configuration that the command line names; None where it is to be found."""
    return Settings() if arguments.config == "" else arguments.config


def given(arguments: argparse.Namespace) -> Settings:
    """Return what the command line says over the configuration."""
    return Settings(
        select=_ids(getattr(arguments, "select", ()), "--select") or None,
        ignore=_ids(getattr(arguments, "ignore", ()), "--ignore"),
        fail_on=getattr(arguments, "fail_on", None),
        compose=arguments.compose,
        budget=getattr(arguments, "budget", None),
    )


def settled(arguments: argparse.Namespace) -> Options:
    """Return what the command line says of the project, and the configuration where that is silent.

    What is wrong with the configuration is of no matter here.
    """
    options = project_options(arguments)._replace(disk=Disk())
    settings, _ = settle(options, configuration(arguments), given(arguments))
    return options._replace(compose=settings.compose or options.compose)


def _ids(lists: Sequence[str], option: str) -> tuple[str, ...]:
    """Return the ids of an option that takes lists of them and may be repeated."""
    ids = tuple(part.strip() for each in lists for part in each.split(","))
    if "" in ids:
        raise UsageError(f"{option} takes ids of rules with a comma between two")
    return ids


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
