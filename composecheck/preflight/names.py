"""Names of containers that somebody else has."""

from __future__ import annotations

from composecheck import identity
from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.model.project import Project, Service
    from composecheck.snapshot import Container, Snapshot


def taken(project: Project, services: Sequence[Service], snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Yield each container's name that one which is not this service's own has, running or not."""
    holders = {container.name: container for container in snapshot.containers}
    for service in services:
        for replica in range(1, service.replicas + 1):
            name = identity.container_name(project, service, replica)
            holder = holders.get(name)
            if holder is not None and (holder.project, holder.service) != (project.name, service.name):
                yield _finding(service, holder)
                break


def _finding(service: Service, holder: Container) -> Diagnostic:
    if holder.project:
        whose = (
            f"service '{holder.service}' of project '{holder.project}'"
            if holder.service
            else (f"project '{holder.project}'")
        )
    else:
        whose = "a container that Compose did not make"
    other = (
        "choose another 'container_name', or take it out" if service.container_name else "rename the service"
    )
    return Diagnostic(
        "container-name-in-use",
        "error",
        f"the container name '{holder.name}' of service '{service.name}' is in use by {whose}",
        service.place("container_name") if service.container_name else service.key_place(),
        remedy=f"remove that one (`docker rm -f {holder.name}`), or {other}",
        service=service.name,
    )
