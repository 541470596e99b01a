"""`composecheck build`."""

from __future__ import annotations

from composecheck.cli import standing
from composecheck.cli.output import say
from composecheck.named import TYPE_CHECKING
from composecheck.start import select

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `build`."""
    standing.add_services(parser)
    parser.add_argument("--with-dependencies", action="store_true", help="what they depend on, too")
    parser.add_argument("--no-cache", action="store_true", help="use nothing of former builds")
    parser.add_argument("--pull", action="store_true", help="pull the images that these are built from")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing of the progress")


def run(arguments: argparse.Namespace) -> int:
    """Build the images of the services that have a `build`, one after another."""
    project = standing.whole(arguments)
    if project is None:
        return 2
    wanted = select(project, arguments.services)
    chosen = [name for name in wanted if name in arguments.services or not arguments.services]
    services = [project.services[name] for name in (wanted if arguments.with_dependencies else chosen)]
    said = {key: True for key in ("no_cache", "pull") if getattr(arguments, key)}
    built = [
        service.replace(build=service.build.replace(**said))
        for service in services
        if service.build is not None
    ]
    if not built:
        say("no service to build")
        return 0
    tell = (lambda _name, _text: None) if arguments.quiet else standing.telling(project)
    with standing.engine() as session:
        for service in built:
            session.build(project, service, tell)
    return 0
