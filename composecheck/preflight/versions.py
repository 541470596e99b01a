"""Keys that an engine does not know yet.

The versions are those of the API's history (moby, docs/api/version-history.md); what Docker Compose
makes of an older engine is in its pkg/compose/create.go and convert.go.
"""

from __future__ import annotations

from typing import NamedTuple

from composecheck import identity
from composecheck.facts.subnets import is_local, pools
from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.model.project import Mount, Network, Project, Service
    from composecheck.snapshot import Snapshot
    from composecheck.text.source import Span


class Need(NamedTuple):
    """A key in use, the API and the engine that know it, and what an older engine makes of it."""

    place: Span
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
        need.place,
        remedy=f"use a newer engine, or {need.remedy}",
        service=service,
    )


def _service(project: Project, service: Service) -> Iterator[Need]:
    if service.says("healthcheck", "start_interval"):
        # Compose 5 sends it whatever the engine is (docker/compose, convert.go).
        old = project.dialect.name == "2.40"
        older = _REFUSES if old else "it probes at 'interval' from the start"
        place = service.place("healthcheck", "start_interval")
        yield Need(place, "'start_interval'", "1.44", "25", older, old, "write a short 'interval'")
    for key, api, engine in (("annotations", "1.43", "24"), ("gpus", "1.40", "19.03")):
        if service.says(key):
            yield Need(service.place(key), f"'{key}'", api, engine)
    devices = ("deploy", "resources", "reservations", "devices")
    if service.says(*devices):
        yield Need(service.place(*devices), "'devices' of 'deploy'", "1.40", "19.03")
    if service.platform:
        yield Need(service.place("platform"), "'platform'", "1.41", "20.10", _REFUSES, refused=True)
    yield from _attachments(project, service)
    for mount in service.volumes:
        yield from _mount(mount)


def _attachments(project: Project, service: Service) -> Iterator[Need]:
    first = identity.by_priority(service.networks)[:1]
    addressed = []
    for key, attachment in service.networks.items():
        if attachment.interface_name is not None:
            place = attachment.place("interface_name")
            yield Need(place, "'interface_name'", "1.49", "28.1", _REFUSES, refused=True)
        if attachment.gw_priority:
            yield Need(attachment.place("gw_priority"), "'gw_priority'", "1.48", "28")
        if attachment.mac_address is not None:
            addressed.append((key, attachment.place("mac_address")))
    # An older engine gives a container one such address, on the network that it joins first.
    refused = project.dialect.name == "2.40" and len(addressed) > 1
    for key, place in addressed:
        if [key] != first:
            what = f"'mac_address' on '{key}', not the first network,"
            yield Need(place, what, "1.44", "25", _REFUSES if refused else "it ignores it", refused=refused)


def _mount(mount: Mount) -> Iterator[Need]:
    if mount.type == "image":
        yield Need(mount.place("type"), "a volume of type 'image'", "1.48", "28", _REFUSES, refused=True)
    if mount.volume is not None and mount.volume.subpath:
        place, remedy = mount.volume.place("subpath"), "a volume of its own for it"
        yield Need(place, "'subpath'", "1.45", "26", "it mounts the whole volume", remedy=remedy)
    if mount.bind is not None and mount.bind.recursive == "readonly":
        what = "'recursive: readonly'"
        place = mount.bind.place("recursive")
        yield Need(place, what, "1.44", "25", "what is mounted below it stays writable")


def _network(network: Network, snapshot: Snapshot) -> Iterator[Need]:
    if network.enable_ipv4 is False:
        older = "the network has IPv4 all the same"
        yield Need(network.place("enable_ipv4"), "'enable_ipv4: false'", "1.47", "27.4", older)
    if not network.enable_ipv6 or snapshot.ipv6_pools or not is_local(network):
        return
    if not any(pool.subnet.version == 6 for pool in pools(network)):
        what = "'enable_ipv6' without an IPv6 subnet in 'ipam'"
        older = "it has no such subnet to give, and does not make the network"
        yield Need(network.place("enable_ipv6"), what, "1.46", "27", older, True, "give the network one")
