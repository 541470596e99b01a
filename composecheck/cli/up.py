"""`composecheck up`."""

from __future__ import annotations

import argparse
import gc
import sys

from composecheck.cli.interrupt import Interrupted, Interrupts
from composecheck.cli.options import add_soft_wait, duration
from composecheck.cli.output import say
from composecheck.findings.errors import PreflightError
from composecheck.named import TYPE_CHECKING
from composecheck.report.progress import Plain, rows, summary
from composecheck.stack import Address, Stack
from composecheck.start import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.report.live import Live


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `up`; `-d` and `--wait` say what it does anyway."""
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="only these and what they depend on")
    parser.add_argument("-d", "--detach", action="store_true", help="accepted: up always returns when ready")
    parser.add_argument("--wait", action="store_true", help="accepted: up always waits until ready")
    parser.add_argument("--wait-timeout", dest="timeout", type=duration, metavar="TIME",
                        help="one deadline for all, once images are at hand ('90s', or seconds)")  # fmt: skip
    add_soft_wait(parser)
    add = parser.add_argument
    add("--force-recreate", action="store_true", help="make the containers anew, though nothing has changed")
    add("--no-recreate", action="store_true", help="keep what stands, though it differs from the file")
    add("--always-recreate-deps", action="store_true", help="make those of the dependencies anew, too")
    add("--no-deps", action="store_true", help="leave the dependencies of the services alone")
    add("--scale", action="append", default=[], type=_scale, metavar="SERVICE=NUM",
        help="how many containers a service has, whatever the file says")  # fmt: skip
    add("--dry-run", action="store_true", help="tell what would be done, and change nothing")
    add("--no-start", action="store_true", help="create the containers, and start none")
    add("--remove-orphans", action="store_true", help="remove what the file no longer has")
    add("-V", "--renew-anon-volumes", action="store_true", help="make anonymous volumes anew, too")
    add("-t", "--timeout", dest="stop_timeout", type=duration, metavar="TIME",
        help="the grace at stop, in place of each service's own")  # fmt: skip
    parser.add_argument("--keep", action="store_true", help="leave a failed start as it is, for a look")


def run(arguments: argparse.Namespace) -> int:
    """Start the stack; print each step, and at the end every service's state and addresses."""
    from composecheck.cli.check import printed, started

    let_in = started(arguments, "nothing was started")
    if let_in is None:
        return 2
    gc.enable()  # this lasts as long as the containers let it
    project, report = let_in
    stack = Stack.of(project, report.settings, facts=report.facts)
    alone = arguments.no_deps and arguments.services
    names = tuple(arguments.services) if alone else select(project, arguments.services)

    def interrupted(left: list[str]) -> str:
        if not left:
            return "interrupted"
        what = "what this run created stands" if arguments.keep else "removing what this run created"
        return f"interrupted; {what}"

    try:
        with (
            Interrupts(stack.left, ending=lambda: stack.ending, text=interrupted),
            view(names) as shown,
        ):
            stack.up(
                arguments.services,
                timeout=arguments.timeout,
                soft_wait=arguments.soft_wait,
                keep=arguments.keep,
                on_event=shown.event,
                on_progress=shown.progress,
                on_findings=lambda seen: printed(seen, shown.found),
                on_notice=shown.found,
                force_recreate=arguments.force_recreate,
                no_recreate=arguments.no_recreate,
                always_recreate_deps=arguments.always_recreate_deps,
                no_deps=arguments.no_deps,
                no_start=arguments.no_start,
                dry_run=arguments.dry_run,
                scale=dict(arguments.scale),
                remove_orphans=arguments.remove_orphans,
                renew_anon_volumes=arguments.renew_anon_volumes,
                stop_timeout=arguments.stop_timeout,
            )
    except PreflightError as error:
        printed(report._replace(diagnostics=error.diagnostics), say)
        say("composecheck: nothing was started")
        return error.exit_code
    except Interrupted as interruption:
        for note in getattr(interruption, "__notes__", ()):
            say(note)
        return interruption.exit_code
    if arguments.no_start or arguments.dry_run:
        say("nothing was changed" if arguments.dry_run else "created; nothing was started", sys.stdout)
        stack.close()
        return 0
    addresses = {name: _addresses(stack, name) for name in names}
    total = max((event.time for event in stack.events), default=0.0)
    say("\n".join(summary(rows(names, stack.events, addresses), total)), sys.stdout)
    stack.close()
    return 0


def _scale(text: str) -> tuple[str, int]:
    """Return a service and how many containers it is to have."""
    name, sign, number = text.partition("=")
    if not (name and sign and number.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not SERVICE=NUM, such as web=3")
    return name, int(number)


def view(services: Sequence[str]) -> Plain | Live:
    """Return the live view in a terminal, plain lines elsewhere."""
    if sys.stderr is not None and sys.stderr.isatty():
        from composecheck.report.live import Live

        return Live(services)
    return Plain(services, say)


def _addresses(stack: Stack, name: str) -> list[str]:
    service = stack.project.services[name]
    return [
        f"{Address(host, number)} -> {target}/{kind}"
        for replica in stack.session.replicas(service)
        for target, kind, host, number in stack.session.addresses(service, replica)
    ]
