"""A program in a container whose output and input are a person's: by `exec`, or as the container itself."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import NamedTuple

from docker.errors import APIError, DockerException
from requests import RequestException

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import docker

    from composecheck.engine.protocol import Command, Streams

_HEADER = 8  # of a frame: the stream, three bytes of nothing, and the size
_PIECE = 32 * 1024


class _Line(NamedTuple):
    """A connection that has been taken over: what comes may have been read ahead already.

    It is open for as long as somebody has the `response`.
    """

    comes: Any
    goes: Any
    response: Any

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.goes.sendall(data)

    def hang_up(self) -> None:
        """Say that nothing more is sent; what comes goes on."""
        if hasattr(self.goes, "shutdown_write"):  # paramiko's
            self.goes.shutdown_write()
        else:
            self.goes.shutdown(socket.SHUT_WR)


def run_in(client: docker.APIClient, container: str, command: Command, streams: Streams) -> int:
    """Run a command in a running container; return its exit code, 0 where it is only begun."""
    created = client.exec_create(
        container,
        list(command.words),
        stdin=streams.reads,
        tty=streams.tty,
        privileged=command.privileged,
        user=command.user,
        environment=list(command.environment),
        workdir=command.folder or None,
    )["Id"]
    if not streams.attached:
        client.exec_start(created, detach=True)
        return 0
    line = _take_over(client, f"/exec/{created}/start", {"Detach": False, "Tty": streams.tty})
    streams.resized(lambda height, width: _resize(client.exec_resize, created, height, width))
    _converse(line, streams)
    return int(client.exec_inspect(created)["ExitCode"] or 0)


def run_all(client: docker.APIClient, container: str, streams: Streams) -> int:
    """Start a container; return its exit code, 0 where it is only begun."""
    if not streams.attached:
        client.start(container)
        return 0
    query = f"?stream=1&stdout=1&stderr=1&stdin={int(streams.reads)}"
    line = _take_over(client, f"/containers/{container}/attach{query}", None)
    client.start(container)
    streams.resized(lambda height, width: _resize(client.resize, container, height, width))
    _converse(line, streams)
    return int(client.wait(container, timeout=None)["StatusCode"])


def _resize(resize: Callable[..., object], what: str, height: int, width: int) -> None:
    with suppress(DockerException, RequestException):  # it may have ended just now
        resize(what, height=height, width=width)


def _take_over(client: docker.APIClient, path: str, body: dict[str, Any] | None) -> _Line:
    """Have the engine make a request's connection a line of its own."""
    asking: Any = client
    response = asking.post(
        asking._url(path),
        json=body,
        headers={"Connection": "Upgrade", "Upgrade": "tcp"},
        stream=True,
        timeout=None,
    )
    if response.status_code >= 400:
        raise APIError(response.reason, response=response, explanation=_said(response))
    comes = response.raw._fp.fp
    raw = getattr(comes, "raw", comes)
    return _Line(comes, getattr(raw, "_sock", raw), response)


def _said(response: Any) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return str(response.text)


def _converse(line: _Line, streams: Streams) -> None:
    """Hand on what comes until the program ends, and what is read for it meanwhile."""
    if streams.reads:
        threading.Thread(target=_feed, args=(line, streams), daemon=True).start()
    for number, data in _pieces(line.comes) if streams.tty else _frames(line.comes):
        streams.write(number, data)


def _feed(line: _Line, streams: Streams) -> None:
    with suppress(OSError):  # it has ended, and takes nothing any more
        while data := streams.read():
            line.send(data)
        line.hang_up()


def _pieces(comes: Any) -> Iterator[tuple[int, bytes]]:
    with suppress(ConnectionResetError):
        while data := comes.read1(_PIECE):
            yield 1, data


def _frames(comes: Any) -> Iterator[tuple[int, bytes]]:
    """Yield what programs without a terminal write, by stream (Engine API, "Stream format")."""
    with suppress(ConnectionResetError):
        while len(header := comes.read(_HEADER)) == _HEADER:
            rest = int.from_bytes(header[4:], "big")
            while rest and (data := comes.read1(min(rest, _PIECE))):
                rest -= len(data)
                yield header[0], data
