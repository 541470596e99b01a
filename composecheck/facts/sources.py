"""Where the image of a service comes from: pulled or built, when, and for which platform."""

from __future__ import annotations

import os

from composecheck.named import TYPE_CHECKING
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from composecheck.model.project import Project, Service

_WINDOWS = {"daily": 86400.0, "weekly": 604800.0}


def is_runnable(service: Service) -> bool:
    """Return whether anything says what a service's containers are made from, or who sets it up."""
    return not service.words().isdisjoint(("image", "build", "provider"))


def pull_policy(service: Service) -> str:
    """Return when a service's image is pulled: "missing" where the file does not say."""
    return service.pull_policy or "missing"


def may_be_pulled(service: Service) -> bool:
    """Return whether a service's image is pulled where it is missing."""
    return bool(service.image) and pull_policy(service) not in ("never", "build")


def is_rebuilt(service: Service) -> bool:
    """Return whether each start builds a service's image, even where it is at hand."""
    return service.build is not None and pull_policy(service) == "build"


def is_built(service: Service) -> bool:
    """Return whether a start builds a service's image, and does not first look for one to pull."""
    return service.build is not None and (not service.image or is_rebuilt(service))


def pulled_after(service: Service) -> float | None:
    """Return after how many seconds an image at hand is pulled again; 0 for always, None for never."""
    policy = pull_policy(service)
    if policy == "always":
        return 0.0
    if policy.startswith("every_"):
        return parse_duration(policy.removeprefix("every_"))
    return _WINDOWS.get(policy)


def platform(project: Project, service: Service) -> str | None:
    """Return the platform that a service is pulled, built and run for; None for the engine's own."""
    return service.platform or project.default_platform


def shown(project: Project, path: str, written: str = "") -> str:
    """Return a path relative to the project's folder, where it lies in it or is `written` so, or to the home.

    No message is to tell where on this machine the project lies.
    """
    directory = project.folder
    if path.startswith(directory + os.sep):
        return f".{path[len(directory) :]}"
    written = written.lstrip("'\"")
    if written.startswith(".") and os.path.isabs(path):
        return os.path.relpath(path, directory)
    home = project.environment.get("HOME", "")
    if home.strip("/") and written.startswith(("~", "$")) and path.startswith(f"{home}/"):
        return f"~{path[len(home) :]}"
    # What a variable says, or an included file from its own folder.
    return (
        path if written.startswith("/") or not _is_near(project, path) else os.path.relpath(path, directory)
    )


def _is_near(project: Project, path: str) -> bool:
    """Whether a path lies in the current folder, as the project does."""
    folder = os.path.join(project.disk.folder, "")
    return bool(project.disk.folder) and all(
        os.path.join(one, "").startswith(folder) for one in (path, project.folder)
    )
