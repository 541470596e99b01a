"""A Probe carried out on a container: exec, TCP, HTTP, or a line of its log."""

from __future__ import annotations

import re
import select
import socket
import time
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple

from docker.errors import DockerException
from requests import RequestException

if TYPE_CHECKING:
    from collections.abc import Callable

    import docker

    from composecheck.project import Probe

# A port's proxy accepts for a container that does not listen yet, and hangs up at once.
_HANG_UP = 0.05


class Answer(NamedTuple):
    """Whether a probe succeeded, and what was seen."""

    good: bool
    text: str


class Target(NamedTuple):
    """A container to probe, and where its TCP ports are reached from this machine, by port."""

    container: str
    addresses: Callable[[int], list[tuple[str, int]]]


def once(client: docker.APIClient, target: Target, probe: Probe) -> Answer:
    """Carry a probe out once; never raises for what it meets."""
    try:
        if probe.exec is not None:
            return _exec(client, target.container, probe.exec, probe.timeout)
        if probe.tcp is not None:
            return _tcp(target, probe.tcp, probe.timeout)
        if probe.http is not None:
            return _http(target, *probe.http, probe.timeout)
        return follow_log(client, target.container, probe.log or "")
    except (DockerException, RequestException, OSError, HTTPException) as error:
        return Answer(False, str(getattr(error, "explanation", None) or error))


def _exec(client: docker.APIClient, container: str, command: tuple[str, ...], timeout: float) -> Answer:
    """Run a command in the container; the engine cannot end one that is late, it is only not waited for."""
    created = client.exec_create(container, list(command))
    stream = client.exec_start(created["Id"], socket=True)
    sock = getattr(stream, "_sock", stream)
    output = _read_until_end(sock, timeout)
    stream.close()
    if output is None:
        return Answer(False, f"no answer within {timeout:g}s")
    code = client.exec_inspect(created["Id"])["ExitCode"]
    return Answer(code == 0, f"exit {code}: {output}" if output else f"exit {code}")


def _read_until_end(sock: Any, timeout: float) -> str | None:
    ends = time.monotonic() + timeout
    data = b""
    while (left := ends - time.monotonic()) > 0:
        readable, _, _ = select.select([sock], [], [], left)
        if not readable:
            return None
        chunk = sock.recv(4096)
        if not chunk:
            return _demultiplexed(data)
        data = (data + chunk)[-65536:]
    return None


def _demultiplexed(data: bytes) -> str:
    """Return the text of frames, each headed by 8 bytes: stream, three zeros, length."""
    text, at = b"", 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8])
        text, at = text + data[at + 8 : at + 8 + length], at + 8 + length
    return text.decode("utf-8", "replace").strip()


def _tcp(target: Target, ports: tuple[int, ...], timeout: float) -> Answer:
    seen = "no port is reachable from this machine"
    for port in ports:
        for address in target.addresses(port):
            try:
                with socket.create_connection(address, timeout) as connection:
                    if not _hung_up(connection):
                        return Answer(True, f"port {port} answered")
                    seen = f"port {port} hung up"
            except OSError as error:
                seen = f"port {port}: {error.strerror or error}"
    return Answer(False, seen.lower())


def _hung_up(connection: socket.socket) -> bool:
    """Whether the other side closes at once, as a proxy does that finds nobody behind it."""
    readable, _, _ = select.select([connection], [], [], _HANG_UP)
    if not readable:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _http(target: Target, port: int, path: str, timeout: float) -> Answer:
    seen = f"port {port} is not reachable from this machine"
    for host, number in target.addresses(port):
        connection = HTTPConnection(host, number, timeout=timeout)
        try:
            connection.request("GET", path)
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            seen = f"GET {path}: {error or type(error).__name__}"
            continue
        finally:
            connection.close()
        seen = f"GET {path} answered {status}"
        if 200 <= status < 400:
            return Answer(True, seen)
    return Answer(False, seen)


def follow_log(client: docker.APIClient, container: str, pattern: str) -> Answer:
    """Follow what a container has written since it started until a line matches or it ends."""
    expression = re.compile(pattern)
    try:
        started = client.inspect_container(container)["State"]["StartedAt"]
        since = datetime.fromisoformat(started).timestamp()
        rest = b""
        for chunk in client.logs(container, stream=True, follow=True, since=since):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if expression.search(line.decode("utf-8", "replace")):
                    return Answer(True, f"log line '{line.decode('utf-8', 'replace').strip()}'")
    except (DockerException, RequestException, OSError) as error:
        return Answer(False, str(getattr(error, "explanation", None) or error))
    return Answer(False, f"no log line matches '{pattern}'")
