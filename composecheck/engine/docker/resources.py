"""A project's networks and volumes on the engine, as Compose creates them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker.errors import APIError, NotFound

from composecheck import identity
from composecheck.dump.types import NETWORK, VOLUME, read
from composecheck.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import docker

    from composecheck.project import Network, Project, Service, Volume


def networks_of(project: Project, services: Iterable[Service]) -> list[Network]:
    """Return the networks that some services join."""
    used = {key for service in services if not service.network_mode for key in service.networks}
    return [network for key, network in project.networks.items() if key in used]


def volumes_of(project: Project, services: Iterable[Service]) -> list[Volume]:
    """Return the named volumes that some services mount."""
    used = {mount.source for service in services for mount in service.mounts if mount.type == "volume"}
    return [volume for key, volume in project.volumes.items() if key in used]


def find_network(client: docker.APIClient, name: str) -> dict[str, Any] | None:
    """Return the network of exactly this name or id; the engine itself also takes an id's beginning."""
    try:
        found: dict[str, Any] = client.inspect_network(name)
    except NotFound:
        return None
    return found if name in {found["Name"], found["Id"]} else None


def find_volume(client: docker.APIClient, name: str) -> dict[str, Any] | None:
    """Return the volume of this name."""
    try:
        found: dict[str, Any] = client.inspect_volume(name)
    except NotFound:
        return None
    return found


def create_network(client: docker.APIClient, network: Network, labels: dict[str, str]) -> None:
    """Create a network; raises EngineError with what the engine says."""
    values = read(NETWORK, network.node.plain() or {})
    try:
        client.create_network(
            network.name,
            driver=network.driver,
            options=values.get("driver_opts"),
            ipam=_ipam(values.get("ipam") or {}),
            check_duplicate=True,
            internal=values.get("internal", False),
            labels={**values.get("labels", {}), **labels},
            enable_ipv6=values.get("enable_ipv6", False),
            attachable=values.get("attachable"),
        )
    except APIError as error:
        raise EngineError(f"network '{network.name}' cannot be created: {error.explanation}") from error


def create_volume(client: docker.APIClient, volume: Volume, labels: dict[str, str]) -> None:
    """Create a volume; raises EngineError with what the engine says."""
    values = read(VOLUME, volume.node.plain() or {})
    try:
        client.create_volume(
            volume.name,
            driver=volume.driver,
            driver_opts=values.get("driver_opts"),
            labels={**values.get("labels", {}), **labels},
        )
    except APIError as error:
        raise EngineError(f"volume '{volume.name}' cannot be created: {error.explanation}") from error


def _ipam(said: dict[str, Any]) -> Any:
    if not said.get("driver") and not said.get("config"):
        return None
    pools = [
        {
            "Subnet": pool.get("subnet"),
            "IPRange": pool.get("ip_range"),
            "Gateway": pool.get("gateway"),
            "AuxiliaryAddresses": pool.get("aux_addresses"),
        }
        for pool in said.get("config") or ()
    ]
    return {"Driver": said.get("driver") or "default", "Config": pools}


def missing_external(client: docker.APIClient, project: Project, services: list[Service]) -> list[str]:
    """Return what is wrong with external networks and volumes: each must exist."""
    wrong = [
        f"{network.node.place}: network '{network.name}' is external and does not exist; "
        f"create it with `docker network create {network.name}`"
        for network in networks_of(project, services)
        if network.external and find_network(client, network.name) is None
    ]
    wrong += [
        f"{volume.node.place}: volume '{volume.name}' is external and does not exist; "
        f"create it with `docker volume create {volume.name}`"
        for volume in volumes_of(project, services)
        if volume.external and find_volume(client, volume.name) is None
    ]
    return wrong


def changed_resources(client: docker.APIClient, project: Project, services: list[Service]) -> list[str]:
    """Return the networks and volumes that exist and are not what the file says."""
    changed: list[str] = []
    for network in networks_of(project, services):
        there = None if network.external else find_network(client, network.name)
        labels = (there or {}).get("Labels") or {}
        recorded = labels.get(identity.CONFIG_HASH)
        if there is not None and labels.get(identity.NETWORK) != network.key:
            changed.append(
                f"{network.node.place}: network '{network.name}' exists and is not this project's network "
                f"'{network.key}'; say `external: true` to use it"
            )
        elif recorded and recorded not in identity.network_hashes(network):
            changed.append(f"{network.node.place}: network '{network.name}' differs from the file")
    for volume in volumes_of(project, services):
        there = None if volume.external else find_volume(client, volume.name)
        recorded = ((there or {}).get("Labels") or {}).get(identity.CONFIG_HASH)
        if recorded and recorded != identity.volume_hash(volume):
            changed.append(f"{volume.node.place}: volume '{volume.name}' differs from the file")
    return changed
