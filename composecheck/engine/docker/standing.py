"""What stands of a project before a run, and what of it no start gets past."""

from __future__ import annotations

from typing import NamedTuple

from composecheck import identity
from composecheck.engine.moby import resources
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Any

    import docker

    from composecheck.engine.moby.resources import There
    from composecheck.model.project import Project


class Standing(NamedTuple):
    """A container of the project that stood before this run."""

    id: str
    name: str
    service: str
    number: int
    labels: dict[str, str]
    state: str  # created, running, paused, exited, ...
    networks: dict[str, str]  # the ids of those it has joined, by name; "" as long as it has not run
    volumes: frozenset[str]  # the names of those it mounts
    claims: frozenset[str]  # what only one container can have at a time: ports and addresses
    created: int

    @property
    def runs(self) -> bool:
        """Whether it has a process."""
        return self.state not in ("created", "exited", "dead")


def list_standing(client: docker.APIClient, project: str, retired: Collection[str] = ()) -> list[Standing]:
    """Return a project's containers that Compose counts as its own, by number.

    Those in `retired` have given way to a start that is not over.
    """
    labels = [f"{identity.PROJECT}={project}", f"{identity.ONEOFF}=False", identity.CONFIG_HASH]
    found = client.containers(all=True, filters={"label": labels})
    standing = [standing_of(each) for each in found if each["Id"] not in retired]
    return sorted(standing, key=lambda each: (each.number, each.created, each.id))


def standing_of(listed: dict[str, Any]) -> Standing:
    """Return a container as a list of containers has it."""
    labels, networks = listed["Labels"], listed["NetworkSettings"]["Networks"] or {}
    number = labels.get(identity.NUMBER) or ""
    ports = {
        f"{port['Type']} {port['PublicPort']}" for port in listed.get("Ports") or () if port.get("PublicPort")
    }
    addresses = {f"{name} {end['IPAddress']}" for name, end in networks.items() if end.get("IPAddress")}
    return Standing(
        listed["Id"],
        str(listed["Names"][0]).lstrip("/"),
        labels.get(identity.SERVICE, ""),
        int(number) if number.isdigit() else 1,
        labels,
        listed["State"],
        {name: end["NetworkID"] for name, end in networks.items()},
        frozenset(mount["Name"] for mount in listed.get("Mounts") or () if mount.get("Name")),
        frozenset(ports | addresses),
        int(listed["Created"]),
    )


def obstacles(
    project: Project, names: Collection[str], standing: Iterable[Standing], there: list[There]
) -> Iterator[str]:
    """Yield what exists for some services and keeps them from being started, each with its place.

    `there` are the networks and volumes that exist.
    """
    yield from resources.changed_resources(there)
    for each in standing:
        if each.service in names and each.state == "paused":
            place = project.services[each.service].key_place()
            yield (
                f"{place}: container '{each.name}' of service '{each.service}' is paused; "
                f"`docker unpause {each.name}` lets it go on"
            )


def oddities(
    project: Project, standing: Iterable[Standing], there: list[There], *, orphans_stay: bool
) -> Iterator[str]:
    """Yield what stands in the way of nothing and is worth a word, as Compose warns of it.

    That is containers of services that the file no longer has, and what belongs to another project.
    """
    for each in standing if orphans_stay else ():
        if is_orphan(project, each):
            yield (
                f"container '{each.name}' is of service '{each.service}', which the file no longer has; "
                f"`docker rm -f {each.name}` removes it, and so does --remove-orphans"
            )
    for kind, asked, own in there:
        owner = own.get(identity.PROJECT)
        if owner != project.name:
            whose = f"belongs to project '{owner}'" if owner else "was not made for a project"
            yield f"{kind} '{asked.name}' {whose}; say `external: true` where it is meant to be shared"


def is_orphan(project: Project, container: Standing) -> bool:
    """Return whether a container is of a service that the file no longer has."""
    return container.service not in project.services and container.service not in project.disabled
