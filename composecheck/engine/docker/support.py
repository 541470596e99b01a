"""Which keys `up` carries out exactly as Compose does on this engine; every other one is refused.

A key that stands in no table here is refused too: a new key of the specification is never ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from docker.utils import version_gte

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from composecheck.model.project import Project, Service
    from composecheck.text.node import Node


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Carried out: in the container's body, by the start algorithm, or by the loader.
_DONE = _words(
    """
    annotations blkio_config cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
    cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset depends_on
    device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose
    external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels
    links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit network_mode networks
    oom_kill_disable oom_score_adj pid pids_limit platform ports privileged profiles pull_policy read_only
    restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt
    sysctls tmpfs tty ulimits user userns_mode uts volumes volumes_from working_dir
    """
)
# No part of `up`, in Compose either: what `watch` does, and whose output an attached `up` shows.
_NOT_OF_UP = {"develop", "attach", "extends"}
_LATER = "is not supported yet"
_SERVICE = {
    "provider": "is run by a program of its own, which composecheck does not do",
    "models": "needs Docker's model runner, which composecheck does not use",
    "use_api_socket": _LATER,
    "credential_spec": _LATER,
    "pre_start": _LATER,
    "post_start": _LATER,
    "pre_stop": _LATER,
}
_BUILD = _words(
    """
    context dockerfile dockerfile_inline args target labels network extra_hosts shm_size cache_from no_cache
    pull tags isolation
    """
)
_DEPLOY = _words(
    "mode replicas labels update_config rollback_config resources restart_policy placement endpoint_mode"
)
_ATTACHMENT = _words(
    """
    aliases driver_opts gw_priority interface_name ipv4_address ipv6_address link_local_ips mac_address
    priority
    """
)
_MOUNT = {"type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"}
_MOUNT_TYPES = {"bind", "volume", "tmpfs"}
_NETWORK = _words("name driver driver_opts ipam external internal attachable labels enable_ipv4 enable_ipv6")
_VOLUME = {"name", "driver", "driver_opts", "external", "labels"}
_FILE = {
    "name",
    "file",
    "environment",
    "content",
    "labels",
    "external",
    "driver",
    "driver_opts",
    "template_driver",
}


class Refusal(NamedTuple):
    """A place in the file that `up` cannot carry out, and why."""

    node: Node
    text: str


def unsupported(
    project: Project, services: Collection[Service], api_version: str, built: Collection[str]
) -> list[Refusal]:
    """Return everything that cannot be carried out; `built` names the services whose image is to be built."""
    found: list[Refusal] = []
    for service in services:
        found += _service(project, service)
        if service.name in built and service.build is not None:
            found += _unknown(service.build.node, _BUILD, "build", "the classic builder does not know it")
    for key in {key for service in services for key in service.networks}:
        found += _network(project.networks[key].node, api_version)
    for volume in project.volumes.values():
        found += _unknown(volume.node, _VOLUME, f"volumes.{volume.key}", _LATER)
    return sorted(found, key=lambda refusal: (refusal.node.place.source.path, *refusal.node.place[1:]))


def _service(project: Project, service: Service) -> Iterator[Refusal]:
    where = f"service '{service.name}'"
    for key, node in service.node.mapping.items():
        if key not in _DONE | _NOT_OF_UP | {"build", "deploy"} and not key.startswith("x-"):
            yield Refusal(node, f"{where}: '{key}' {_SERVICE.get(key, _LATER)}")
    yield from _healthcheck(service, where)
    yield from _attachments(service, where)
    volumes = service.node.get("volumes")
    for node in volumes.items if volumes is not None else ():
        yield from _mount(node, where)
    yield from _files(project, service, where)
    deploy = service.node.get("deploy")
    if deploy is not None:
        yield from _unknown(deploy, _DEPLOY, f"{where}: deploy", _LATER)


def _healthcheck(service: Service, where: str) -> Iterator[Refusal]:
    node = service.node.get("healthcheck", "start_interval")
    if node is not None and service.node.get("healthcheck", "start_period") is None:
        yield Refusal(node, f"{where}: 'start_interval' needs 'start_period' beside it")


def _attachments(service: Service, where: str) -> Iterator[Refusal]:
    networks = service.node.get("networks")
    for key, entry in ({} if networks is None else networks.mapping).items():
        yield from _unknown(entry, _ATTACHMENT, f"{where}: networks.{key}", _LATER)


def _mount(node: Node, where: str) -> Iterator[Refusal]:
    kind = node.get("type")
    if kind is not None and kind.value not in _MOUNT_TYPES:
        yield Refusal(kind, f"{where}: a volume of type '{kind.value}' {_LATER}")
        return
    yield from _unknown(node, _MOUNT, f"{where}: volumes", _LATER)


def _files(project: Project, service: Service, where: str) -> Iterator[Refusal]:
    read_only = service.node.get("read_only")
    for kind in ("secrets", "configs"):
        entries = service.node.get(kind)
        for entry in entries.items if entries is not None else ():
            source = entry.get("source") or entry
            defined = project.node.get(kind, str(source.value))
            if defined is None:
                continue
            yield from _unknown(defined, _FILE, f"{kind}.{source.value}", _LATER)
            for key in ("external", "driver", "template_driver"):
                node = defined.get(key)
                if node is not None and node.value:
                    yield Refusal(node, f"{kind}.{source.value}: '{key}' is only for Docker Swarm")
            variable = defined.get("environment")
            if variable is not None and str(variable.value) not in project.environment:
                yield Refusal(
                    variable, f"{kind}.{source.value}: environment variable '{variable.value}' is not set"
                )
            if defined.get("file") is None and read_only is not None and read_only.value is True:
                yield Refusal(
                    entry, f"{where} is read-only: only a 'file' can be mounted into it, as Compose says"
                )


def _network(node: Node, api: str) -> Iterator[Refusal]:
    yield from _unknown(node, _NETWORK, "networks", _LATER)
    options = node.get("ipam", "options")
    if options is not None:
        yield Refusal(options, f"'ipam.options' {_LATER}; Compose 2.40 ignores it")
    ipv4 = node.get("enable_ipv4")
    # An older engine ignores it, as the preflight says.
    if ipv4 is not None and ipv4.value is False and version_gte(api, "1.47"):
        yield Refusal(ipv4, f"'enable_ipv4: false' {_LATER}")


def _unknown(node: Node, known: Collection[str], where: str, why: str) -> Iterator[Refusal]:
    for key, each in node.mapping.items():
        if key not in known and not key.startswith("x-"):
            yield Refusal(each, f"{where}: '{key}': {why}")
