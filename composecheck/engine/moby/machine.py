"""What this machine, where the engine is its own, has of ports and routes: Linux's /proc."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

from composecheck.named import TYPE_CHECKING
from composecheck.snapshot import Listener, Route
from composecheck.text.addresses import ALL, ALL_IPV6

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

_PROC = Path("/proc")
# The states of sockets that keep a port from others (linux, include/net/tcp_states.h).
_STATES = {"tcp": "0A", "udp": "07"}  # LISTEN; CLOSE, which is what an unconnected one of UDP says
_UP = 0x1
_CONTAINER = re.compile(r"[0-9a-f]{64}")


class Bound(NamedTuple):
    """A socket that has a port."""

    protocol: str
    address: str
    number: int
    inode: str


def bound(wanted: Callable[[int], object], proc: Path = _PROC) -> list[Bound]:
    """Return the sockets that have one of the ports that are `wanted`."""
    found = []
    for protocol, state in _STATES.items():
        for family in ("", "6"):
            for line in _lines(proc / "net" / (protocol + family)):
                fields = line.split()
                if len(fields) < 10 or fields[3] != state:
                    continue
                address, _, number = fields[1].partition(":")
                if wanted(int(number, 16)):
                    found.append(Bound(protocol, _address(address), int(number, 16), fields[9]))
    return found


def listeners(
    sockets: Collection[Bound], containers: Mapping[str, str], proc: Path = _PROC
) -> Iterator[Listener]:
    """Yield who has each socket; `containers` are the names by their ids."""
    holders = _holders({each.inode for each in sockets}, containers, proc) if sockets else {}
    for each in sockets:
        address = ALL if each.address == ALL_IPV6 and _takes_ipv4(each) else each.address
        holder = holders.get(each.inode)
        if holder is None:
            yield Listener(each.number, address, each.protocol)
        else:
            yield Listener(each.number, address, each.protocol, holder)


def _takes_ipv4(bound: Bound) -> bool:
    """Whether a socket on `::` has the port of IPv4 too, as most do: /proc does not tell."""
    kind = socket.SOCK_STREAM if bound.protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as mine:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(bound.protocol == "tcp"))
        try:
            mine.bind(("", bound.number))
        except OSError:
            return True
    return False


def _holders(inodes: Collection[str], containers: Mapping[str, str], proc: Path) -> dict[str, str]:
    """Return the processes that have sockets, as far as this process may know."""
    links = {f"socket:[{inode}]": inode for inode in inodes}
    holders: dict[str, str] = {}
    for folder in _folders(proc):
        with suppress(OSError):  # somebody else's, or gone
            for entry in os.scandir(f"{folder}/fd"):
                with suppress(OSError):
                    inode = links.get(os.readlink(entry.path))
                    if inode is not None and inode not in holders:
                        holders[inode] = _process(folder, containers)
                        if len(holders) == len(links):
                            return holders
    return holders


def _folders(proc: Path) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(proc) if entry.name.isdigit()]
    except OSError:
        return []


def _process(folder: str, containers: Mapping[str, str]) -> str:
    """Return "process 'python3' (pid 12)", or the container whose process it is."""
    path = Path(folder)
    for line in _lines(path / "cgroup", heading=False):
        found = _CONTAINER.search(line)
        if found and found[0] in containers:
            return f"a process of container '{containers[found[0]]}'"
    name = "".join(_lines(path / "comm", heading=False)).strip()
    return f"process '{name}' (pid {path.name})"


def routes(bridges: Collection[str], proc: Path = _PROC) -> Iterator[Route]:
    """Yield the routes by all interfaces but some."""
    for line in _lines(proc / "net" / "route"):
        interface, destination, _, flags, _, _, _, mask, *_ = line.split()
        if int(flags, 16) & _UP and interface not in bridges:
            size = int(mask, 16).bit_count()
            yield Route(f"{_address(destination)}/{size}", interface)
    for line in _lines(proc / "net" / "ipv6_route", heading=False):
        destination, prefix, *_, flags, interface = line.split()
        subnet = ip_network(f"{_address6(destination)}/{int(prefix, 16)}")
        # The routes that every interface has: to itself, to its link, to a group.
        usual = subnet.is_link_local or subnet.is_multicast or interface == "lo"
        if int(flags, 16) & _UP and interface not in bridges and not usual:
            yield Route(str(subnet), interface)


def free_bytes(folder: str) -> int | None:
    """Return the space left for the engine's folder, None where this process may not know."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def _lines(path: Path, *, heading: bool = True) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()[heading:]
    except OSError:
        return []


def _address(text: str) -> str:
    """Return an address that the kernel writes as words in the machine's own order of bytes."""
    data = b"".join(bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8))
    return str(ip_address(data))


def _address6(text: str) -> str:
    return str(ip_address(bytes.fromhex(text)))
