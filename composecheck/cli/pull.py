"""`composecheck pull`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from composecheck.cli import standing
from composecheck.cli.output import say
from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING
from composecheck.start import select

if TYPE_CHECKING:
    import argparse

    from composecheck.model.project import Service

_AT_ONCE = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `pull`."""
    standing.add_services(parser)
    parser.add_argument("--include-deps", action="store_true", help="what they depend on, too")
    parser.add_argument("--ignore-buildable", action="store_true", help="leave out what can be built")
    parser.add_argument("--ignore-pull-failures", action="store_true", help="tell of a failure, and go on")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing of the progress")


def run(arguments: argparse.Namespace) -> int:
    """Pull the images of services side by side; all that fails is told."""
    project = standing.whole(arguments)
    if project is None:
        return 2
    wanted = select(project, arguments.services)
    names = wanted if arguments.include_deps or not arguments.services else arguments.services
    by_image: dict[str, Service] = {}
    for service in (project.services[name] for name in names):
        if service.image and not (arguments.ignore_buildable and service.build is not None):
            by_image.setdefault(service.image, service)
    if not by_image:
        say("no image to pull")
        return 0
    shown = standing.masking(project)
    tell = (lambda _name, _text: None) if arguments.quiet else standing.telling(project)
    failed: list[str] = []

    def pull(service: Service) -> None:
        try:
            session.pull(project, service, tell)
        except EngineError as error:
            failed.append(shown(str(error)))

    with standing.engine() as session, ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(pull, by_image.values()))
    if failed and not arguments.ignore_pull_failures:
        raise EngineError("\n".join(sorted(failed)))
    for line in sorted(failed):
        say(line)
    return 0
