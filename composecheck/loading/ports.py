"""The short syntax of `ports`: `[[address:]published:]target[/protocol]`, with ranges."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING
from composecheck.text.units import parse_range

if TYPE_CHECKING:
    from typing import Any

PROTOCOLS = ("tcp", "udp", "sctp")


class AddressError(ValueError):
    """A port is published on what is no IP address."""


def parse_port(text: str) -> list[dict[str, Any]]:
    """Return the long form of every container port of a short one; ValueError where it is none.

    Ranges of equal length are paired off; a range for one container port stays a range, of which
    the engine takes one.
    """
    *before, last = text.split(":")
    published = before.pop() if before else ""
    address = ":".join(before)
    target, _, protocol = last.partition("/")
    protocol = protocol.lower() or "tcp"
    if address and not is_address(address.removeprefix("[").removesuffix("]")):
        raise AddressError(f"the port '{text}' is published on '{address}', which is no IP address")
    if not target:
        raise ValueError(f"the port '{text}' names no container port")
    first, last_target = parse_range(target, "container port")
    if first == 0:
        raise ValueError(f"the port '{text}' has the container port 0, which no program listens on")
    if protocol not in PROTOCOLS:
        raise ValueError(f"the port '{text}' has the protocol '{protocol}', which is none of tcp, udp, sctp")
    host = parse_range(published, "host port") if published else None
    if host is not None and host[1] - host[0] != last_target - first and last_target != first:
        raise ValueError(f"the port '{text}' has ranges of different lengths")
    ports = []
    for target_port in range(first, last_target + 1):
        port: dict[str, Any] = {"mode": "ingress"}
        if address:
            port["host_ip"] = address.removeprefix("[").removesuffix("]")
        port["target"] = target_port
        if host is not None:
            pair = first == last_target and host[0] != host[1]
            port["published"] = f"{host[0]}-{host[1]}" if pair else str(host[0] + target_port - first)
        port["protocol"] = protocol
        ports.append(port)
    return ports


def is_address(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address."""
    import socket  # only where a port names an address: it costs as much as reading a small file

    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return True
    return False
