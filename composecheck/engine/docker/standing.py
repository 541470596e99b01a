"""What stands of a project before a run, and how it differs from the file."""

from __future__ import annotations

from typing import NamedTuple

from composecheck import identity
from composecheck.engine.moby import images, resources
from composecheck.model.links import namespaces
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import docker

    from composecheck.engine.moby.resources import There
    from composecheck.model.project import Project, Service


class Standing(NamedTuple):
    """A container of the project that stood before this run."""

    id: str
    labels: dict[str, str]
    state: str  # created, running, paused, exited, ...
    networks: dict[str, str]  # the ids of those it has joined, by name; "" as long as it has not run


def list_standing(client: docker.APIClient, project: str) -> dict[tuple[str, int], Standing]:
    """Return a project's containers by service and number, those that Compose counts as its own."""
    labels = [f"{identity.PROJECT}={project}", f"{identity.ONEOFF}=False", identity.CONFIG_HASH]
    found = client.containers(all=True, filters={"label": labels})
    return {
        (each["Labels"][identity.SERVICE], int(each["Labels"].get(identity.NUMBER) or 1)): Standing(
            each["Id"],
            each["Labels"],
            each["State"],
            {name: end["NetworkID"] for name, end in each["NetworkSettings"]["Networks"].items()},
        )
        for each in found
    }


def differences(
    client: docker.APIClient, project: Project, names: Collection[str], there: list[There]
) -> Iterator[str]:
    """Yield what exists for some services and is not what the file says, each with its place.

    `there` are the networks and volumes that exist.
    """
    standing = list_standing(client, project.name)
    remedy = f"`composecheck down -p {project.name}` first, then `up` makes it anew"
    yield from resources.changed_resources(there)
    for name, replica in standing:
        if name not in names:
            continue
        service = project.services[name]
        what = _difference(client, project, service, replica, standing)
        if what:
            container = identity.container_name(project, service, replica)
            place = service.key_place()
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
    for what, parent in _parents(service):
        if (parent, 1) not in standing:
            return f"shares the {what} of service '{parent}', whose container is gone"
    if labels.get(identity.CONFIG_HASH) not in identity.service_hashes(project, service, container_of):
        return "differs from the file"
    if here.state == "paused":
        return "is paused"
    if lost := _lost_network(client, project, service, here):
        return lost
    found = images.inspect(client, identity.image_name(project, service))
    recorded = labels.get(identity.IMAGE)
    return "has an older image" if found and recorded and recorded != found["Id"] else ""


def _lost_network(client: docker.APIClient, project: Project, service: Service, here: Standing) -> str:
    """Return which network of its service a container has lost, "" for none."""
    keys = service.networks if service.network_mode is None else ()
    for name in sorted({project.networks[key].name for key in keys if key in project.networks}):
        if name not in here.networks:
            return f"is not connected to network '{name}'"
        if here.networks[name] and not _is_there(client, name, here.networks[name]):
            return f"was connected to a network '{name}' that has been removed since"
    return ""


def _parents(service: Service) -> Iterator[tuple[str, str]]:
    """Yield the namespaces that a container shares, each with the service whose it is."""
    words = {"network_mode": "network", "ipc": "memory", "pid": "processes"}
    for namespace in namespaces(service):
        if namespace.key in words:
            yield words[namespace.key], namespace.service


def _is_there(client: docker.APIClient, name: str, network: str) -> bool:
    """Return whether a network is still the one that a container knows by its id."""
    found = resources.find_network(client, name)
    return found is not None and found["Id"] == network


def oddities(client: docker.APIClient, project: Project, there: list[There]) -> Iterator[str]:
    """Yield what stands in the way of nothing and is worth a word, as Compose warns of it.

    That is containers of services that the file no longer has, and what belongs to another project.
    """
    known = {*project.services, *project.disabled}
    labels = [f"{identity.PROJECT}={project.name}", f"{identity.ONEOFF}=False", identity.CONFIG_HASH]
    for each in client.containers(all=True, filters={"label": labels}):
        name, service = each["Names"][0].lstrip("/"), each["Labels"].get(identity.SERVICE)
        if service not in known:
            yield (
                f"container '{name}' is of service '{service}', which the file no longer has; "
                f"`docker rm -f {name}` removes it"
            )
    for kind, asked, own in there:
        owner = own.get(identity.PROJECT)
        if owner != project.name:
            whose = f"belongs to project '{owner}'" if owner else "was not made for a project"
            yield f"{kind} '{asked.name}' {whose}; say `external: true` where it is meant to be shared"
