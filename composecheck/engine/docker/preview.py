"""What a start would do, as far as an engine can say it with nothing changed."""

from __future__ import annotations

from functools import partial

from composecheck import identity
from composecheck.engine.docker.succession import Succession, Supply
from composecheck.engine.docker.supplies import ids_of
from composecheck.engine.moby import images, resources
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import docker

    from composecheck.engine.docker.standing import Standing
    from composecheck.engine.protocol import Renewal
    from composecheck.model.project import Project, Service


def preview(
    client: docker.APIClient,
    project: Project,
    names: Collection[str],
    standing: Collection[Standing],
    renewal: Renewal,
) -> Iterator[tuple[str, str]]:
    """Yield each thing that a start is about, and what would become of it."""
    services = [project.services[name] for name in names]
    yield from _images(client, project, services)
    yield from _resources(client, project, services)

    def known(service: Service) -> Collection[str]:
        found = images.inspect(client, identity.image_name(project, service))
        return () if found is None else ids_of(found)

    supply = Supply(known, partial(resources.network_id, client))
    succession = Succession(project, names, standing, renewal, supply)
    for each in succession.orphans if renewal.remove_orphans else ():
        yield each.name, "would be removed: an orphan"
    for service in services:
        yield from _containers(project, service, succession, starts=renewal.starts)


def _images(
    client: docker.APIClient, project: Project, services: Collection[Service]
) -> Iterator[tuple[str, str]]:
    told = set[str]()
    for service in services:
        name = identity.image_name(project, service)
        if name not in told and images.inspect(client, name) is None:
            yield name, "would be built" if service.build is not None else "would be pulled"
        told.add(name)


def _resources(
    client: docker.APIClient, project: Project, services: list[Service]
) -> Iterator[tuple[str, str]]:
    there = resources.find_all(client, project, services)
    for network in resources.changed_networks(there):
        yield f"network {network.name}", "would be made anew"
    found = {(kind, asked.name) for kind, asked, _ in there}
    for kind, wanted in (
        ("network", project.networks_of(services)),
        ("volume", project.volumes_of(services)),
    ):
        for each in wanted:
            if not each.external and (kind, each.name) not in found:
                yield f"{kind} {each.name}", "would be created"


def _containers(
    project: Project, service: Service, succession: Succession, *, starts: bool
) -> Iterator[tuple[str, str]]:
    for each in succession.surplus[service.name]:
        yield each.name, "would be removed: more than the file has"
    for place in succession.places[service.name]:
        name = identity.container_name(project, service, place.number)
        if place.former is None:
            yield name, "would be created"
        elif place.why:
            yield name, f"would be made anew: {place.why}"
        else:
            yield place.former.name, "unchanged" if place.former.runs or not starts else "would be started"
