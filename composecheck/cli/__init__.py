"""The command line: one module a command, imported when it is the one.

A command's module has `configure(parser)`, which adds its own options, and `run(arguments)`,
which returns the exit code. Errors of composecheck become their text and their exit code here.
"""

from __future__ import annotations

import argparse
import gc
import sys
from importlib import import_module

from composecheck.cli.imports import import_bare
from composecheck.errors import ComposecheckError, SourceError
from composecheck.model.dialect import DIALECTS
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# argparse's words are English here as all others: gettext would import locale to find no catalogue of them.
argparse._ = str  # type: ignore[attr-defined]

COMMANDS = {
    "check": "find what will fail, hang, collide or race, with its place and remedy",
    "config": "print the project as Docker Compose resolves it, as YAML or JSON",
    "plan": "show the order, the guards and the best and worst times, with no engine",
    "graph": "draw services, dependencies and networks, as text, Mermaid, DOT or SVG",
    "up": "start the stack in readiness order, and return when it is ready",
    "wait": "wait until what stands is ready, whoever started it, or has ended",
    "ps": "list the containers, what makes each ready, and how it is",
    "logs": "show what the containers wrote, and follow it",
    "exec": "run a command in a container",
    "run": "run a one-off container of a service once its conditions hold",
    "start": "start what has ended again, in readiness order",
    "restart": "stop services and start them again, in readiness order",
    "stop": "stop services, dependents first; their containers stay",
    "kill": "send containers a signal",
    "port": "show where a port is reached",
    "pull": "pull the images of services",
    "build": "build the images of services",
    "down": "stop and remove the stack",
    "rules": "list the rules",
    "explain": "show a rule's manual",
    "images": "list the images that are known, or show what is known of one",
    "demo": "check, plan and start a small stack of its own, then remove it",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    if sys.stdout is None or sys.stderr is None:
        from composecheck.cli.output import open_streams

        open_streams()
    collecting = gc.isenabled()
    # What a command imports and reads it keeps to its end: looking through all of that for garbage,
    # time and again and at the exit once more, is a sixth of a small check and a fifth of a large one.
    # Those that go on after reading, as long as the containers let them, switch it on again.
    gc.disable()
    try:
        return _run(argv)
    except ComposecheckError as error:
        _complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) went away: nothing is wrong with the stack.
        sys.stdout = None
        return 1
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


def _complain(error: ComposecheckError | str) -> None:
    from composecheck.cli.output import say
    from composecheck.text.visible import one_line, visible

    # A file's name may hold the end of a line, and most others end in several lines.
    shown = one_line if isinstance(error, SourceError) else visible
    say(f"composecheck: {shown(str(error))}")


def _run(argv: Sequence[str] | None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in COMMANDS:  # as most command lines begin: no parser need find it
        return _command(argv[0], argv[1:], None)
    parser = _top()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        return 2
    if arguments.command not in COMMANDS:
        from composecheck.cli.instead import instead

        parser.error(f"no such command: {arguments.command!r}; {instead(arguments.command, COMMANDS)}")
    rest = arguments.rest
    # Options given before the command count as well: argparse adds to what the namespace holds.
    del arguments.rest
    return _command(arguments.command, rest, arguments)


def _command(name: str, rest: Sequence[str], before: argparse.Namespace | None) -> int:
    import_bare("json", "yaml")
    module = import_module(f"composecheck.cli.{name}")
    command = argparse.ArgumentParser(
        prog=f"composecheck {name}",
        description=COMMANDS[name] + ".",
        formatter_class=_Help,
        allow_abbrev=False,  # an abbreviation of today may be ambiguous tomorrow
    )
    add_project_options(command)
    module.configure(command)
    code: int = module.run(command.parse_args(rest, before))
    return code


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help in 80 columns.

    argparse makes a formatter for every option, and imports shutil to ask the terminal how wide it is.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=78)


def _top() -> argparse.ArgumentParser:
    from composecheck.version import __version__

    listing = "\n".join(f"  {name:9}{text}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="composecheck",
        description="Check, plan and start Docker Compose stacks in readiness order.",
        epilog=f"commands:\n{listing}\n\n'composecheck COMMAND --help' shows a command's options.",
        formatter_class=_Help,
        usage="composecheck [options] COMMAND ...",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"composecheck {__version__}")
    add_project_options(parser)
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def add_project_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which project is meant, as `docker compose` names them."""
    group = parser.add_argument_group("project")
    group.add_argument("-f", "--file", dest="files", action="append", metavar="FILE", default=[],
                       help="a Compose file; may be repeated, later ones override")  # fmt: skip
    group.add_argument("-p", "--project-name", metavar="NAME", help="the project's name")
    group.add_argument("--env-file", dest="env_files", action="append", metavar="FILE", default=[],
                       help="a file of variables in place of .env; may be repeated")  # fmt: skip
    group.add_argument("--profile", dest="profiles", action="append", metavar="NAME", default=[],
                       help="a profile to enable; may be repeated, '*' enables all")  # fmt: skip
    group.add_argument("--project-directory", metavar="DIR",
                       help="the folder that relative paths start from")  # fmt: skip
    group.add_argument("--compose", choices=tuple(DIALECTS), default=None,
                       help="the generation of Docker Compose that reads the files (5)")  # fmt: skip
    group.add_argument("--config", metavar="FILE",
                       help="the configuration, in place of the one that is found")  # fmt: skip
    group.add_argument("--no-config", dest="config", action="store_const", const="", help="use none")
