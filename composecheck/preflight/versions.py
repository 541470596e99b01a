"""Keys that an engine does not know yet.

The versions are those of the API's history (moby, docs/api/version-history.md); what Docker Compose
makes of an older engine is in its pkg/compose/create.go and convert.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from composecheck import identity
from composecheck.facts.subnets import is_local, pools
from composecheck.findings.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.model.project import Network, Project, Service
    from composecheck.snapshot import Snapshot
    from composecheck.text.node import Node


class Need(NamedTuple):
    """A key in use, the API and the engine that know it, and what an older engine makes of it."""

    node: Node
    what: str
    api: str
    engine: str
    older: str = "it ignores it"
    refused: bool = False
    remedy: str = "take it out"


_REFUSES = "docker compose refuses it"


def too_old(project: Project, services: Sequence[Service], snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Yield each key for which the engine is too old: an error where the start fails, else a warning."""
    version = snapshot.api_version
    if version is None:
        return
    there = {network.name for network in snapshot.networks or ()}
    for service in services:
        for need in _service(project, service):
            if _number(version) < _number(need.api):
                yield _finding(need, service.name, snapshot)
    for network in project.networks_of(services):
        if not network.external and network.name not in there:
            for need in _network(network, snapshot):
                if _number(version) < _number(need.api):
                    yield _finding(need, None, snapshot)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _finding(need: Need, service: str | None, snapshot: Snapshot) -> Diagnostic:
    where = f"service '{service}': " if service else ""
    here = (
        f"this one is {snapshot.version}" if snapshot.version else f"this one has API {snapshot.api_version}"
    )
    return Diagnostic(
        "engine-too-old",
        "error" if need.refused else "warning",
        f"{where}{need.what} needs Docker Engine {need.engine} or later; {here}: {need.older}",
        need.node.span,
        remedy=f"use a newer engine, or {need.remedy}",
        service=service,
    )


def _service(project: Project, service: Service) -> Iterator[Need]:
    said = service.node.mapping
    if service.healthcheck is not None and "healthcheck" in said:
        node = service.node.get("healthcheck", "start_interval")
        if node is not None:
            # Compose 5 sends it whatever the engine is (docker/compose, convert.go).
            old = project.dialect.name == "2.40"
            older = _REFUSES if old else "it probes at 'interval' from the start"
            yield Need(node, "'start_interval'", "1.44", "25", older, old, "write a short 'interval'")
    for key, api, engine in (("annotations", "1.43", "24"), ("gpus", "1.40", "19.03")):
        if key in said:
            yield Need(said[key], f"'{key}'", api, engine)
    devices = service.node.get("deploy", "resources", "reservations", "devices")
    if devices is not None:
        yield Need(devices, "'devices' of 'deploy'", "1.40", "19.03")
    if "platform" in said and said["platform"].value:
        yield Need(said["platform"], "'platform'", "1.41", "20.10", _REFUSES, refused=True)
    if "networks" in said:
        yield from _attachments(project, service)
    if "volumes" in said:
        for mount in service.mounts:
            yield from _mount(mount.node)


def _attachments(project: Project, service: Service) -> Iterator[Need]:
    first = identity.by_priority(service.networks)[:1]
    addressed = []
    for key, joined in service.networks.items():
        options = joined.node.mapping
        if "interface_name" in options:
            yield Need(options["interface_name"], "'interface_name'", "1.49", "28.1", _REFUSES, refused=True)
        if "gw_priority" in options and options["gw_priority"].value:
            yield Need(options["gw_priority"], "'gw_priority'", "1.48", "28")
        if "mac_address" in options:
            addressed.append((key, options["mac_address"]))
    # An older engine gives a container one such address, on the network that it joins first.
    refused = project.dialect.name == "2.40" and len(addressed) > 1
    for key, node in addressed:
        if [key] != first:
            what = f"'mac_address' on '{key}', not the first network,"
            yield Need(node, what, "1.44", "25", _REFUSES if refused else "it ignores it", refused=refused)


def _mount(node: Node) -> Iterator[Need]:
    kind = node.get("type")
    if kind is not None and kind.value == "image":
        yield Need(kind, "a volume of type 'image'", "1.48", "28", _REFUSES, refused=True)
    subpath = node.get("volume", "subpath")
    if subpath is not None and subpath.value:
        remedy = "a volume of its own for it"
        yield Need(subpath, "'subpath'", "1.45", "26", "it mounts the whole volume", remedy=remedy)
    recursive = node.get("bind", "recursive")
    if recursive is not None and recursive.value == "readonly":
        what = "'recursive: readonly'"
        yield Need(recursive, what, "1.44", "25", "what is mounted below it stays writable")


def _network(network: Network, snapshot: Snapshot) -> Iterator[Need]:
    ipv4 = network.node.get("enable_ipv4")
    if ipv4 is not None and ipv4.value is False:
        yield Need(ipv4, "'enable_ipv4: false'", "1.47", "27.4", "the network has IPv4 all the same")
    ipv6 = network.node.get("enable_ipv6")
    if ipv6 is None or ipv6.value is not True or snapshot.ipv6_pools or not is_local(network):
        return
    if not any(pool.subnet.version == 6 for pool in pools(network)):
        what = "'enable_ipv6' without an IPv6 subnet in 'ipam'"
        older = "it has no such subnet to give, and does not make the network"
        yield Need(ipv6, what, "1.46", "27", older, True, "give the network one")
