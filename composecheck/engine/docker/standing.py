"""What stands of a project before a run, and how it differs from the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from composecheck import identity
from composecheck.engine.docker import images, resources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import docker

    from composecheck.project import Project, Service


class Standing(NamedTuple):
    """A container of the project that stood before this run."""

    id: str
    labels: dict[str, str]
    state: str  # created, running, paused, exited, ...
    networks: frozenset[str]  # the names of those it has joined


def list_standing(client: docker.APIClient, project: str) -> dict[tuple[str, int], Standing]:
    """Return a project's containers by service and number, those that Compose counts as its own."""
    labels = [f"{identity.PROJECT}={project}", f"{identity.ONEOFF}=False", identity.CONFIG_HASH]
    found = client.containers(all=True, filters={"label": labels})
    return {
        (each["Labels"][identity.SERVICE], int(each["Labels"].get(identity.NUMBER) or 1)): Standing(
            each["Id"], each["Labels"], each["State"], frozenset(each["NetworkSettings"]["Networks"])
        )
        for each in found
    }


def differences(client: docker.APIClient, project: Project, names: Collection[str]) -> Iterator[str]:
    """Yield what exists for some services and is not what the file says, each with its place."""
    services = [project.services[name] for name in names]
    standing = list_standing(client, project.name)
    remedy = f"`composecheck down -p {project.name}` first, then `up` makes it anew"
    yield from resources.changed_resources(client, project, services)
    for name, replica in standing:
        if name not in names:
            continue
        service = project.services[name]
        what = _difference(client, project, service, replica, standing)
        if what:
            container = identity.container_name(project, service, replica)
            place = service.node.place
            yield f"{place}: container '{container}' of service '{name}' {what}; {remedy}"


def _difference(
    client: docker.APIClient,
    project: Project,
    service: Service,
    replica: int,
    standing: dict[tuple[str, int], Standing],
) -> str:
    """Return how a container that stands is not what the file says, "" where it is."""

    def container_of(name: str) -> str:
        # A service whose parent is not there has to join a new one.
        return standing[name, 1].id if (name, 1) in standing else ""

    here = standing[service.name, replica]
    labels = here.labels
    if replica > service.replicas:
        return f"is more than the file's {service.replicas}"
    if labels.get(identity.CONFIG_HASH) not in identity.service_hashes(service, container_of):
        return "differs from the file"
    if here.state == "paused":
        return "is paused"
    if service.network_mode is None:
        wanted = {project.networks[key].name for key in service.networks if key in project.networks}
        for network in sorted(wanted - here.networks):
            return f"is not connected to network '{network}'"
    found = images.inspect(client, identity.image_name(project, service))
    recorded = labels.get(identity.IMAGE)
    return "has an older image" if found and recorded and recorded != found["Id"] else ""
