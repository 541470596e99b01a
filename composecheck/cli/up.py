"""`composecheck up`."""

from __future__ import annotations

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
    import argparse
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
    names = select(project, arguments.services)

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
            )
    except PreflightError as error:
        printed(report._replace(diagnostics=error.diagnostics), say)
        say("composecheck: nothing was started")
        return error.exit_code
    except Interrupted as interruption:
        for note in getattr(interruption, "__notes__", ()):
            say(note)
        return interruption.exit_code
    addresses = {name: _addresses(stack, name) for name in names}
    total = max((event.time for event in stack.events), default=0.0)
    say("\n".join(summary(rows(names, stack.events, addresses), total)), sys.stdout)
    stack.close()
    return 0


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
        for replica in range(1, service.replicas + 1)
        for target, kind, host, number in stack.session.addresses(service, replica)
    ]
