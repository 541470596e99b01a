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
    from collections.abc import Mapping, Sequence

    from composecheck.engine.protocol import Session
    from composecheck.model.project import Project, Service

_AT_ONCE = 4
_MISSING = ("missing", "if_not_present")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `pull`."""
    standing.add_services(parser)
    parser.add_argument("--include-deps", action="store_true", help="what they depend on, too")
    parser.add_argument("--ignore-buildable", action="store_true", help="leave out what can be built")
    parser.add_argument("--ignore-pull-failures", action="store_true", help="tell of a failure, and go on")
    parser.add_argument("--policy", choices=("always", "missing"), help="in place of each `pull_policy`")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing of the progress")


def run(arguments: argparse.Namespace) -> int:
    """Pull the images of services side by side; all that fails is told."""
    project = standing.whole(arguments)
    if project is None:
        return 2
    wanted = select(project, arguments.services)
    names = wanted if arguments.include_deps or not arguments.services else arguments.services
    shown = standing.masking(project)
    tell = (lambda _name, _text: None) if arguments.quiet else standing.telling(project)
    failed: list[str] = []

    def pull(service: Service) -> None:
        try:
            session.pull(project, service, tell)
        except EngineError as error:
            if service.build is None:
                failed.append(shown(str(error)))
            else:
                tell(service.image or "", f"cannot be pulled; `composecheck build {service.name}` builds it")

    with standing.engine() as session, ThreadPoolExecutor(_AT_ONCE) as threads:
        pulled = _wanted(session, project, [project.services[name] for name in names], arguments)
        if not pulled:
            say("no image to pull")
        list(threads.map(pull, pulled))
    if failed and not arguments.ignore_pull_failures:
        raise EngineError("\n".join(sorted(failed)))
    for line in sorted(failed):
        say(line)
    return 0


def _wanted(
    session: Session, project: Project, services: Sequence[Service], arguments: argparse.Namespace
) -> list[Service]:
    """Return a service for each image that is to be pulled, as Compose goes by `pull_policy`."""
    chosen: dict[str, Service] = {}
    for service in services:
        if service.image and not (arguments.ignore_buildable and service.build is not None):
            chosen.setdefault(service.image, service)
    policies = {name: arguments.policy or each.pull_policy or "always" for name, each in chosen.items()}
    there: Mapping[str, str | None] = {}
    if any(policy in _MISSING for policy in policies.values()):
        there = session.survey(project, [each.name for each in chosen.values()]).images or {}
    return [
        service
        for name, service in chosen.items()
        if policies[name] not in ("never", "build")
        and (policies[name] not in _MISSING or there.get(name) is None)
    ]
