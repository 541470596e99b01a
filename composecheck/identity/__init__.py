"""Names and labels, as Compose gives them: what lets `docker compose` see our stack and us see its."""

from __future__ import annotations

from pathlib import Path

from composecheck.dump.hashes import network_hash, service_hash, volume_hash
from composecheck.facts.names import container_name, separator
from composecheck.model.dialect import DIALECTS
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from composecheck.model.dialect import Dialect
    from composecheck.model.project import Attachment, Network, Project, Service, Volume

# The release of each generation of Compose whose names, labels and hashes these are.
_RELEASES = {"2.40": "2.40.3", "5": "5.6.1"}

PREFIX = "com.docker.compose."
PROJECT = PREFIX + "project"
SERVICE = PREFIX + "service"
NUMBER = PREFIX + "container-number"
ONEOFF = PREFIX + "oneoff"
CONFIG_HASH = PREFIX + "config-hash"
DEPENDS_ON = PREFIX + "depends_on"
IMAGE = PREFIX + "image"
NETWORK = PREFIX + "network"
VOLUME = PREFIX + "volume"
VERSION = PREFIX + "version"
REPLACE = PREFIX + "replace"
SLUG = PREFIX + "slug"

# Ours: which run made a thing, and the process that ran it.
RUN = "composecheck.run"
OWNER = "composecheck.owner"


def image_name(project: Project, service: Service) -> str:
    """Return the image that a service runs: its `image`, or the name that its build gets."""
    return service.image or f"{project.name}{separator(project)}{service.name}"


def by_priority(networks: dict[str, Attachment]) -> list[str]:
    """Return the networks of a service, the first being its primary one: highest priority, then by name."""
    return sorted(networks, key=lambda key: (-networks[key].priority, key))


def compose_version(project: Project) -> str:
    """Return the release of Docker Compose that a project's labels name."""
    return _RELEASES[project.dialect.name]


def container_labels(
    project: Project, service: Service, replica: int, image_id: str, config_hash: str
) -> dict[str, str]:
    """Return the labels that Compose sets on a container, without the file's own."""
    dependencies = service.depends_on.values()
    labels = {
        PROJECT: project.name,
        SERVICE: service.name,
        NUMBER: str(replica),
        ONEOFF: "False",
        CONFIG_HASH: config_hash,
        DEPENDS_ON: ",".join(f"{d.service}:{d.condition}:{str(d.restart).lower()}" for d in dependencies),
        IMAGE: image_id,
        VERSION: compose_version(project),
        PREFIX + "project.working_dir": project.folder,
        PREFIX + "project.config_files": ",".join(source.path for source in project.files),
    }
    if project.env_files:
        labels[PREFIX + "project.environment_file"] = ",".join(
            str(Path(file).absolute()) for file in project.env_files
        )
    return labels


def generation(versions: Iterable[str], default: Dialect) -> Dialect:
    """Return the generation of Compose that made what stands, by its releases, the last one first."""
    for version in versions:
        major = version.removeprefix("v").partition(".")[0]
        if major.isdigit():
            return DIALECTS["2.40" if int(major) < 5 else "5"]
    return default


def replaced_label(project: Project, service: Service, number: int) -> str:
    """Return the value of Compose's label `replace` on a container that takes the place of another."""
    return service.container_name or f"{service.name}{separator(project)}{number}"


def service_hashes(project: Project, service: Service, container_of: Callable[[str], str]) -> set[str]:
    """Return the hashes of a service by which any generation of Compose knows it as unchanged."""
    return {service_hash(project, service, container_of, dialect) for dialect in DIALECTS.values()}


def network_hashes(network: Network) -> set[str]:
    """Return the hashes of a network by which any generation of Compose knows it as unchanged."""
    return {network_hash(network, dialect) for dialect in DIALECTS.values()}


def network_labels(project: Project, network: Network) -> dict[str, str]:
    """Return the labels that Compose sets on a network, without the file's own."""
    return {
        NETWORK: network.key,
        PROJECT: project.name,
        VERSION: compose_version(project),
        CONFIG_HASH: network_hash(network, project.dialect),
    }


def volume_labels(project: Project, volume: Volume) -> dict[str, str]:
    """Return the labels that Compose sets on a volume, without the file's own."""
    return {
        VOLUME: volume.key,
        PROJECT: project.name,
        VERSION: compose_version(project),
        CONFIG_HASH: volume_hash(volume, project.dialect),
    }


def once_name(project: Project, service: Service, slug: str) -> str:
    """Return the name of a one-off container of a service, as `docker compose run` gives it."""
    return separator(project).join((project.name, service.name, "run", slug[:12]))


def dependencies_of(labels: Mapping[str, str]) -> list[str]:
    """Return the services that a container's labels say it depends on."""
    return [entry.partition(":")[0] for entry in labels.get(DEPENDS_ON, "").split(",") if entry]


__all__ = [
    "CONFIG_HASH", "DEPENDS_ON", "IMAGE", "NETWORK", "NUMBER", "ONEOFF", "OWNER", "PROJECT", "REPLACE", "RUN",
    "SERVICE", "SLUG", "VERSION", "VOLUME",
    "by_priority", "compose_version", "container_labels", "container_name",
    "dependencies_of", "generation", "image_name", "network_hash", "network_hashes", "network_labels",
    "once_name",
    "replaced_label", "service_hash", "service_hashes", "volume_hash", "volume_labels",
]  # fmt: skip
