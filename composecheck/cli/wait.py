"""`composecheck wait`."""

from __future__ import annotations

import queue
import sys
import threading
import time

from composecheck.cli import standing
from composecheck.cli.output import say
from composecheck.cli.waiting import add_options, follow
from composecheck.errors import DeadlineError, EngineError, NotReadyError, UsageError
from composecheck.facts.guards import awaits_completion
from composecheck.named import TYPE_CHECKING
from composecheck.report.containers import ended
from composecheck.stack.standing import chosen
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from composecheck.engine.protocol import Session, Status
    from composecheck.model.project import Project

_PAUSE = 0.2  # until what a restart policy starts again runs


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `wait`."""
    standing.add_services(parser, "only these and what they depend on")
    parser.add_argument("--for", dest="until", choices=("ready", "completed", "stopped"), default="ready",
                        help="ready as after `up` (the default), completed with 0, or stopped, with the exit "
                             "code of the last as with Compose")  # fmt: skip
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Wait until what stands is ready, or has ended; nothing is created or started."""
    if arguments.until == "ready":
        project = standing.whole(arguments)
        if project is None:
            return 2
        with standing.engine() as session:
            return follow(session, project, arguments.services, arguments)
    name, model = standing.meant(arguments)
    with standing.engine() as session:
        names = arguments.services
        if arguments.until == "completed" and not names:
            names = _jobs(name, model)
        found = chosen(session, name, names, model)
        return _ends(session, name, found, arguments)


def _jobs(name: str, model: Project | None) -> list[str]:
    """Return the services for whose completion others wait; UsageError where there is none."""
    services = model.services.values() if model is not None else ()
    awaited = {
        edge.service for each in services for edge in each.depends_on.values() if awaits_completion(edge)
    }
    if not awaited:
        raise UsageError(f"nothing in project '{name}' waits for a completion; name the services that end")
    return sorted(awaited)


def _ends(session: Session, name: str, found: Sequence[Status], arguments: argparse.Namespace) -> int:
    """Tell of each container that ends; for `completed`, fail with the first that does with another code."""
    codes: dict[str, int] = {}
    as_json, service, code = arguments.format == "json", "", 0
    for each, code in _as_they_end(session, name, found, arguments.wait_timeout, arguments.until):
        codes[each.name], service = code, each.service
        if not as_json:
            say(f"container '{each.name}' ended with exit code {code}", sys.stdout)
        if code and arguments.until == "completed":
            break
    if as_json:
        say(ended(name, codes), sys.stdout)
    if arguments.until == "stopped":
        return code
    if code:
        raise NotReadyError(f"service '{service}' has not completed: exit code {code}")
    return 0


def _as_they_end(
    session: Session, project: str, found: Sequence[Status], timeout: float | None, until: str
) -> Iterator[tuple[Status, int]]:
    """Yield containers with their exit codes; DeadlineError for those that have not ended in time."""
    done: queue.SimpleQueue[tuple[Status, int | EngineError]] = queue.SimpleQueue()

    def watch(each: Status) -> None:
        try:
            while until == "completed" and _is_to_come(session, project, each):
                time.sleep(_PAUSE)  # an engine takes one that has not begun for one that has ended
            code = session.end_of(each.id)
            while code and until == "completed" and _goes_on(session, project, each):
                code = session.end_of(each.id)
            done.put((each, code))
        except EngineError as error:
            done.put((each, error))

    for each in found:
        threading.Thread(target=watch, args=(each,), daemon=True).start()
    missing = [each.name for each in found]
    limit = None if timeout is None else time.monotonic() + timeout
    while missing:
        try:
            each, code = done.get(timeout=None if limit is None else max(0.0, limit - time.monotonic()))
        except queue.Empty:
            names = ", ".join(f"'{name}'" for name in missing)
            raise DeadlineError(f"not {until} within {format_duration(timeout or 0.0)}: {names}") from None
        if isinstance(code, EngineError):
            raise code
        missing.remove(each.name)
        yield each, code


def _goes_on(session: Session, project: str, container: Status) -> bool:
    """Return whether a restart policy starts a container again that has just ended."""
    time.sleep(_PAUSE)
    return any(each.id == container.id and each.runs for each in session.standing(project))


def _is_to_come(session: Session, project: str, container: Status) -> bool:
    """Return whether a container has been created, and nobody has started it yet."""
    found = [each for each in session.standing(project) if each.id == container.id]
    return any(each.state == "created" for each in found)
