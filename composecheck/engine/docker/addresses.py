"""Where a container's ports are reached from this machine."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from composecheck.engine.protocol import Published
from composecheck.named import TYPE_CHECKING
from composecheck.text.addresses import ALL, ALL_IPV6, EVERY

if TYPE_CHECKING:
    from typing import Any

    import docker


class Reach:
    """How this machine reaches the containers of an engine."""

    def __init__(self, client: docker.APIClient, url: str) -> None:
        parts = urlsplit(url)
        self._client = client
        self._host = parts.hostname or "127.0.0.1"
        # Elsewhere than on Linux an engine behind a socket still runs in a machine of its own.
        self.containers_have_addresses = os.uname().sysname == "Linux" and parts.scheme == "unix"

    def published(self, container: str) -> list[Published]:
        """Return the published ports of a container."""
        return self.ports(self._client.inspect_container(container))

    def tcp(self, container: str, port: int) -> list[tuple[str, int]]:
        """Return where a TCP port is reached: the container's own addresses, else where it is published."""
        found = self._client.inspect_container(container)
        mode = found["HostConfig"]["NetworkMode"]
        if mode.startswith("container:"):
            found = self._client.inspect_container(mode.removeprefix("container:"))
        elif mode == "host":
            return [(self._host, port)]
        networks = found["NetworkSettings"]["Networks"].values() if self.containers_have_addresses else ()
        own = [(network["IPAddress"], port) for network in networks if network.get("IPAddress")]
        published = self.ports(found)
        return own + [(each.host, each.number) for each in published if each[:2] == (port, "tcp")]

    def ports(self, found: dict[str, Any]) -> list[Published]:
        """Return the published ports of a container that has been inspected."""
        return [
            Published(
                int(key.partition("/")[0]), key.partition("/")[2], self._at(binding), int(binding["HostPort"])
            )
            for key, bindings in sorted((found["NetworkSettings"].get("Ports") or {}).items())
            for binding in bindings or ()
            if binding.get("HostIp") != ALL_IPV6  # which repeats the port of IPv4
        ]

    def _at(self, binding: dict[str, str]) -> str:
        bound = binding.get("HostIp") or ALL
        return self._host if bound in EVERY else bound
