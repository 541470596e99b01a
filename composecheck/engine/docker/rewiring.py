"""Networks that differ from the file, made anew: what is on them is stopped, and put on the new one."""

from __future__ import annotations

from contextlib import suppress

from docker.errors import APIError, NotFound

from composecheck import identity
from composecheck.engine.moby import resources
from composecheck.engine.moby.marker import Rewired
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

    import docker

    from composecheck.engine.docker.body import Endpoint
    from composecheck.engine.docker.formers import Formers
    from composecheck.engine.docker.standing import Standing
    from composecheck.engine.moby.marker import Marker
    from composecheck.engine.moby.removal import Removal
    from composecheck.model.project import Network, Project


def occupied(
    client: docker.APIClient,
    project: Project,
    networks: Collection[Network],
    going: Callable[[Standing], bool],
) -> Iterator[str]:
    """Yield which of some networks cannot be made anew, since a container is on it that stays as it is."""
    from composecheck.engine.docker.standing import standing_of

    for network in networks:
        for each in _on(client, network.name):
            found, labels = standing_of(each), each["Labels"]
            # What `run` made is of the project and its service as well, and no start moves it.
            once = labels.get(identity.ONEOFF) != "False" or identity.CONFIG_HASH not in labels
            if labels.get(identity.PROJECT) != project.name or once or not going(found):
                yield (
                    f"{network.key_place()}: network '{network.name}' differs from the file, and container "
                    f"'{found.name}', which this start is not about, is on it; "
                    f"`docker rm -f {found.name}` removes that"
                )


def rewire(
    client: docker.APIClient,
    run: Marker,
    network: Network,
    labels: dict[str, str],
    *,
    standing: Collection[Standing],
    formers: Formers,
) -> None:
    """Stop what is on a network, cut it off, and make the network anew."""
    former = client.inspect_network(network.name)
    on = {each["Id"] for each in _on(client, network.name)}
    ends = [(each.id, _end(client, each.id, network.name)) for each in standing if each.id in on]
    run.rewired.append(Rewired(former, ends))
    for each in standing:
        if each.id in on:
            formers.pause(each)
    for container, _ in ends:
        _cut_off(client, container, network.name)
    client.remove_network(former["Id"])
    run.makes(f"network {network.name}")
    resources.create_network(client, network, labels)


def connect(client: docker.APIClient, container: str, end: Endpoint) -> None:
    """Put a container on a network, as the file has it there."""
    settings = end.settings
    ipam = settings["IPAMConfig"]
    links = [tuple(link.split(":", 1)) for link in settings["Links"] or ()]
    client.connect_container_to_network(
        container,
        end.network,
        ipv4_address=ipam["IPv4Address"] or None,
        ipv6_address=ipam["IPv6Address"] or None,
        link_local_ips=ipam["LinkLocalIPs"],
        aliases=settings["Aliases"],
        links=links or None,
        driver_opt=settings["DriverOpts"],
    )


def clear(client: docker.APIClient, removal: Removal, rewired: Collection[Rewired]) -> None:
    """Stop what is on the networks that were made anew, and cut it off, so that they can go."""
    for network, ends in rewired:

        def cut_off(network: dict[str, Any] = network, ends: Any = ends) -> None:
            for container, _ in ends:
                with suppress(NotFound):
                    client.stop(container)
                    _cut_off(client, container, network["Name"])

        removal.take(f"network {network['Name']}", "cleared", cut_off)


def unwire(client: docker.APIClient, removal: Removal, rewired: Collection[Rewired]) -> None:
    """Make the former networks again, and put on them what was there."""
    for network, ends in rewired:

        def make(network: dict[str, Any] = network, ends: Any = ends) -> bool:
            if not client.networks(ids=[network["Id"]]):  # else somebody is on it, and it could not go
                _create(client, network)
            for container, settings in ends:
                with suppress(NotFound):
                    client.connect_container_to_network(container, network["Name"], **settings)
            return True

        removal.bring_back(f"network {network['Name']}", make)


def _create(client: docker.APIClient, network: dict[str, Any]) -> None:
    """Make a network again that is gone."""
    ipam: Any = {key: value for key, value in network["IPAM"].items() if value}
    client.create_network(
        network["Name"],
        driver=network["Driver"],
        options=network["Options"] or None,
        ipam=ipam,
        internal=network["Internal"],
        labels=network["Labels"],
        enable_ipv6=network["EnableIPv6"],
        attachable=network["Attachable"] or None,
    )


def _on(client: docker.APIClient, network: str) -> list[dict[str, Any]]:
    """Return the containers that are on a network, whatever their state."""
    return list(client.containers(all=True, filters={"network": network}))


def _end(client: docker.APIClient, container: str, network: str) -> dict[str, Any]:
    """Return how a container is on a network, as the client's `connect` takes it."""
    found = client.inspect_container(container)["NetworkSettings"]["Networks"][network]
    ipam = found.get("IPAMConfig") or {}
    return {
        "ipv4_address": ipam.get("IPv4Address") or None,
        "ipv6_address": ipam.get("IPv6Address") or None,
        "link_local_ips": ipam.get("LinkLocalIPs") or None,
        # The engine adds the container's id itself.
        "aliases": [alias for alias in found.get("Aliases") or () if alias != container[:12]],
        "links": [tuple(link.split(":", 1)) for link in found.get("Links") or ()] or None,
        "driver_opt": found.get("DriverOpts") or None,
    }


def _cut_off(client: docker.APIClient, container: str, network: str) -> None:
    try:
        client.disconnect_container_from_network(container, network, force=True)
    except APIError as error:
        if "is not connected" not in str(error.explanation):
            raise
