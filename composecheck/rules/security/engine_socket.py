"""A service has the engine's socket.

## What it does
Reports a mount of the Docker Engine's socket, also where it is mounted read-only: to read a socket is
to talk to it.

## Why is this bad?
Who can talk to the engine is root on the machine. Some software, proxies and dashboards among it, needs
that; a proxy for the socket that lets only some requests pass is enough for most.

## Example
```yaml
services:
  dashboard:
    image: dashboard:1
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro  # engine-socket
```

## Use instead
```yaml
services:
  dashboard:
    image: dashboard:1
    environment:
      DOCKER_HOST: tcp://socket-proxy:2375
```
"""

from __future__ import annotations

from composecheck.findings.rule import Finding, Rule
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts

# What needs it cannot do without, and no file says what does.
RULE = Rule(("note",), needs=("bind mount", "npipe mount"), since="0.1")
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each mount of the socket."""
    for service in facts.services.values():
        for mount in service.mounts:
            if mount.source in _SOCKETS:
                yield Finding(
                    mount.place("source"),
                    f"service '{service.name}' has the engine's socket, and with it the whole machine",
                    remedy="put a proxy that lets only some requests pass between the two, if that will do",
                    service=service.name,
                )
