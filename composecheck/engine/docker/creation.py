"""Containers created, as Compose would, or taken as they stand."""

from __future__ import annotations

from composecheck import identity
from composecheck.engine.docker.body import References, container_request, endpoints_of
from composecheck.engine.docker.rewiring import connect
from composecheck.engine.docker.succession import claims, restarted
from composecheck.engine.moby.connection import proxies
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from composecheck.engine.docker.containers import Containers
    from composecheck.engine.docker.formers import Formers
    from composecheck.engine.docker.standing import Standing
    from composecheck.engine.docker.succession import Succession
    from composecheck.engine.docker.supplies import Supplies
    from composecheck.engine.moby.daemon import Daemon
    from composecheck.engine.moby.marker import Marker
    from composecheck.engine.protocol import Renewal
    from composecheck.model.project import Project, Service


class Creation:
    """Creates the containers of one start of a project, and puts them into its `containers`."""

    def __init__(
        self,
        daemon: Daemon,
        run: Marker,
        project: Project,
        supplies: Supplies,
        containers: Containers,
        *,
        succession: Succession,
        formers: Formers,
        renewal: Renewal,
    ) -> None:
        self._daemon = daemon
        self._run = run
        self._project = project
        self._supplies = supplies
        self._containers = containers
        self._succession = succession
        self._formers = formers
        self._renewal = renewal

    def create(self, service: Service, replica: int) -> str:
        """Create a container; return "unchanged" for one that is kept, or why it takes another's place."""
        key, place = (service.name, replica), self._succession.place(service.name, replica)
        if place.is_kept and place.former is not None:
            self._containers.add(key, place.former.id)
            return "unchanged"
        client = self._daemon.client
        config_hash = identity.service_hash(self._project, service, self._containers.first)
        image = self._supplies.image_id(service)
        labels = identity.container_labels(self._project, service, replica, image, config_hash)
        # Compose 5 says so only of what inherits.
        if place.former is not None and not (
            self._renewal.renew_volumes and self._project.dialect.name == "5"
        ):
            labels[identity.REPLACE] = identity.replaced_label(self._project, service, replica)
        request = container_request(
            self._project,
            service,
            replica,
            labels=labels | self._run.labels,
            proxies=proxies(self._daemon.url),
            references=References(self._containers.first, self._names),
            all_networks_at_once=self._daemon.speaks("1.44"),
            inherited=self._inherited(service, place.former),
        )
        self._run.makes(request.name)
        # As in Compose, it has another name for as long as its former stands.
        name = f"{place.former.id[:12]}_{request.name}" if place.former is not None else request.name
        made = client.create_container_from_config(request.body, name, request.platform)
        self._run.has_made(made["Id"])
        for end in request.more_networks:
            connect(client, made["Id"], end)
        self._containers.add(key, made["Id"])
        return place.why

    def make_room(self, service: Service) -> None:
        """Have those give way that have a port or an address of a service, whosever they are."""
        wanted = claims(self._project, service)
        for former in self._succession.replaced if wanted else ():
            if former.claims & wanted:
                self._retire(former)

    def take_place(self, service: Service, replica: int) -> None:
        """Have a container's former give way, and give it its name."""
        place = self._succession.place(service.name, replica)
        if place.former is None or not place.why:
            return
        for name in restarted(self._project, self._succession.places, service.name):
            for each in self._succession.places[name]:
                if each.former is not None:
                    self._formers.pause(each.former)
        self._retire(place.former)
        name = identity.container_name(self._project, service, replica)
        self._daemon.client.rename(self._containers.id((service.name, replica)) or "", name)
        self._run.beat()

    def _retire(self, former: Standing) -> None:
        """Have a container give way to the one that comes in its place."""
        numbers = {
            place.former.id: place.number
            for place in self._succession.places[former.service]
            if place.former is not None
        }
        self._formers.retire(former, self._containers.created((former.service, numbers[former.id])) or "")

    def _inherited(self, service: Service, former: Standing | None) -> list[dict[str, Any]]:
        """Return the mounts of the anonymous volumes that a container has of its former, as Compose does."""
        if former is None or self._renewal.renew_volumes:
            return []
        found = self._daemon.client.inspect_container(former.id)["Mounts"]
        image = self._supplies.image(service) or {}
        anonymous = {mount.target for mount in service.volumes if not mount.source}
        anonymous |= set((image.get("Config") or {}).get("Volumes") or ())
        return [
            {
                "Type": mount["Type"],
                "Source": mount.get("Name") if mount["Type"] == "volume" else mount["Source"],
                "Target": mount["Destination"],
                "ReadOnly": not mount["RW"],
            }
            for mount in found
            if mount["Type"] != "tmpfs" and mount["Destination"] in anonymous
        ]

    def reconnect(self, service: Service, replica: int, network: str) -> None:
        """Put a container that is kept on a network that was made anew."""
        place = self._succession.place(service.name, replica)
        if place.former is None or not place.is_kept:
            return
        references = References(self._containers.first, self._names)
        for end in endpoints_of(self._project, service, replica, references):
            if end.network == network:
                connect(self._daemon.client, place.former.id, end)

    def _names(self, service: str) -> list[str]:
        """Return the names of a service's containers, once the first is created."""
        self._containers.first(service)
        defined = self._project.services[service]
        numbers = self._succession.numbers(service) or range(1, defined.replicas + 1)
        return [identity.container_name(self._project, defined, number) for number in numbers]
