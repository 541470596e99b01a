"""Which services a start is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.project import Project


def select(project: Project, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the named services (all enabled ones for no name) and all that they depend on.

    Each stands after its dependencies, else in the file's order. Raises UsageError for a service
    that there is not, and for services that depend on each other in a circle.
    """
    wanted = tuple(names)
    for name in wanted:
        if name not in project.services:
            raise UsageError(_unknown(project, name))
    done: dict[str, None] = {}
    for name in wanted or tuple(project.services):
        if name not in done:
            _visit(project, name, done)
    return tuple(done)


def _visit(project: Project, name: str, done: dict[str, None]) -> None:
    """Add a service after its dependencies; a stack of our own, since chains can be long."""
    path = {name: _dependencies(project, name)}
    while path:
        current, dependencies = next(reversed(path.items()))
        for dependency in dependencies:
            if dependency in path:
                circle = [*list(path)[list(path).index(dependency) :], dependency]
                raise UsageError("services depend on each other: " + " -> ".join(f"'{n}'" for n in circle))
            if dependency not in done:
                path[dependency] = _dependencies(project, dependency)
                break
        else:
            done[current] = None
            del path[current]


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
    from composecheck.remedy import did_you_mean

    meant = did_you_mean(name, project.services)
    return f"no such service: '{name}'" + (f"; {meant}" if meant else "")
