"""What the engine says of itself and of its machine before a start, in few requests."""

from __future__ import annotations

import os
from functools import partial

from docker.errors import APIError

from composecheck import identity
from composecheck.engine.moby import images, machine, resources
from composecheck.named import TYPE_CHECKING
from composecheck.snapshot import Container, EngineNetwork, HeldPort, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    import docker

    from composecheck.engine.moby.workers import Workers
    from composecheck.model.project import Project, Service


def survey(
    client: docker.APIClient,
    workers: Workers,
    project: Project,
    services: list[Service],
    *,
    info: dict[str, Any],
    local: bool,
) -> Snapshot:
    """Return the Snapshot for a start of some services; `local` says that the engine is this machine's."""
    names = sorted({service.image for service in services if service.image})
    volumes = [volume.name for volume in project.volumes_of(services)]
    jobs: list[Callable[[], Any]] = [
        partial(client.containers, all=True),
        client.networks,
        *(partial(_platform, client, name) for name in names),
        *(partial(resources.find_volume, client, name) for name in volumes),
    ]
    listed, networks, *found = workers.each(jobs)
    containers = [_container(each) for each in listed]
    snapshot = Snapshot(
        api_version=str(client.api_version),
        version=str(info.get("ServerVersion") or ""),
        containers=tuple(containers),
        networks=tuple(_network(each) for each in networks),
        volumes=[name for name, there in zip(volumes, found[len(names) :], strict=True) if there],
        images=dict(zip(names, found, strict=False)),
        swarm=(info.get("Swarm") or {}).get("LocalNodeState") == "active",
        ipv6_pools=any(":" in str(pool.get("Base")) for pool in info.get("DefaultAddressPools") or ()),
    )
    return _with_machine(snapshot, listed, networks, services, info) if local else snapshot


def is_local(url: str, info: dict[str, Any]) -> bool:
    """Return whether an engine runs on this machine itself: one in a virtual machine has another name."""
    here = os.uname()
    return here.sysname == "Linux" and url.startswith("unix://") and info.get("Name") == here.nodename


def _container(listed: dict[str, Any]) -> Container:
    labels = listed.get("Labels") or {}
    # What `docker compose run` made is in the way of the service's own.
    service = "" if labels.get(identity.ONEOFF) == "True" else labels.get(identity.SERVICE) or ""
    ports = {
        HeldPort(each["PublicPort"], each.get("IP") or "", each["Type"])
        for each in listed.get("Ports") or ()
        if each.get("PublicPort")
    }
    return Container(_name(listed), labels.get(identity.PROJECT) or "", service, tuple(sorted(ports)))


def _name(listed: dict[str, Any]) -> str:
    """Return a container's own name; a link gives it others, below another's."""
    names = [name.removeprefix("/") for name in listed.get("Names") or ()]
    return next((name for name in names if "/" not in name), str(listed["Id"])[:12])


def _platform(client: docker.APIClient, name: str) -> str | None:
    """Return what an image is for, None for one that is not there; a name that is none is not asked for."""
    try:
        found = images.inspect(client, name)
    except APIError as error:
        if error.is_client_error():
            return ""  # a check of the files says so
        raise
    return None if found is None else images.platform(found)


def _network(listed: dict[str, Any]) -> EngineNetwork:
    pools = (listed.get("IPAM") or {}).get("Config") or ()
    return EngineNetwork(
        listed["Name"],
        listed["Id"],
        tuple(pool["Subnet"] for pool in pools if pool.get("Subnet")),
        listed.get("Scope", "local") == "local",
        (listed.get("Labels") or {}).get(identity.PROJECT) or "",
    )


def _with_machine(
    snapshot: Snapshot,
    containers: list[dict[str, Any]],
    networks: list[dict[str, Any]],
    services: list[Service],
    info: dict[str, Any],
) -> Snapshot:
    root = str(info.get("DockerRootDir") or "")
    published = {(p.protocol, p.number) for c in snapshot.containers for p in c.ports}
    wanted = _wanted(services)
    # Whoever has a port that a container publishes is the engine, for that container.
    sockets = [
        each for each in machine.bound(wanted.__getitem__) if (each.protocol, each.number) not in published
    ]
    # The bridges of an engine without root rights are in a network of their own.
    rootless = "name=rootless" in (info.get("SecurityOptions") or ())
    return snapshot._replace(
        listeners=tuple(machine.listeners(sockets, {each["Id"]: _name(each) for each in containers})),
        routes=() if rootless else tuple(machine.routes(set(_bridges(networks)))),
        free=machine.free_bytes(root) if root else None,
        root=root,
    )


def _wanted(services: Iterable[Service]) -> bytearray:
    """Return for each number of a port whether a service publishes it."""
    wanted = bytearray(1 << 16)
    for service in services:
        for port in service.ports:
            if port.published is not None and 0 < port.published[0] <= port.published[1] < len(wanted):
                first, last = port.published
                wanted[first : last + 1] = b"\1" * (last + 1 - first)
    return wanted


def _bridges(networks: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield "docker_gwbridge"
    for each in networks:
        named = (each.get("Options") or {}).get("com.docker.network.bridge.name")
        yield named or f"br-{each['Id'][:12]}"
