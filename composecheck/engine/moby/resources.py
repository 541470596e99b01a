"""A project's networks and volumes on the engine, as Compose creates them."""

from __future__ import annotations

from typing import NamedTuple

from docker.errors import APIError, NotFound

from composecheck import identity
from composecheck.errors import EngineError
from composecheck.model.project import Network, Volume
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    import docker

    from composecheck.model.details import Ipam
    from composecheck.model.project import Project, Service


def network_id(client: docker.APIClient, name: str) -> str:
    """Return the id of the network of a name, "" where there is none."""
    found = find_network(client, name)
    return str(found["Id"]) if found is not None else ""


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
    try:
        client.create_network(
            network.name,
            driver=network.driver,
            options=network.driver_opts or None,
            ipam=_ipam(network.ipam),
            check_duplicate=True,
            internal=network.internal,
            labels={**network.labels, **labels},
            enable_ipv6=bool(network.enable_ipv6),
            attachable=network.attachable or None,
        )
    except APIError as error:
        raise EngineError(f"network '{network.name}' cannot be created: {error.explanation}") from error


def create_volume(client: docker.APIClient, volume: Volume, labels: dict[str, str]) -> None:
    """Create a volume; raises EngineError with what the engine says."""
    try:
        client.create_volume(
            volume.name,
            driver=volume.driver,
            driver_opts=volume.driver_opts or None,
            labels={**volume.labels, **labels},
        )
    except APIError as error:
        raise EngineError(f"volume '{volume.name}' cannot be created: {error.explanation}") from error


def _ipam(ipam: Ipam) -> Any:
    if not ipam.driver and not ipam.config:
        return None
    pools = [
        {
            "Subnet": pool.subnet,
            "IPRange": pool.ip_range,
            "Gateway": pool.gateway,
            "AuxiliaryAddresses": pool.aux_addresses or None,
        }
        for pool in ipam.config
    ]
    return {"Driver": ipam.driver or "default", "Config": pools}


class There(NamedTuple):
    """A network or a volume of a project's own, and what the engine has under its name."""

    kind: Literal["network", "volume"]
    asked: Network | Volume
    labels: dict[str, str]


def find_all(client: docker.APIClient, project: Project, services: list[Service]) -> list[There]:
    """Return what exists of the networks and volumes that some services need and that are not external."""
    found = list[There]()
    for network in project.networks_of(services):
        there = None if network.external else find_network(client, network.name)
        if there is not None:
            found.append(There("network", network, there.get("Labels") or {}))
    for volume in project.volumes_of(services):
        there = None if volume.external else find_volume(client, volume.name)
        if there is not None:
            found.append(There("volume", volume, there.get("Labels") or {}))
    return found


def changed_networks(there: list[There]) -> Iterator[Network]:
    """Yield the project's own networks that exist and differ from the file."""
    for _, asked, labels in there:
        if (
            isinstance(asked, Network)
            and labels.get(identity.NETWORK) == asked.key
            and _differs(asked, labels)
        ):
            yield asked


def changed_resources(there: list[There]) -> Iterator[str]:
    """Yield what exists under the name of a network and is not the project's, and the volumes that differ."""
    for kind, asked, labels in there:
        place = asked.key_place()
        if kind == "network" and labels.get(identity.NETWORK) != asked.key:
            yield (
                f"{place}: network '{asked.name}' exists and is not this project's network "
                f"'{asked.key}'; say `external: true` to use it"
            )
        elif kind == "volume" and _differs(asked, labels):
            project = labels.get(identity.PROJECT)
            yield (
                f"{place}: volume '{asked.name}' differs from the file; `composecheck down -p {project} && "
                f"docker volume rm {asked.name}` removes it with its data, and `up` makes it anew"
            )


def _differs(asked: Network | Volume, labels: dict[str, str]) -> bool:
    recorded = labels.get(identity.CONFIG_HASH)
    return bool(recorded) and recorded not in _hashes(asked)


def _hashes(asked: Network | Volume) -> set[str]:
    return {identity.volume_hash(asked)} if isinstance(asked, Volume) else identity.network_hashes(asked)
