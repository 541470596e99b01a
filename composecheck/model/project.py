"""The resolved model of a Compose project: frozen values, each with its Node.

Named tuples, since they are frozen, typed, and the cheapest classes to make: this module is
imported at every start. A field whose meaning is the specification's own is not explained again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from composecheck.model.dialect import COMPOSE_5
from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from composecheck.model.dialect import Dialect
    from composecheck.text.node import Node
    from composecheck.text.source import Source

Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]

# The engine's defaults for what a healthcheck leaves out (moby, daemon/health.go), in seconds.
DEFAULT_INTERVAL = 30.0
DEFAULT_TIMEOUT = 30.0
DEFAULT_START_INTERVAL = 5.0
DEFAULT_RETRIES = 3


class Retry(NamedTuple):
    """`x-retry`: the retry logic that a dependent's own start-up has; times in seconds.

    The wait before attempt n + 1 is min(wait * backoff ** (n - 1), max_wait) and up to `jitter`
    more; it ends after `attempts` attempts or `max_time`, whichever comes first.
    """

    node: Node
    attempts: int = 20
    wait: float = 0.5
    backoff: float = 2.0
    max_wait: float = 5.0
    jitter: float = 0.1
    max_time: float = 60.0


class Dependency(NamedTuple):
    """One entry of `depends_on`, or an implicit one."""

    service: str
    node: Node
    condition: Condition = "service_started"
    required: bool = True
    restart: bool = False
    implicit: str | None = None  # the key that implies it: "links", "network_mode", "volumes_from"
    retry: Retry | None = None  # x-retry on this entry


class Healthcheck(NamedTuple):
    """`healthcheck`, in a service, a Dockerfile or an image; None is "not said", times in seconds.

    `test` is as the engine takes it: ("CMD", ...), ("CMD-SHELL", command), or ("NONE",); None
    leaves the image's own test, with these times.
    """

    node: Node | None
    test: tuple[str, ...] | None
    interval: float | None = None
    timeout: float | None = None
    start_period: float | None = None
    start_interval: float | None = None
    retries: int | None = None

    @property
    def disabled(self) -> bool:
        """Whether it says that nothing is to be probed."""
        return self.test is not None and self.test[:1] == ("NONE",)


class Probe(NamedTuple):
    """`x-readiness`, or what an image lets be probed; times in seconds.

    Exactly one of `exec`, `tcp`, `http`, `log` is given. `tcp` holds container ports, of which
    one must accept a connection; `http` is (port, path); `log` a regular expression.
    """

    node: Node | None = None
    exec: tuple[str, ...] | None = None
    tcp: tuple[int, ...] | None = None
    http: tuple[int, str] | None = None
    log: str | None = None
    period: float = 1.0
    timeout: float = 1.0
    initial_delay: float = 0.0
    failure_threshold: int | None = None  # None: goes on until the deadline


class Port(NamedTuple):
    """One published container port after ranges of equal length are taken apart.

    `published` is (first, last) on the host: the same number twice for one port, a range for
    "any of these", None for one that the engine chooses.
    """

    node: Node
    target: int
    published: tuple[int, int] | None = None
    host_ip: str | None = None
    protocol: str = "tcp"
    mode: str = "ingress"


class Mount(NamedTuple):
    """One entry of `volumes` (or `tmpfs`) of a service."""

    node: Node
    type: str  # bind, volume, tmpfs, image, npipe, cluster
    target: str
    source: str | None = None  # an absolute path for bind, the key in `volumes` for volume
    read_only: bool = False


class Attachment(NamedTuple):
    """One network that a service joins."""

    node: Node
    aliases: tuple[str, ...] = ()
    ipv4_address: str | None = None
    ipv6_address: str | None = None
    priority: int = 0


class Build(NamedTuple):
    """`build`; `context` is an absolute path, or a URL as written."""

    node: Node
    context: str
    dockerfile: str = "Dockerfile"
    dockerfile_inline: str | None = None
    target: str | None = None
    args: dict[str, str | None] = {}  # noqa: RUF012 - never changed, as all here


class Image(NamedTuple):
    """What an engine (or a Dockerfile) says of an image: resolves what the file leaves open."""

    healthcheck: Healthcheck | None = None
    ports: tuple[int, ...] = ()  # TCP ports that it exposes
    ends: bool | None = None  # whether its own command ends by itself; None: not known


class Service(NamedTuple):
    """One service. `node` is its whole canonical mapping; `node.key_span` the place of its name."""

    name: str
    node: Node
    image: str | None = None
    build: Build | None = None
    command: tuple[str, ...] | None = None  # None: the image's own
    entrypoint: tuple[str, ...] | None = None
    environment: dict[str, str | None] = {}  # noqa: RUF012
    depends_on: dict[str, Dependency] = {}  # noqa: RUF012 - implicit ones too
    healthcheck: Healthcheck | None = None
    readiness: Probe | None = None
    retry: Retry | None = None  # x-retry on the service: for all its dependencies
    restart: Literal["no", "always", "on-failure", "unless-stopped"] = "no"
    max_retries: int | None = None  # of on-failure; None is without end
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    networks: dict[str, Attachment] = {}  # noqa: RUF012
    network_mode: str | None = None
    replicas: int = 1
    profiles: tuple[str, ...] = ()
    container_name: str | None = None

    def place_of(self, *path: str) -> Node:
        """Return the Node at a path of keys, or the nearest one above it that exists."""
        node = self.node
        for key in path:
            below = node.mapping.get(key)
            if below is None:
                break
            node = below
        return node


class Network(NamedTuple):
    """A top-level network; `name` is what the engine calls it."""

    key: str
    node: Node
    name: str
    external: bool = False
    driver: str | None = None
    internal: bool = False


class Volume(NamedTuple):
    """A top-level volume; `name` is what the engine calls it."""

    key: str
    node: Node
    name: str
    external: bool = False
    driver: str | None = None


class Project(NamedTuple):
    """A Compose project as one set of profiles makes it.

    `files` are those that were given or found. `node` is the merged, interpolated, canonical
    document. `disabled` holds the services that the
    active profiles leave out.
    """

    name: str
    directory: Path
    files: tuple[Source, ...]
    node: Node
    services: dict[str, Service] = {}  # noqa: RUF012
    disabled: dict[str, Service] = {}  # noqa: RUF012
    networks: dict[str, Network] = {}  # noqa: RUF012
    volumes: dict[str, Volume] = {}  # noqa: RUF012
    environment: Mapping[str, str] = {}  # what interpolation saw
    env_files: tuple[str, ...] = ()  # given with --env-file
    dialect: Dialect = COMPOSE_5
    interpolated: bool = True  # False: variables, and what they stand in, are as they were written
    included: tuple[Source, ...] = ()  # files that `include` and `extends` name

    def networks_of(self, services: Iterable[Service]) -> list[Network]:
        """Return the networks that some services join."""
        used = {key for service in services if not service.network_mode for key in service.networks}
        return [network for key, network in self.networks.items() if key in used]

    def volumes_of(self, services: Iterable[Service]) -> list[Volume]:
        """Return the named volumes that some services mount."""
        used = {mount.source for service in services for mount in service.mounts if mount.type == "volume"}
        return [volume for key, volume in self.volumes.items() if key in used]
