"""Which keys `up` carries out exactly as Compose does on this engine; every other one is refused.

A key that stands in no table here is refused too: a new key of the specification is never ignored.
"""

from __future__ import annotations

from typing import NamedTuple

from docker.utils import version_gte

from composecheck.facts.uses import uses
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from composecheck.model.attributes import Part
    from composecheck.model.project import Mount, Network, Project, Secret, Service
    from composecheck.text.source import Span


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

    place: Span
    text: str


def unsupported(
    project: Project, services: Collection[Service], api_version: str, built: Collection[str]
) -> list[Refusal]:
    """Return everything that cannot be carried out; `built` names the services whose image is to be built."""
    refusals: list[Refusal] = []
    for service in services:
        refusals += _service(project, service)
        if service.name in built:
            refusals += unsupported_build(service)
    for key in {key for service in services for key in service.networks}:
        refusals += _network(project.networks[key], api_version)
    for volume in project.volumes.values():
        refusals += _unknown(volume, _VOLUME, f"volumes.{volume.key}", _LATER)
    return sorted(refusals, key=lambda refusal: (refusal.place.source.path, *refusal.place[1:]))


def unsupported_build(service: Service) -> list[Refusal]:
    """Return what of a service's build cannot be carried out."""
    if service.build is None:
        return []
    return list(_unknown(service.build, _BUILD, "build", "the classic builder does not know it"))


def _service(project: Project, service: Service) -> Iterator[Refusal]:
    where = f"service '{service.name}'"
    for key in service.words():
        if key not in _DONE | _NOT_OF_UP | {"build", "deploy"} and not key.startswith("x-"):
            yield Refusal(service.key_place(key), f"{where}: '{key}' {_SERVICE.get(key, _LATER)}")
    yield from _healthcheck(service, where)
    for key, attachment in service.networks.items():
        yield from _unknown(attachment, _ATTACHMENT, f"{where}: networks.{key}", _LATER)
    for mount in service.volumes:
        yield from _mount(mount, where)
    yield from _grants(project, service, where)
    if service.deploy is not None:
        yield from _unknown(service.deploy, _DEPLOY, f"{where}: deploy", _LATER)


def _healthcheck(service: Service, where: str) -> Iterator[Refusal]:
    words = service.healthcheck.words() if service.healthcheck is not None else ()
    if "start_interval" in words and "start_period" not in words:
        place = service.key_place("healthcheck", "start_interval")
        yield Refusal(place, f"{where}: 'start_interval' needs 'start_period' beside it")


def _mount(mount: Mount, where: str) -> Iterator[Refusal]:
    if mount.type not in _MOUNT_TYPES:
        yield Refusal(mount.key_place("type"), f"{where}: a volume of type '{mount.type}' {_LATER}")
        return
    yield from _unknown(mount, _MOUNT, f"{where}: volumes", _LATER)


def _grants(project: Project, service: Service, where: str) -> Iterator[Refusal]:
    for section, grant, resource, _ in uses(project, service):
        if resource is None:
            continue
        yield from _content(project, resource, f"{section}.{resource.key}")
        if not resource.says("file") and service.read_only:
            yield Refusal(
                grant.key_place(),
                f"{where} is read-only: only a 'file' can be mounted into it, as Compose says",
            )


def _content(project: Project, resource: Secret, where: str) -> Iterator[Refusal]:
    yield from _unknown(resource, _FILE, where, _LATER)
    for key, value in (
        ("external", resource.external),
        ("driver", resource.driver),
        ("template_driver", resource.template_driver),
    ):
        if value:
            yield Refusal(resource.key_place(key), f"{where}: '{key}' is only for Docker Swarm")
    variable = resource.environment
    if variable is not None and variable not in project.environment:
        place = resource.key_place("environment")
        yield Refusal(place, f"{where}: environment variable '{variable}' is not set")


def _network(network: Network, api: str) -> Iterator[Refusal]:
    yield from _unknown(network, _NETWORK, "networks", _LATER)
    if network.ipam.says("options"):
        place = network.key_place("ipam", "options")
        yield Refusal(place, f"'ipam.options' {_LATER}; Compose 2.40 ignores it")
    # An older engine ignores it, as the preflight says.
    if network.enable_ipv4 is False and version_gte(api, "1.47"):
        yield Refusal(network.key_place("enable_ipv4"), f"'enable_ipv4: false' {_LATER}")


def _unknown(part: Part, known: Collection[str], where: str, why: str) -> Iterator[Refusal]:
    for key in part.words():
        if key not in known and not key.startswith("x-"):
            yield Refusal(part.key_place(key), f"{where}: '{key}': {why}")
