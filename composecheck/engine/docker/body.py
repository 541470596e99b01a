"""A service as the Engine API takes it: the body of POST /containers/create, as Compose sends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from composecheck import identity
from composecheck.engine.docker.mounts import binds_and_mounts
from composecheck.facts.names import separator
from composecheck.facts.ports import exposed
from composecheck.model.links import external_links, links, service_in, volumes_from
from composecheck.model.types import service_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from composecheck.model.project import Healthcheck, Port, Project, Service

# Compose's words for an end of life, and the engine's.
_POLICIES = {"none": "no", "any": "always"}


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
) -> Request:
    """Return the request that creates one container; the names of its keys are the Engine API's."""
    values = service_values(service)
    linked = _links(project, service, replica, references)
    endpoints = _endpoints(project, service, replica, values, linked, at_once=all_networks_at_once)
    first = endpoints if all_networks_at_once else endpoints[:1]
    body = _config(project, service, values, labels, proxies)
    if not all_networks_at_once:
        body["MacAddress"] = _mac_address(service, values)
    body["HostConfig"] = _host_config(project, service, values, references) | {
        "Links": linked,
        "NetworkMode": _network_mode(service, endpoints, references),
    }
    body["NetworkingConfig"] = {"EndpointsConfig": {end.network: end.settings for end in first}}
    name = identity.container_name(project, service, replica)
    platform = values.get("platform") or project.environment.get("DOCKER_DEFAULT_PLATFORM")
    return Request(name, platform, body, tuple(endpoints[len(first) :]))


def _config(
    project: Project,
    service: Service,
    values: dict[str, Any],
    labels: Mapping[str, str],
    proxies: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the container is, apart from this machine."""
    environment: dict[str, str | None] = {**proxies, **service.environment}
    ports = [f"{port}/{entry.protocol}" for entry in exposed(service) for port in entry.ports or ()]
    ports += [_key(port) for port in service.ports]
    grace = values.get("stop_grace_period")
    return {
        "Hostname": values.get("hostname") or "",
        "Domainname": values.get("domainname") or "",
        "User": values.get("user") or "",
        "AttachStdout": True,
        "AttachStderr": True,
        "ExposedPorts": {key: {} for key in ports},
        "Tty": values.get("tty", False),
        "OpenStdin": values.get("stdin_open", False),
        "Env": [key if text is None else f"{key}={text}" for key, text in environment.items()],
        "Cmd": None if service.command is None else list(service.command),
        "Entrypoint": None if service.entrypoint is None else list(service.entrypoint),
        "Healthcheck": None if service.healthcheck is None else _healthcheck(service.healthcheck),
        "Image": identity.image_name(project, service),
        "WorkingDir": values.get("working_dir") or "",
        "Labels": {**values.get("labels", {}), **labels},
        "StopSignal": values.get("stop_signal") or "",
        "StopTimeout": None if grace is None else grace // 1_000_000_000,
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
    project: Project, service: Service, values: dict[str, Any], references: References
) -> dict[str, Any]:
    """Return what the container takes of this machine."""
    binds, mounts = binds_and_mounts(project, service)
    security, unconfined = _security(project, values.get("security_opt", ()))
    logging = values.get("logging") or {}
    body = _resources(values) | {
        "Annotations": values.get("annotations") or None,
        "Binds": binds,
        "Mounts": mounts,
        "CapAdd": _capabilities(values.get("cap_add")),
        "CapDrop": _capabilities(values.get("cap_drop")),
        "Init": values.get("init"),
        "IpcMode": _mode(values.get("ipc"), references),
        "PidMode": _mode(values.get("pid"), references),
        "UTSMode": values.get("uts") or "",
        "UsernsMode": values.get("userns_mode") or "",
        "CgroupnsMode": values.get("cgroup") or "",
        "ReadonlyRootfs": values.get("read_only", False),
        "RestartPolicy": _restart_policy(values),
        "ShmSize": values.get("shm_size", 0),
        "Sysctls": values.get("sysctls"),
        "PortBindings": _port_bindings(service),
        "VolumesFrom": _volumes_from(service, references),
        "Dns": values.get("dns"),
        "DnsSearch": values.get("dns_search"),
        "DnsOptions": values.get("dns_opt"),
        "ExtraHosts": [entry.replace("=", ":", 1) for entry in values.get("extra_hosts", ())],
        "SecurityOpt": security,
        "StorageOpt": values.get("storage_opt"),
        "Privileged": values.get("privileged", False),
        "Tmpfs": {text.partition(":")[0]: text.partition(":")[2] for text in values.get("tmpfs", ())},
        "Isolation": values.get("isolation") or "",
        "Runtime": values.get("runtime") or "",
        "LogConfig": {"Type": logging.get("driver") or "", "Config": logging.get("options") or {}},
        "GroupAdd": values.get("group_add"),
        "OomScoreAdj": values.get("oom_score_adj", 0),
    }
    return body | ({"MaskedPaths": [], "ReadonlyPaths": []} if unconfined else {})


def _capabilities(names: list[str] | None) -> list[str]:
    """Return the kernel's names of capabilities."""
    whole = {name.upper() for name in names or ()}
    return sorted(n if n == "ALL" or n.startswith("CAP_") else f"CAP_{n}" for n in whole)


def _resources(values: dict[str, Any]) -> dict[str, Any]:
    """Return the limits; those of `deploy.resources` win."""
    resources = (values.get("deploy") or {}).get("resources") or {}
    limits, reserved = resources.get("limits") or {}, resources.get("reservations") or {}
    blkio = values.get("blkio_config") or {}
    devices = values.get("devices", ())
    # An absolute path is a device file; "vendor/class=name" names one by the Container Device Interface.
    named = [d["source"] for d in devices if d["source"] == d.get("target") and _is_cdi(d["source"])]
    requests: list[dict[str, Any]] = [{"Driver": "cdi", "DeviceIDs": named}] if named else []
    requests += [_device_request(each, ["gpu"]) for each in values.get("gpus", ())]
    requests += [_device_request(each, []) for each in reserved.get("devices", ())]
    return {
        "CgroupParent": values.get("cgroup_parent") or "",
        "Memory": limits.get("memory") or values.get("mem_limit", 0),
        "MemorySwap": values.get("memswap_limit", 0),
        "MemorySwappiness": values.get("mem_swappiness") or None,
        "MemoryReservation": reserved.get("memory") or values.get("mem_reservation", 0),
        "OomKillDisable": values.get("oom_kill_disable", False),
        "CpuCount": values.get("cpu_count", 0),
        "CpuPercent": round(values.get("cpu_percent", 0) * 100),
        "CpuPeriod": values.get("cpu_period", 0),
        "CpuQuota": values.get("cpu_quota", 0),
        "CpuRealtimePeriod": values.get("cpu_rt_period", 0),
        "CpuRealtimeRuntime": values.get("cpu_rt_runtime", 0),
        "CpuShares": values.get("cpu_shares", 0),
        "NanoCpus": round((limits.get("cpus") or values.get("cpus", 0)) * 1e9),
        "CpusetCpus": values.get("cpuset") or "",
        "PidsLimit": limits.get("pids") or values.get("pids_limit") or None,
        "DeviceCgroupRules": values.get("device_cgroup_rules"),
        "Devices": [
            {
                "PathOnHost": device["source"],
                "PathInContainer": device.get("target") or device["source"],
                "CgroupPermissions": device.get("permissions") or "rwm",
            }
            for device in devices
            if device["source"] not in named
        ],
        "DeviceRequests": requests or None,
        "Ulimits": [
            {"Name": name, "Soft": _limit(limit, "soft"), "Hard": _limit(limit, "hard")}
            for name, limit in values.get("ulimits", {}).items()
        ],
        "BlkioWeight": blkio.get("weight", 0),
        "BlkioWeightDevice": [
            {"Path": each["path"], "Weight": each["weight"]} for each in blkio.get("weight_device", ())
        ],
        "BlkioDeviceReadBps": _rates(blkio, "device_read_bps"),
        "BlkioDeviceReadIOps": _rates(blkio, "device_read_iops"),
        "BlkioDeviceWriteBps": _rates(blkio, "device_write_bps"),
        "BlkioDeviceWriteIOps": _rates(blkio, "device_write_iops"),
    }


def _is_cdi(name: str) -> bool:
    return "=" in name and not name.startswith("/")


def _limit(limit: Any, which: str) -> int:
    return int(limit.get(which, 0)) if isinstance(limit, dict) else int(limit)


def _rates(blkio: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [{"Path": each["path"], "Rate": each["rate"]} for each in blkio.get(key, ())]


def _device_request(device: dict[str, Any], capabilities: list[str]) -> dict[str, Any]:
    ids = device.get("device_ids")
    return {
        "Driver": device.get("driver") or "",
        "Count": device.get("count", 0 if ids else -1),
        "DeviceIDs": ids,
        "Capabilities": [[*device.get("capabilities", ()), *capabilities]],
        "Options": device.get("options"),
    }


def _restart_policy(values: dict[str, Any]) -> dict[str, Any]:
    """Return the policy; a `deploy.restart_policy`, even an empty one, wins over `restart`."""
    name, _, attempts = (values.get("restart") or "").partition(":")
    policy = (values.get("deploy") or {}).get("restart_policy")
    if policy is not None:
        name, attempts = policy.get("condition") or "", policy.get("max_attempts") or 0
    return {"Name": _POLICIES.get(name, name), "MaximumRetryCount": int(attempts or 0)}


def _security(project: Project, options: Any) -> tuple[list[str], bool]:
    """Return the options, a seccomp profile read and compacted, and whether system paths are unmasked."""
    parsed: list[str] = []
    for option in options:
        key, sign, profile = option.partition("=")
        if not sign:
            key, _, profile = option.partition(":")
        if key == "seccomp" and profile not in {"unconfined", "builtin"}:
            content = json.loads(Path(project.directory, profile).read_text())
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


def _mac_address(service: Service, values: dict[str, Any]) -> str:
    """Return the one address that an engine before 25 can give a container."""
    networks = values.get("networks") or {}
    first = identity.by_priority(service.networks)[:1]
    own = (networks.get(first[0]) or {}).get("mac_address") if first else None
    return own or values.get("mac_address") or ""


def _endpoints(
    project: Project,
    service: Service,
    replica: int,
    values: dict[str, Any],
    linked: list[str],
    *,
    at_once: bool,
) -> list[Endpoint]:
    """Return the networks that a service joins, its primary one first."""
    if service.network_mode:
        return []
    said = values.get("networks") or {}
    name = identity.container_name(project, service, replica)
    endpoints: list[Endpoint] = []
    for key in identity.by_priority(service.networks):
        options = said.get(key) or {}
        attachment = service.networks[key]
        settings: dict[str, Any] = {
            "Aliases": [name, service.name, *attachment.aliases],
            "Links": linked or None,
            "IPAMConfig": {
                "IPv4Address": attachment.ipv4_address or "",
                "IPv6Address": attachment.ipv6_address or "",
                "LinkLocalIPs": options.get("link_local_ips"),
            },
            "DriverOpts": options.get("driver_opts"),
        }
        if options.get("interface_name"):
            named = {"com.docker.network.endpoint.ifname": options["interface_name"]}
            settings["DriverOpts"] = (options.get("driver_opts") or {}) | named
        if options.get("gw_priority"):
            settings["GwPriority"] = options["gw_priority"]
        own = options.get("mac_address") or ("" if endpoints else values.get("mac_address"))
        if at_once and own:
            settings["MacAddress"] = own
        endpoints.append(Endpoint(project.networks[key].name, settings))
    return endpoints


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
