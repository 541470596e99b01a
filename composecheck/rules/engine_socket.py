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

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.findings.diagnostic import Severity
    from composecheck.rules import Context

# What needs it cannot do without, and no file says what does.
SEVERITY: Severity = "note"
REFUSED = False
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock")


def check(context: Context) -> Iterator[Diagnostic]:
    """Yield each mount of the socket."""
    for service in context.services.values():
        for mount in service.mounts:
            if mount.source in _SOCKETS:
                yield Diagnostic(
                    "engine-socket",
                    SEVERITY,
                    f"service '{service.name}' has the engine's socket, and with it the whole machine",
                    (mount.node.get("source") or mount.node).span,
                    remedy="put a proxy that lets only some requests pass between the two, if that will do",
                    service=service.name,
                )
