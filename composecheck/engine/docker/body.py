"""A service as the Engine API takes it: the body of POST /containers/create, as Compose sends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from composecheck import identity
from composecheck.dump import host_entries
from composecheck.engine.docker.mounts import binds_and_mounts
from composecheck.facts.names import separator
from composecheck.facts.ports import exposed
from composecheck.facts.restart import restart_policy
from composecheck.facts.sources import platform
from composecheck.model.links import external_links, links, service_in, volumes_from
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from composecheck.model.details import BlockIO, DeviceRequest, Rate
    from composecheck.model.project import Healthcheck, Port, Project, Service


class References(NamedTuple):
    """What only a running project can tell of the services that a service names."""

    container: Callable[[str], str]  # the id of a service's first container
    containers: Callable[[str], list[str]]  # the names of all of them


class Endpoint(NamedTuple):
    """A network to join, by the name that the engine knows, and how."""

    network: str
    settings: dict[str, Any]


class Request(NamedTuple):
    """A container to create: the body, and the networks that an old engine joins afterwards."""

    name: str
    platform: str | None
    body: dict[str, Any]
    more_networks: tuple[Endpoint, ...]


def container_request(
    project: Project,
    service: Service,
    replica: int,
    *,
    labels: Mapping[str, str],
    proxies: Mapping[str, str],
    references: References,
    all_networks_at_once: bool,
    inherited: Sequence[dict[str, Any]] = (),
) -> Request:
    """Return the request that creates one container; the names of its keys are the Engine API's.

    `inherited` are the mounts of anonymous volumes that it has of another container.
    """
    linked = _links(project, service, replica, references)
    endpoints = _endpoints(project, service, replica, linked, at_once=all_networks_at_once)
    first = endpoints if all_networks_at_once else endpoints[:1]
    body = _config(project, service, labels, proxies)
    if not all_networks_at_once:
        body["MacAddress"] = _mac_address(service)
    body["HostConfig"] = _host_config(project, service, references, inherited) | {
        "Links": linked,
        "NetworkMode": _network_mode(service, endpoints, references),
    }
    body["NetworkingConfig"] = {"EndpointsConfig": {end.network: end.settings for end in first}}
    name = identity.container_name(project, service, replica)
    return Request(name, platform(project, service), body, tuple(endpoints[len(first) :]))


def _config(
    project: Project,
    service: Service,
    labels: Mapping[str, str],
    proxies: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the container is, apart from this machine."""
    environment: dict[str, str | None] = {**proxies, **service.environment}
    ports = [f"{port}/{entry.protocol}" for entry in exposed(service) for port in entry.ports or ()]
    ports += [_key(port) for port in service.ports]
    return {
        "Hostname": service.hostname or "",
        "Domainname": service.domainname or "",
        "User": service.user or "",
        "AttachStdout": True,
        "AttachStderr": True,
        "ExposedPorts": {key: {} for key in ports},
        "Tty": service.tty,
        "OpenStdin": service.stdin_open,
        "Env": [key if text is None else f"{key}={text}" for key, text in environment.items()],
        "Cmd": None if service.command is None else list(service.command),
        "Entrypoint": None if service.entrypoint is None else list(service.entrypoint),
        "Healthcheck": None if service.healthcheck is None else _healthcheck(service.healthcheck),
        "Image": identity.image_name(project, service),
        "WorkingDir": service.working_dir or "",
        "Labels": {**service.labels, **labels},
        "StopSignal": service.stop_signal or "",
        "StopTimeout": None if service.stop_grace_period is None else int(service.stop_grace_period // 1),
    }


def _healthcheck(check: Healthcheck) -> dict[str, Any]:
    """Return what the file says; the engine takes the rest from the image."""
    body: dict[str, Any] = {"Test": None if check.test is None else list(check.test)}
    times = {
        "Interval": check.interval,
        "Timeout": check.timeout,
        "StartPeriod": check.start_period,
        "StartInterval": check.start_interval,
    }
    body |= {key: round(seconds * 1e9) for key, seconds in times.items() if seconds is not None}
    return body if check.retries is None else body | {"Retries": check.retries}


def _host_config(
    project: Project, service: Service, references: References, inherited: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return what the container takes of this machine."""
    binds, mounts = binds_and_mounts(project, service, inherited)
    security, unconfined = _security(project, service.security_opt)
    logging, policy = service.logging, restart_policy(service)
    body = _resources(service) | {
        "Annotations": service.annotations or None,
        "Binds": binds,
        "Mounts": mounts,
        "CapAdd": _capabilities(service.cap_add),
        "CapDrop": _capabilities(service.cap_drop),
        "Init": service.init,
        "IpcMode": _mode(service.ipc, references),
        "PidMode": _mode(service.pid, references),
        "UTSMode": service.uts or "",
        "UsernsMode": service.userns_mode or "",
        "CgroupnsMode": service.cgroup or "",
        "ReadonlyRootfs": service.read_only,
        "RestartPolicy": {"Name": policy.sent, "MaximumRetryCount": policy.attempts},
        "ShmSize": service.shm_size,
        "Sysctls": service.sysctls or None,
        "PortBindings": _port_bindings(service),
        "VolumesFrom": _volumes_from(service, references),
        "Dns": list(service.dns) or None,
        "DnsSearch": list(service.dns_search) or None,
        "DnsOptions": list(service.dns_opt) or None,
        "ExtraHosts": [entry.replace("=", ":", 1) for entry in host_entries(service.extra_hosts)],
        "SecurityOpt": security,
        "StorageOpt": service.storage_opt or None,
        "Privileged": service.privileged,
        "Tmpfs": {text.partition(":")[0]: text.partition(":")[2] for text in service.tmpfs},
        "Isolation": service.isolation or "",
        "Runtime": service.runtime or "",
        "LogConfig": {
            "Type": (logging.driver if logging is not None else None) or "",
            "Config": logging.options if logging is not None else {},
        },
        "GroupAdd": list(service.group_add) or None,
        "OomScoreAdj": service.oom_score_adj,
    }
    return body | ({"MaskedPaths": [], "ReadonlyPaths": []} if unconfined else {})


def _capabilities(names: Iterable[str]) -> list[str]:
    """Return the kernel's names of capabilities."""
    whole = {name.upper() for name in names}
    return sorted(n if n == "ALL" or n.startswith("CAP_") else f"CAP_{n}" for n in whole)


def _resources(service: Service) -> dict[str, Any]:
    """Return the limits; those of `deploy.resources` win."""
    resources = service.deploy.resources if service.deploy is not None else None
    limits = resources.limits if resources is not None else None
    reserved = resources.reservations if resources is not None else None
    # An absolute path is a device file; "vendor/class=name" names one by the Container Device Interface.
    named = [d.source for d in service.devices if d.source == d.target and _is_cdi(d.source)]
    requests: list[dict[str, Any]] = [{"Driver": "cdi", "DeviceIDs": named}] if named else []
    requests += [_device_request(each, ["gpu"]) for each in service.gpus]
    requests += [_device_request(each, []) for each in (reserved.devices if reserved is not None else ())]
    return {
        "CgroupParent": service.cgroup_parent or "",
        "Memory": (limits and limits.memory) or service.mem_limit,
        "MemorySwap": service.memswap_limit,
        "MemorySwappiness": service.mem_swappiness or None,
        "MemoryReservation": (reserved and reserved.memory) or service.mem_reservation,
        "OomKillDisable": service.oom_kill_disable,
        "CpuCount": service.cpu_count,
        "CpuPercent": round(service.cpu_percent * 100),
        "CpuPeriod": service.cpu_period,
        "CpuQuota": service.cpu_quota,
        "CpuRealtimePeriod": service.cpu_rt_period,
        "CpuRealtimeRuntime": service.cpu_rt_runtime,
        "CpuShares": service.cpu_shares,
        "NanoCpus": round(((limits and limits.cpus) or service.cpus) * 1e9),
        "CpusetCpus": service.cpuset or "",
        "PidsLimit": (limits and limits.pids) or service.pids_limit or None,
        "DeviceCgroupRules": list(service.device_cgroup_rules) or None,
        "Devices": [
            {
                "PathOnHost": device.source,
                "PathInContainer": device.target or device.source,
                "CgroupPermissions": device.permissions or "rwm",
            }
            for device in service.devices
            if device.source not in named
        ],
        "DeviceRequests": requests or None,
        "Ulimits": [
            {"Name": name, "Soft": limit.soft, "Hard": limit.hard} for name, limit in service.ulimits.items()
        ],
    } | ({} if service.blkio_config is None else _block_io(service.blkio_config))


def _is_cdi(name: str) -> bool:
    return "=" in name and not name.startswith("/")


def _block_io(blkio: BlockIO) -> dict[str, Any]:
    return {
        "BlkioWeight": blkio.weight,
        "BlkioWeightDevice": [{"Path": each.path, "Weight": each.weight} for each in blkio.weight_device],
        "BlkioDeviceReadBps": _rates(blkio.device_read_bps),
        "BlkioDeviceReadIOps": _rates(blkio.device_read_iops),
        "BlkioDeviceWriteBps": _rates(blkio.device_write_bps),
        "BlkioDeviceWriteIOps": _rates(blkio.device_write_iops),
    }


def _rates(rates: Iterable[Rate]) -> list[dict[str, Any]]:
    return [{"Path": each.path, "Rate": each.rate} for each in rates]


def _device_request(device: DeviceRequest, capabilities: list[str]) -> dict[str, Any]:
    count = device.count
    if count is None:
        count = 0 if device.device_ids else -1
    return {
        "Driver": device.driver or "",
        "Count": count,
        "DeviceIDs": list(device.device_ids) or None,
        "Capabilities": [[*device.capabilities, *capabilities]],
        "Options": device.options or None,
    }


def _security(project: Project, options: Any) -> tuple[list[str], bool]:
    """Return the options, a seccomp profile read and compacted, and whether system paths are unmasked."""
    parsed: list[str] = []
    for option in options:
        key, sign, profile = option.partition("=")
        if not sign:
            key, _, profile = option.partition(":")
        if key == "seccomp" and profile not in {"unconfined", "builtin"}:
            content = json.loads(project.disk.read(Path(project.directory, profile)).text)
            parsed.append(f"seccomp={json.dumps(content, separators=(',', ':'))}")
        elif option != "systempaths=unconfined":
            parsed.append(option)
    return parsed, "systempaths=unconfined" in options


def _key(port: Port) -> str:
    return f"{port.target}/{port.protocol}"


def _port_bindings(service: Service) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in service.ports:
        first, last = port.published or (None, None)
        published = "" if first is None else str(first) if first == last else f"{first}-{last}"
        bindings.setdefault(_key(port), []).append({"HostIp": port.host_ip or "", "HostPort": published})
    return bindings


def _mode(mode: str | None, references: References) -> str:
    """Return a namespace's mode, a service in it given by its container."""
    name = service_in(mode)
    return mode or "" if name is None else f"container:{references.container(name)}"


def _volumes_from(service: Service, references: References) -> list[str]:
    """Return the containers whose volumes are shared; Compose 2.40 loses a service's ":ro"."""
    containers: list[str] = []
    for source in volumes_from(service):
        container = source.container or references.container(source.service or "")
        containers.append(f"{container}:{source.access}" if source.access else container)
    return containers


def _network_mode(service: Service, endpoints: list[Endpoint], references: References) -> str:
    if service.network_mode:
        return _mode(service.network_mode, references)
    return endpoints[0].network if endpoints else "none"


def _mac_address(service: Service) -> str:
    """Return the one address that an engine before 25 can give a container."""
    first = identity.by_priority(service.networks)[:1]
    own = service.networks[first[0]].mac_address if first else None
    return own or service.mac_address or ""


def _endpoints(
    project: Project,
    service: Service,
    replica: int,
    linked: list[str],
    *,
    at_once: bool,
) -> list[Endpoint]:
    """Return the networks that a service joins, its primary one first."""
    if service.network_mode:
        return []
    name = identity.container_name(project, service, replica)
    endpoints: list[Endpoint] = []
    for key in identity.by_priority(service.networks):
        attachment = service.networks[key]
        settings: dict[str, Any] = {
            "Aliases": [name, service.name, *attachment.aliases],
            "Links": linked or None,
            "IPAMConfig": {
                "IPv4Address": attachment.ipv4_address or "",
                "IPv6Address": attachment.ipv6_address or "",
                "LinkLocalIPs": list(attachment.link_local_ips) or None,
            },
            "DriverOpts": attachment.driver_opts or None,
        }
        if attachment.interface_name:
            named = {"com.docker.network.endpoint.ifname": attachment.interface_name}
            settings["DriverOpts"] = attachment.driver_opts | named
        if attachment.gw_priority:
            settings["GwPriority"] = attachment.gw_priority
        own = attachment.mac_address or (None if endpoints else service.mac_address)
        if at_once and own:
            settings["MacAddress"] = own
        endpoints.append(Endpoint(project.networks[key].name, settings))
    return endpoints


def endpoints_of(project: Project, service: Service, replica: int, references: References) -> list[Endpoint]:
    """Return the networks that a container joins one by one, its primary one first."""
    return _endpoints(project, service, replica, _links(project, service, replica, references), at_once=False)


def _links(project: Project, service: Service, replica: int, references: References) -> list[str]:
    """Return each link the three ways in which Compose sends it: alias, service-number, container."""
    sent: list[str] = []
    mark = separator(project)
    for link in links(service):
        numbered = f"{link.target}{mark}{replica}"
        for container in references.containers(link.target):
            names = (link.alias, numbered, f"{project.name}{mark}{numbered}")
            sent += [f"{container}:{name}" for name in names]
    sent += [f"{link.target}:{link.alias}" for link in external_links(service)]
    return sent
