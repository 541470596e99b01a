"""A Compose project as one set of profiles makes it.

Whoever needs a class of the model takes it from here; those of `details` are for annotations alone.
"""

from __future__ import annotations

import os

from composecheck.model.attributes import below, nearest
from composecheck.model.dialect import COMPOSE_5
from composecheck.model.probes import (
    DEFAULT_INTERVAL,
    DEFAULT_RETRIES,
    DEFAULT_START_INTERVAL,
    DEFAULT_TIMEOUT,
    Image,
    Probe,
    Retry,
)
from composecheck.model.resources import Config, Model, Network, Resource, Secret, Volume
from composecheck.model.service import (
    Attachment,
    Build,
    Dependency,
    Grant,
    Healthcheck,
    Mount,
    Port,
    Service,
)
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, KeysView, Mapping
    from pathlib import Path
    from typing import Any

    from composecheck.dockerfile import Dockerfile
    from composecheck.model.built import Built
    from composecheck.model.dialect import Dialect
    from composecheck.text.disk import Disk
    from composecheck.text.node import Node
    from composecheck.text.source import Source, Span

__all__ = [
    "DEFAULT_INTERVAL",
    "DEFAULT_RETRIES",
    "DEFAULT_START_INTERVAL",
    "DEFAULT_TIMEOUT",
    "Attachment",
    "Build",
    "Builds",
    "Config",
    "Dependency",
    "Grant",
    "Healthcheck",
    "Image",
    "Model",
    "Mount",
    "Network",
    "Port",
    "Probe",
    "Project",
    "Resource",
    "Retry",
    "Secret",
    "Service",
    "Volume",
]


class Builds:
    """What the Dockerfiles of a project say, each read when somebody asks for it, and once."""

    __slots__ = ("_built", "_disk", "_inline", "_read")

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._read: dict[str, Dockerfile | None] = {}
        self._inline: dict[tuple[Span, str], Dockerfile] = {}
        self._built: dict[object, Built | None] = {}

    @property
    def dockerfiles(self) -> tuple[Dockerfile, ...]:
        """Those that were read so far."""
        files = (*self._read.values(), *self._inline.values())
        return tuple([file for file in files if file is not None])

    def dockerfile(self, build: Build) -> Dockerfile | None:
        """Return the Dockerfile of a build; None where it cannot be read here."""
        node = build.written.get("dockerfile_inline")
        if node is not None and isinstance(node.value, str):
            place = (node.span, node.value)  # what is included twice may have other variables
            if place not in self._inline:
                from composecheck.dockerfile import dockerfile_in

                self._inline[place] = dockerfile_in(node)
            return self._inline[place]
        path = os.path.normpath(os.path.join(build.context, build.dockerfile))
        if path not in self._read:
            from composecheck.dockerfile import dockerfile_at

            self._read[path] = dockerfile_at(self._disk, path)
        return self._read[path]

    def built(self, build: Build) -> Built | None:
        """Return what a build's Dockerfile says of its image; None where there is no such file or target."""
        dockerfile = self.dockerfile(build)
        if dockerfile is None:
            return None
        arguments = {name: value for name, value in build.args.items() if value is not None}
        key = (dockerfile, build.target, tuple(arguments.items()))
        if key not in self._built:
            from composecheck.model.built import built_of

            self._built[key] = built_of(dockerfile, build.target, arguments)
        return self._built[key]


class Project(NamedTuple):
    """A Compose project as one set of profiles makes it.

    `folder` is the one that relative paths start from, and `files` are those that were given or found.
    `node` is the merged, interpolated, canonical document. `disk` is what all files were read through:
    what lies beside them is asked of it too. `builds` has the Dockerfiles.
    `disabled` holds the services that the active profiles leave out. `accepted` says that docker compose
    takes the project, as one of the doors of `composecheck.lint` has found. `raw` are the places of values in
    which a variable could not be replaced: what is wrong with such a text is no fault of its own. `families`
    are those of images that its configuration knows, as `knowledge.schema.json` describes them.
    """

    name: str
    folder: str
    files: tuple[Source, ...]
    node: Node
    disk: Disk
    builds: Builds
    services: dict[str, Service] = {}  # noqa: RUF012
    disabled: dict[str, Service] = {}  # noqa: RUF012
    networks: dict[str, Network] = {}  # noqa: RUF012
    volumes: dict[str, Volume] = {}  # noqa: RUF012
    environment: Mapping[str, str] = {}  # what interpolation saw
    env_files: tuple[str, ...] = ()  # given with --env-file
    dialect: Dialect = COMPOSE_5
    interpolated: bool = True  # False: variables, and what they stand in, are as they were written
    included: tuple[Source, ...] = ()  # files that `include` and `extends` name
    secrets: dict[str, Secret] = {}  # noqa: RUF012
    configs: dict[str, Config] = {}  # noqa: RUF012
    models: dict[str, Model] = {}  # noqa: RUF012
    accepted: bool = False
    blanks: Mapping[tuple[str, int, int], Mapping[str, bool]] = {}
    raw: tuple[Span, ...] = ()
    families: Mapping[str, Mapping[str, Any]] = {}

    def blank(self, place: Span) -> Mapping[str, bool]:
        """Return the variables that give nothing to the value at a place, each with whether it is set."""
        return self.blanks.get((place.source.real, place.line, place.column), {})

    def is_laid_over(self, place: Span, base: Span) -> bool:
        """Return whether a place is in a file that is laid over that of another, and may be left out."""
        if len(self.files) < 2 or place.source.real == base.source.real:
            return False
        order = [source.real for source in self.files]
        return (
            place.source.real
            in order[order.index(base.source.real) + 1 if base.source.real in order else 0 :]
        )

    def resources(self, section: str) -> Mapping[str, Resource]:
        """Return what stands under a top-level key that is not `services`."""
        resources: Mapping[str, Resource] = getattr(self, section)
        return resources

    @property
    def default_platform(self) -> str | None:
        """DOCKER_DEFAULT_PLATFORM as Compose reads it: of the shell, or of the project's `.env`."""
        return self.environment.get("DOCKER_DEFAULT_PLATFORM") or None

    @property
    def directory(self) -> Path:
        """The folder that relative paths start from."""
        from pathlib import Path  # a check has no use for it

        return Path(self.folder)

    def says(self, *path: str | int) -> bool:
        """Return whether somebody wrote what stands at a path of keys and positions."""
        node = below(self.node, path)
        return node is not None and not node.implied

    def place(self, *path: str | int) -> Span:
        """Return where the value at a path is written, or the nearest thing above that is."""
        return nearest(self.node, path).span

    def key_place(self, *path: str | int) -> Span:
        """Return where the key at a path is written; the place of the value where it has no key."""
        return nearest(self.node, path).place

    def words(self) -> KeysView[str]:
        """Return the keys at the top of the document, implied and unknown ones too."""
        return self.node.mapping.keys()

    def networks_of(self, services: Iterable[Service]) -> list[Network]:
        """Return the networks that some services join."""
        used = {key for service in services if not service.network_mode for key in service.networks}
        return [network for key, network in self.networks.items() if key in used]

    def volumes_of(self, services: Iterable[Service]) -> list[Volume]:
        """Return the named volumes that some services mount."""
        used = {mount.source for service in services for mount in service.mounts if mount.type == "volume"}
        return [volume for key, volume in self.volumes.items() if key in used]
