"""What an `up` makes of what stands: its options, with the meaning that Docker Compose gives them."""

from __future__ import annotations

from typing import TypedDict

from composecheck.engine.protocol import Renewal
from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING
from composecheck.start import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from composecheck.model.project import Project


class Again(TypedDict, total=False):
    """The options of an `up` that meets a stack which stands already; each is Docker Compose's own."""

    force_recreate: bool  # make the containers anew, though nothing has changed
    no_recreate: bool  # keep what stands, though it differs from the file
    always_recreate_deps: bool  # make those of the dependencies anew, too
    no_deps: bool  # leave the dependencies of the services alone
    scale: Mapping[str, int]  # how many containers services have, in place of what the file says
    remove_orphans: bool  # remove the containers of services that the file no longer has
    renew_anon_volumes: bool  # make anonymous volumes anew, too
    dry_run: bool  # tell `on_progress` what would become of each thing, and change nothing
    no_start: bool  # create the containers, and start none
    stop_timeout: float | None  # the grace at stop in seconds, in place of each service's own


_INCOMPATIBLE = (
    ("no_recreate", "renew_anon_volumes"),
    ("force_recreate", "no_recreate"),
    ("always_recreate_deps", "no_recreate"),
)


def adjust(
    project: Project, services: Sequence[str], options: Again
) -> tuple[Project, tuple[str, ...], Renewal]:
    """Return the project as the options have it, the services to start, and what becomes of what stands.

    Raises UsageError for options that exclude each other, or mean nothing.
    """
    for one, other in _INCOMPATIBLE:
        if options.get(one) and options.get(other):
            raise UsageError(f"{_option(one)} and {_option(other)} are incompatible")
    grace = options.get("stop_timeout")
    if grace is not None and grace < 0:
        raise UsageError(f"a grace at stop cannot be negative: {grace:g}")
    scale = options.get("scale")
    project = scaled(project, scale) if scale else project
    if options.get("no_deps") and services:
        select(project, services)  # a service that there is not is told with its own words
        alone = {name: project.services[name].replace(depends_on={}) for name in services}
        project = project._replace(services=project.services | alone)
    always = options.get("force_recreate") or options.get("renew_anon_volumes")
    never = options.get("no_recreate")
    return (
        project,
        select(project, services),
        Renewal(
            frozenset(services or project.services),
            "never" if never else "always" if always else "changed",
            "never" if never else "always" if options.get("always_recreate_deps") else "changed",
            renew_volumes=bool(options.get("renew_anon_volumes")),
            remove_orphans=bool(options.get("remove_orphans")),
            grace=grace,
            starts=not options.get("no_start"),
        ),
    )


def scaled(project: Project, scale: Mapping[str, int]) -> Project:
    """Return a project some of whose services have another number of containers."""
    services = dict(project.services)
    for name, number in scale.items():
        select(project._replace(services=services), [name])
        if number < 0:
            raise UsageError(f"service '{name}' cannot have {number} containers")
        services[name] = services[name].replace(scale=number, replicas=number)
    for service in services.values():
        if service.container_name and service.replicas > 1:
            raise UsageError(
                f"service '{service.name}' has the container name '{service.container_name}', which only one "
                f"of its {service.replicas} containers could have; remove 'container_name' to scale it"
            )
    return project._replace(services=services)


def _option(keyword: str) -> str:
    return "--" + keyword.replace("_", "-")
