"""A stack that stands, followed until it is ready: what `wait`, `start` and `restart` have in common."""

from __future__ import annotations

import sys
from contextlib import suppress

from composecheck.cli.interrupt import Interrupted, Interrupts
from composecheck.cli.options import add_soft_wait, duration
from composecheck.cli.output import say
from composecheck.cli.standing import add_format
from composecheck.cli.up import view
from composecheck.errors import EngineError, NotReadyError
from composecheck.named import TYPE_CHECKING
from composecheck.report.containers import readiness
from composecheck.report.progress import rows, summary
from composecheck.stack.service import Address
from composecheck.stack.standing import chosen, require_known, wait

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Sequence

    from composecheck.engine.protocol import Session
    from composecheck.event import Event
    from composecheck.model.project import Project
    from composecheck.report.progress import Row


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add how long is waited, and how the end is told."""
    parser.add_argument("--wait-timeout", dest="wait_timeout", type=duration, metavar="TIME",
                        help="one deadline for all ('90s', or seconds)")  # fmt: skip
    add_soft_wait(parser)
    add_format(parser)


def standing_names(session: Session, project: Project, names: Sequence[str]) -> list[str]:
    """Return the services that are named and, by no name, all of the file that have a container."""
    for name in names:
        require_known(name, {*project.services, *project.disabled})
    there = {each.service for each in chosen(session, project.name, names, project)}
    return list(names) or [name for name in project.services if name in there]


def follow(
    session: Session,
    project: Project,
    names: Sequence[str],
    arguments: argparse.Namespace,
    *,
    starting: Collection[str] = (),
) -> int:
    """Show the Events until the services are ready; then print what `up` prints, and return 0."""
    events: list[Event] = []
    as_json = arguments.format == "json"
    try:
        with Interrupts(list), view(names or list(project.services)) as shown:
            for event in wait(
                session,
                project,
                names,
                timeout=arguments.wait_timeout,
                soft_wait=arguments.soft_wait,
                starting=starting,
            ):
                events.append(event)
                shown.event(event)
    except Interrupted as interrupted:
        return interrupted.exit_code
    except NotReadyError:
        if as_json:
            say(readiness(project.name, _rows(session, project, events), _total(events)), sys.stdout)
        raise
    table = _rows(session, project, events)
    if as_json:
        say(readiness(project.name, table, _total(events)), sys.stdout)
    else:
        say("\n".join(summary(table, _total(events))), sys.stdout)
    return 0


def _total(events: Sequence[Event]) -> float:
    return max((event.time for event in events), default=0.0)


def _rows(session: Session, project: Project, events: Sequence[Event]) -> list[Row]:
    """Return each service as the Events leave it, with its addresses."""
    services = list(dict.fromkeys(event.service for event in events))
    addresses: dict[str, list[str]] = {}
    for name in services:
        with suppress(EngineError):  # its container has gone meanwhile
            addresses[name] = [
                f"{Address(host, number)} -> {target}/{kind}"
                for replica in session.replicas(project.services[name])
                for target, kind, host, number in session.addresses(project.services[name], replica)
            ]
    return rows(services, events, addresses)
