"""The networks that services are in, by the engine's names, and who shares one network namespace."""

from __future__ import annotations

from composecheck.model.links import service_in
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.model.project import Project, Service


def network_name(project: Project, key: str) -> str:
    """Return what the engine calls a network; one that is not defined is known by its key."""
    network = project.networks.get(key)
    return network.name if network is not None else key


class Networks:
    """Which networks each service of a project is in, and with whom it shares a namespace.

    `project` holds all services, those that profiles leave out, too.
    """

    __slots__ = ("_beside", "_foreign", "_joined", "_owners", "_project", "_sets")

    def __init__(self, project: Project) -> None:
        self._project = project
        self._beside: dict[str, list[Service]] | None = None
        self._foreign: dict[str, bool] = {}
        self._joined: dict[str, frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._owners: dict[str, Service | None] = {}

    def owner(self, service: Service) -> Service | None:
        """Return the service whose network namespace a service lives in; None where it is not known."""
        named = service_in(service.network_mode)
        if named is None:
            return service
        if service.name not in self._owners:
            self._owners[service.name] = None  # a circle leads nowhere
            other = self._project.services.get(named)
            self._owners[service.name] = self.owner(other) if other is not None else None
        return self._owners[service.name]

    def joined(self, service: Service) -> frozenset[str]:
        """Return the engine's names of the networks that a service joins itself."""
        names = self._joined.get(service.name)
        if names is None:
            keys = service.networks or ("default",)
            names = frozenset([network_name(self._project, key) for key in keys])
            # Most are in the same ones: one set for all of these is the quickest to compare.
            self._joined[service.name] = names = self._sets.setdefault(names, names)
        return names

    def around(self, service: Service) -> dict[str, str]:
        """Return the keys of the networks that a service is in (or its owner's), by the engine's names.

        It is empty where they are not known, or the service is in no network of its project.
        """
        owner = self.owner(service)
        if owner is None or owner.network_mode:
            return {}
        return {network_name(self._project, key): key for key in owner.networks or ("default",)}

    def beside(self, service: Service) -> list[Service]:
        """Return the services that live in one network namespace with a service, and itself."""
        if self._beside is None:
            self._beside = {}
            for each in self._project.services.values():
                owner = self.owner(each)
                if owner is not None:
                    self._beside.setdefault(owner.name, []).append(each)
        owner = self.owner(service)
        return self._beside[owner.name] if owner is not None else [service]

    def share(self, service: Service, other: Service) -> bool:
        """Return whether two services live in one network namespace, and so are each other's localhost."""
        owner, host = self.owner(service), "host"
        return (owner is not None and owner is self.owner(other)) or (
            service.network_mode == other.network_mode == host
        )

    def foreign(self, service: Service) -> bool:
        """Return whether others than this project's services may be found by name from a service."""
        if service.name not in self._foreign:
            self._foreign[service.name] = self._is_foreign(service)
        return self._foreign[service.name]

    def _is_foreign(self, service: Service) -> bool:
        owner = self.owner(service)
        if owner is None or owner.network_mode or owner.dns or owner.dns_search or owner.external_links:
            return True
        networks = self._project.networks
        return any(key in networks and networks[key].external for key in owner.networks or ("default",))
