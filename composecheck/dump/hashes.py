"""Compose's config hash: what tells an unchanged container, network or volume from a changed one."""

from __future__ import annotations

from composecheck.dump.values import Form, fields
from composecheck.model.dialect import COMPOSE_5
from composecheck.model.links import service_in, volumes_from
from composecheck.model.resources import Network, Volume
from composecheck.model.service import Service
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from composecheck.model.attributes import Part
    from composecheck.model.dialect import Dialect
    from composecheck.model.project import Project

# What may change without making the container another one.
_ELSEWHERE = ("build", "depends_on", "profiles", "pull_policy", "scale")


def service_hash(
    project: Project,
    service: Service,
    container_of: Callable[[str], str] | None = None,
    dialect: Dialect | None = None,
) -> str:
    """Return a service's hash; `container_of` gives the id that stands for a "service:x" in it.

    Without it, "service:x" is hashed as it is written, which is what `config --hash` does.
    The dialect is the project's where none is given.
    """
    dialect = dialect or project.dialect
    values = dict(service.items())
    for key in _ELSEWHERE:
        values.pop(key, None)
    if not dialect.keeps_label_files:
        values.pop("label_file", None)
    if service.build is not None and not service.platform and project.default_platform:
        values["platform"] = project.default_platform  # pkg/compose/build.go applyPlatforms, before hashing
    if service.deploy is not None:
        values["deploy"] = service.deploy.without("replicas")
    if container_of is not None:
        for key in ("network_mode", "ipc", "pid"):
            name = service_in(values.get(key))
            if name is not None:
                values[key] = f"container:{container_of(name)}"
        values["volumes_from"] = [
            source.container or container_of(source.service or "") for source in volumes_from(service)
        ]
    return _digest(Service, values, dialect)


def network_hash(network: Network, dialect: Dialect = COMPOSE_5) -> str:
    """Return a network's hash."""
    values = {"name": "", **dict(network.items())} | {"name": network.name}
    return _digest(Network, values, dialect)


def volume_hash(volume: Volume, dialect: Dialect = COMPOSE_5) -> str:
    """Return a volume's hash; an absent driver counts as "local"."""
    values = {"name": "", "driver": "local", **dict(volume.items())} | {"name": volume.name}
    return _digest(Volume, values, dialect)


def _digest(part: type[Part], values: Mapping[str, Any], dialect: Dialect) -> str:
    import hashlib  # which only this needs, and which costs as much as a small file

    from composecheck.dump.json import dumps

    written = fields(part, values.items(), Form(dialect, hashed=True))
    return hashlib.sha256(dumps(written).encode()).hexdigest()
