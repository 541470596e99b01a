"""What the commands on a stack that stands share: which one is meant, and how it is shown."""

from __future__ import annotations

import argparse
import gc
import os
from contextlib import closing, contextmanager

from composecheck.cli.options import settled
from composecheck.cli.output import say
from composecheck.engine import connect
from composecheck.errors import ComposecheckError, UsageError
from composecheck.loading import load_project
from composecheck.named import TYPE_CHECKING
from composecheck.stack.secrets import secrets_in
from composecheck.text.secrets import Secrets
from composecheck.text.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from composecheck.engine.protocol import Progress, Session
    from composecheck.model.project import Project


def meant(arguments: argparse.Namespace) -> tuple[str, Project | None]:
    """Return the name of the project that is meant, and the project where its file lies here.

    A file with errors is no obstacle as long as it says its name. With `-p` alone, as with Compose, the
    labels of the containers say what the project is; so where COMPOSE_PROJECT_NAME is all that says it.
    """
    if arguments.project_name is not None and not arguments.files:
        try:
            return str(arguments.project_name), load_project(settled(arguments)).project
        except ComposecheckError:
            return str(arguments.project_name), None
    try:
        model = load_project(settled(arguments)).project
    except UsageError:
        named = os.environ.get("COMPOSE_PROJECT_NAME")
        if arguments.files or not named:
            raise
        return named, None
    if model is None:
        raise UsageError("the Compose file cannot be read; name the project with -p NAME")
    return model.name, model


def whole(arguments: argparse.Namespace) -> Project | None:
    """Return the project of a file that docker compose accepts; None, and what it refuses printed, if not."""
    from composecheck.cli.check import resolved

    return resolved(arguments)


@contextmanager
def engine() -> Iterator[Session]:
    """Connect to the engine at hand, for as long as it takes."""
    gc.enable()  # what lasts may make garbage
    with closing(connect()) as session:
        yield session


def masking(model: Project | None) -> Callable[[str], str]:
    """Return what hides a project's secrets in a text and makes one line of it that shows all it holds."""
    secrets = secrets_in(model) if model is not None else Secrets()
    return lambda text: one_line(secrets.mask(text))


def telling(model: Project | None) -> Progress:
    """Return what prints a step of a container, or of another thing."""
    shown = masking(model)
    return lambda name, text: say(f"{name}  {shown(text)}")


def add_services(parser: argparse.ArgumentParser, text: str = "only these") -> None:
    """Add the services that a command is about."""
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=text)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the choice between words and JSON."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="text (the default) or json"
    )


def add_environment(parser: argparse.ArgumentParser) -> None:
    """Add what a program that a person runs is given, as `docker compose exec` and `run` name it."""
    add: Any = parser.add_argument
    add("-d", "--detach", action="store_true", help="begin it, and return")
    add("-T", "--no-tty", action="store_true", help="no terminal, though there is one")
    add("-i", "--interactive", action="store_true", help="accepted: what is typed always goes to it")
    add("-t", "--tty", action="store_true", help="accepted: a terminal is used where there is one")
    add("-e", "--env", action="append", default=[], metavar="KEY[=VALUE]", type=_variable,
        help="a variable; without a value, that of this environment")  # fmt: skip
    add("-u", "--user", default="", metavar="USER", help="who runs it")
    add("-w", "--workdir", default="", metavar="FOLDER", help="where")


def _variable(text: str) -> str:
    name, sign, _ = text.partition("=")
    if not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return text if sign else f"{name}={os.environ[name]}" if name in os.environ else ""


def number(text: str) -> int:
    """Return the number of a container or a port; they count from 1."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 65535")
    return int(text)
