"""Containers created, as Compose would, or taken as they stand."""

from __future__ import annotations

from composecheck import identity
from composecheck.engine.docker.body import References, container_request
from composecheck.engine.moby.connection import proxies
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from composecheck.engine.docker.containers import Containers
    from composecheck.engine.docker.supplies import Supplies
    from composecheck.engine.moby.daemon import Daemon
    from composecheck.engine.moby.marker import Marker
    from composecheck.model.project import Project, Service


class Creation:
    """Creates the containers of one start of a project, and puts them into its `containers`."""

    def __init__(
        self, daemon: Daemon, run: Marker, project: Project, supplies: Supplies, containers: Containers
    ) -> None:
        self._daemon = daemon
        self._run = run
        self._project = project
        self._supplies = supplies
        self._containers = containers

    def create(self, service: Service, replica: int) -> str:
        """Create a container; return "unchanged" for one that stood before."""
        key = (service.name, replica)
        standing = self._containers.standing.get(key)
        if standing is not None:
            self._containers.add(key, standing.id)
            return "unchanged"
        client = self._daemon.client
        config_hash = identity.service_hash(self._project, service, self._containers.first)
        image = self._supplies.image_id(service)
        labels = identity.container_labels(self._project, service, replica, image, config_hash)
        request = container_request(
            self._project,
            service,
            replica,
            labels=labels | self._run.labels,
            proxies=proxies(self._daemon.url),
            references=References(self._containers.first, self._names),
            all_networks_at_once=self._daemon.speaks("1.44"),
        )
        self._run.makes(request.name)
        made = client.create_container_from_config(request.body, request.name, request.platform)
        self._run.has_made(made["Id"])
        for end in request.more_networks:
            self._connect(made["Id"], end.network, end.settings)
        self._containers.add(key, made["Id"])
        return ""

    def _connect(self, container: str, network: str, settings: dict[str, Any]) -> None:
        ipam = settings["IPAMConfig"]
        links = [tuple(link.split(":", 1)) for link in settings["Links"] or ()]
        self._daemon.client.connect_container_to_network(
            container,
            network,
            ipv4_address=ipam["IPv4Address"] or None,
            ipv6_address=ipam["IPv6Address"] or None,
            link_local_ips=ipam["LinkLocalIPs"],
            aliases=settings["Aliases"],
            links=links or None,
            driver_opt=settings["DriverOpts"],
        )

    def _names(self, service: str) -> list[str]:
        """Return the names of a service's containers, once the first is created."""
        self._containers.first(service)
        defined = self._project.services[service]
        return [
            identity.container_name(self._project, defined, replica)
            for replica in range(1, defined.replicas + 1)
        ]
