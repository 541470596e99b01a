"""Which services a start is about."""

from __future__ import annotations

from graphlib import CycleError

from composecheck.errors import UsageError
from composecheck.facts.graph import order
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.model.project import Project


def select(project: Project, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the named services (all enabled ones for no name) and all that they depend on.

    Each stands after its dependencies. Raises UsageError for a service that there is not, and for
    services that depend on each other in a circle.
    """
    open_ends = list(names) or list(project.services)
    edges: dict[str, tuple[str, ...]] = {}
    while open_ends:
        name = open_ends.pop()
        if name not in project.services:
            raise UsageError(_unknown(project, name))
        if name not in edges:
            edges[name] = tuple(_dependencies(project, name))
            open_ends += edges[name]
    try:
        # In the order of the file, as far as the dependencies leave it.
        return order({name: edges[name] for name in project.services if name in edges})
    except CycleError as error:
        # graphlib's circle goes from each name to one that depends on it.
        circle = " -> ".join(f"'{name}'" for name in reversed(error.args[1]))
        raise UsageError(f"services depend on each other: {circle}") from None


def _dependencies(project: Project, name: str) -> Iterator[str]:
    for dependency in project.services[name].depends_on.values():
        if dependency.service in project.services:
            yield dependency.service
        elif dependency.required:
            what = "disabled" if dependency.service in project.disabled else "not defined"
            raise UsageError(f"service '{name}' depends on '{dependency.service}', which is {what}")


def _unknown(project: Project, name: str) -> str:
    disabled = project.disabled.get(name)
    if disabled is not None:
        # Compose would activate all of its profiles; its env files have not been read, nor is it checked.
        profiles = " ".join(f"--profile {profile}" for profile in disabled.profiles)
        return f"service '{name}' is disabled; enable it with {profiles}"
    from composecheck.text.spelling import did_you_mean

    meant = did_you_mean(name, project.services, loosely=True)
    return f"no such service: '{name}'" + (f"; {meant}" if meant else "")
