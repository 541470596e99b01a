"""Why a stack did not become ready, in full: what a person needs to mend it."""

from __future__ import annotations

import shlex
from itertools import takewhile

from composecheck.errors import DeadlineError, NotReadyError
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration
from composecheck.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.engine.protocol import Left, Session
    from composecheck.event import Event
    from composecheck.model.project import Service
    from composecheck.start import Run
    from composecheck.text.secrets import Secrets

LOG_LINES = 20
LOG_WIDTH = 500


def _explain(run: Run, events: Sequence[Event], session: Session, timeout: float | None) -> str:
    """Return what failed or is missing, where it stands, what was seen last, and what it blocked."""
    failed = [event for event in events if event.kind == "failed"]
    lines: list[str] = []
    if run.outcome == "deadline":
        missing = run.missing()
        names = ", ".join(f"'{name}'" for name in missing)
        limit = "as nothing more happens" if timeout is None else f"within {format_duration(timeout)}"
        lines.append(f"not ready {limit}: {names or 'no service'} had not become ready")
        for name, waiting in missing.items():
            service = run.project.services[name]
            lines.append(f"{service.key_place()}: service '{name}': {waiting}")
            lines.extend(_seen(service, session))
    for event in failed:
        service = run.project.services[event.service]
        lines.append(f"{service.key_place()}: service '{event.service}' failed: {event.text}")
        lines.extend(_seen(service, session, replica=event.replica))
    lines.extend(f"  blocked  {e.service}: {e.text}" for e in events if e.kind == "blocked")
    return "\n".join(lines)


def failure(
    run: Run, events: Sequence[Event], session: Session, secrets: Secrets, *, timeout: float | None
) -> NotReadyError:
    """Return the error of a run that has come to its end without being ready."""
    session.farewell()
    text = _explain(run, events, session, timeout)
    return (DeadlineError if run.outcome == "deadline" else NotReadyError)(visible(secrets.mask(text)))


def aftermath(project: str, left: Left | None) -> list[str]:
    """Return what has become of what a run that failed created; None: it is kept for a look."""
    if left is None:
        return [f"  kept     what this run created; `composecheck down -p {project}` takes it down"]
    back = [f"  restored {', '.join(left.restored)}: as before"] if left.restored else []
    if not left.things:
        but = ", but for what another run of the project uses" if left.spared else ""
        return [f"  removed  what this run created{but}; --keep leaves it for a look", *back]
    return [
        *back,
        *(f"  left     {name}: {why}" for name, why in left.things.items()),
        f"  help     {_remedy(left)}",
    ]


def stands(left: Left) -> str:
    """Return what could not be removed, why, and what removes it."""
    things = ", ".join(f"{name} ({why})" for name, why in left.things.items())
    return f"still there: {things}; {_remedy(left)}"


def _remedy(left: Left) -> str:
    how = f"`{left.command}` removes it" if left.command else "take it down again"
    return f"once the engine answers, {how}" if left.unreachable else how


def _seen(service: Service, session: Session, *, replica: int = 1) -> Iterator[str]:
    """Yield what the engine last saw of one container: its probe, and the end of its log."""
    trouble = session.trouble(service, replica, LOG_LINES)
    if trouble is None:
        return
    if trouble.probes:
        last = trouble.probes[-1]
        healthcheck = service.healthcheck
        command = _cut(shlex.join(healthcheck.test), 80) + " -> " if healthcheck and healthcheck.test else ""
        times = sum(1 for _ in takewhile(last.__eq__, reversed(trouble.probes)))
        often = f" ({times} times)" if times > 1 else ""
        output = _cut(" ".join(last.output.split()), LOG_WIDTH - 100) or "(no output)"
        if last.exit_code is not None:
            output = f"{command}exit {last.exit_code}: {output}"
        yield f"  probe    {output}{often}"
    for line in trouble.logs:
        yield f"  log      {_cut(line)}"
    if not trouble.logs and trouble.state != "created":
        yield "  log      (it wrote nothing)"


def _cut(line: str, width: int = LOG_WIDTH) -> str:
    return line if len(line) <= width else line[:width] + " ..."
