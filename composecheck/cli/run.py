"""`composecheck run`."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from contextlib import contextmanager, suppress

from composecheck.cli import standing
from composecheck.cli.options import add_soft_wait, duration
from composecheck.cli.output import say
from composecheck.cli.terminal import Terminal
from composecheck.cli.up import view
from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING
from composecheck.stack.once import once, prepared
from composecheck.start import select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.engine.protocol import Session

_HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`; they come before the service, as with Compose."""
    standing.add_environment(parser)
    add = parser.add_argument
    add("--rm", action="store_true", help="remove the container when it has ended")
    add("--name", metavar="NAME", help="the container's name")
    add("--entrypoint", metavar="COMMAND", help="in place of the image's, and of the file's")
    add("--no-deps", action="store_true", help="start nothing that it depends on")
    add("-P", "--service-ports", action="store_true", help="publish the service's ports")
    add("--wait-timeout", type=duration, metavar="TIME", help="one deadline for what it depends on")
    add_soft_wait(parser)
    add("service", metavar="SERVICE")
    add("arguments", metavar="COMMAND ...", nargs=argparse.REMAINDER)


def run(arguments: argparse.Namespace) -> int:
    """Run a one-off container of a service once its conditions hold; return its exit code."""
    from composecheck.cli.check import started

    arguments.services = [arguments.service]  # whose profiles are enabled, as with Compose
    let_in = started(arguments, "nothing was started")
    if let_in is None:
        return 2
    project, report = let_in
    terminal = Terminal(attached=not arguments.detach, tty=not arguments.no_tty)
    service, slug = once(
        project,
        arguments.service,
        command=arguments.arguments,
        entrypoint=None if arguments.entrypoint is None else shlex.split(arguments.entrypoint),
        environment=[text for text in arguments.env if text],
        user=arguments.user,
        folder=arguments.workdir,
        container=arguments.name,
        ports=arguments.service_ports,
        tty=terminal.tty,
        reads=terminal.reads or arguments.detach,
    )
    with standing.engine() as session:
        with view(select(project, [service.name])) as shown:
            container = prepared(
                session,
                project,
                service,
                slug,
                report.settings,
                alone=arguments.no_deps,
                timeout=arguments.wait_timeout,
                soft_wait=arguments.soft_wait,
                on_progress=shown.progress,
                on_event=shown.event,
                removed=arguments.rm and arguments.detach,
            )
        stays = not arguments.rm
        try:
            with _handing_on(session, container), terminal.raw():
                code = session.interact(container, None, terminal)
        except EngineError:  # it could not even be started
            stays = False
            raise
        finally:
            if not (stays or arguments.detach):
                session.remove(container)
    if arguments.detach:
        say(container, sys.stdout)
    return code


@contextmanager
def _handing_on(session: Session, container: str) -> Iterator[None]:
    """Hand signals on to a container that has no terminal of its own, as its program may see to its end."""

    def kill(number: int, _frame: object) -> None:
        name = signal.Signals(number).name
        threading.Thread(target=_kill, args=(session, container, name), daemon=True).start()

    before = {number: signal.signal(number, kill) for number in _HANDED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _kill(session: Session, container: str, name: str) -> None:
    with suppress(EngineError):  # it may have ended just now
        session.kill(container, name)
