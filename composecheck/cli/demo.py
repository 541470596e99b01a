"""`composecheck demo`: the commands, one after the other, on a stack of its own."""

from __future__ import annotations

import os
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from composecheck.cli.interrupt import Interrupted, Interrupts
from composecheck.errors import EngineError, NotReadyError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

STACK = Path(__file__).parents[1] / "demo" / "stack"
NAME = "composecheck-demo"


class Step(NamedTuple):
    """What is shown, the command that shows it, and the exit code that it has to end with."""

    title: str
    command: tuple[str, ...]
    exit_code: int = 0


STEPS = (
    Step(
        "An api, its database and its cache, as people write it: what is wrong?",
        ("-f", "racy.yml", "check"),
        1,
    ),
    Step("What comes of it, started as the file asks for", ("-f", "racy.yml", "up", "--soft-wait", "0"), 1),
    Step("The same stack, mended", ("-f", "mended.yml", "check")),
    Step("Who starts when, and how long it takes at best and at worst", ("-f", "mended.yml", "plan")),
    Step("Start it", ("-f", "mended.yml", "up")),
    Step("Take it down", ("-f", "mended.yml", "down", "--volumes")),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no options; of the project's own, only -p is used."""
    parser.epilog = f"The stack is the demo's own; -p names it (default: {NAME})."


def run(arguments: argparse.Namespace) -> int:
    """Carry out the steps; return 0, or the exit code of the first that does not end as it has to."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # progress goes to stderr
    name = arguments.project_name or NAME
    try:
        with Interrupts(list), _surroundings(name):
            return _on_the_engine(name)
    except Interrupted as interrupted:
        return interrupted.exit_code


def _on_the_engine(name: str) -> int:
    from composecheck.demo.image import ensure_image

    try:
        _take_down(name)  # what a demo that was killed has left
    except EngineError as error:
        print(f"No Docker Engine, so the stack starts on the simulated one ({error}).")
        return _carry_out(_simulated)
    image = ensure_image()
    if image:
        os.environ["DEMO_IMAGE"] = image
    try:
        return _carry_out(_real)
    finally:
        _take_down(name)


def _carry_out(carry_out: Callable[[tuple[str, ...]], int]) -> int:
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    for number, step in enumerate(STEPS, 1):
        print(f"\n{bold}{number}. {step.title}{plain}\n\n$ composecheck {' '.join(step.command)}")
        exit_code = carry_out(step.command)
        if exit_code != step.exit_code:
            return exit_code or 1
    return 0


def _real(command: tuple[str, ...]) -> int:
    from composecheck.cli import main

    return main(command)


def _simulated(command: tuple[str, ...]) -> int:
    _, file, verb, *options = command
    if verb == "down":
        return 0
    if verb != "up":
        return _real(command)
    from composecheck.demo.simulation import BEHAVIOURS, start
    from composecheck.report.progress import Plain

    view = Plain(BEHAVIOURS, print)
    try:
        for event in start(Path(file), soft_wait=0 if options else 10):
            view.event(event)
    except NotReadyError as error:
        return error.exit_code
    return 0


def _take_down(name: str) -> None:
    from composecheck.engine import connect
    from composecheck.stack import take_down

    with closing(connect()) as session:
        take_down(session, name, volumes=True, timeout=1)


@contextmanager
def _surroundings(name: str) -> Iterator[None]:
    """Stand in the stack's folder, with no settings of the user's own project; then as before."""
    folder, environment = Path.cwd(), dict(os.environ)
    os.chdir(STACK)
    for variable in [key for key in environment if key.startswith("COMPOSE_")]:
        del os.environ[variable]
    os.environ["COMPOSE_PROJECT_NAME"] = name
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
