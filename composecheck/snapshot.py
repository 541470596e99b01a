"""What stands on an engine and on its machine at one moment, as far as a start can meet it."""

from __future__ import annotations

from typing import NamedTuple

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class HeldPort(NamedTuple):
    """A port of the engine's machine that a container publishes; `address` "" is all of them."""

    number: int
    address: str = ""
    protocol: str = "tcp"


class Container(NamedTuple):
    """A container, running or not; `project` and `service` as Compose labels those that `up` makes."""

    name: str
    project: str = ""
    service: str = ""
    ports: tuple[HeldPort, ...] = ()


class EngineNetwork(NamedTuple):
    """A network that the engine has; its `subnets` in CIDR notation."""

    name: str
    id: str = ""
    subnets: tuple[str, ...] = ()
    local: bool = True  # of this engine alone: the engine keeps the subnets of those apart
    project: str = ""


class Listener(NamedTuple):
    """A port that a process of the engine's machine has, and who that is as far as it may be known."""

    number: int
    address: str = ""
    protocol: str = "tcp"
    holder: str = "another process"


class Route(NamedTuple):
    """A route of the engine's machine, other than by the engine's own bridges."""

    subnet: str
    interface: str


class Snapshot(NamedTuple):
    """What an engine says of itself once, before a start; None is what is not known.

    `images` holds the platform ("linux/amd64", "" for any) of each image that services name, None for
    one that the engine does not have; `volumes` those of the project's that exist. What a machine other
    than the engine's cannot see is left out: listeners, routes and the free space in bytes.
    """

    api_version: str | None = None
    version: str = ""
    containers: tuple[Container, ...] = ()
    networks: tuple[EngineNetwork, ...] | None = None
    volumes: Collection[str] | None = None
    images: Mapping[str, str | None] | None = None
    swarm: bool = False
    ipv6_pools: bool = False  # whether its configuration has subnets for IPv6
    listeners: tuple[Listener, ...] = ()
    routes: tuple[Route, ...] = ()
    free: int | None = None
    root: str = ""  # the folder whose free space it is


def serves(platform: str, wanted: str) -> bool:
    """Return whether an image for one platform, "linux/amd64", is for the one that is wanted.

    "" is for any. What architectures are called besides is in containerd's platforms/database.go.
    """
    if not platform:
        return True
    there, named = platform.split("/"), wanted.lower().split("/")
    if len(named) == 1:
        return True  # an operating system or an architecture
    system, architecture = named[:2]
    return there[:2] == [system, _ARCHITECTURES.get(architecture, architecture)]


_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm"}
