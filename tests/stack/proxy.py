"""A proxy in front of the engine's socket, which falls silent or goes away when a test says so."""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest

_SIZE = 64 * 1024
_VERSION = re.compile(r" /v[\d.]+/")


class Proxy:
    """Hands everything on to the engine and back, until told otherwise.

    `silence()` makes it accept and read and answer nothing, on connections that are open as well;
    with an expression only requests are left unanswered in which it finds something, as "METHOD
    /path?query" without the API's version. `refuse()` takes the socket away and cuts what is open.
    `mend()` ends both; what was left unanswered is then cut off.
    """

    def __init__(self) -> None:
        host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        if not host.startswith("unix://"):
            pytest.skip("needs an engine behind a Unix socket")
        self.engine = host.removeprefix("unix://")
        # Not in the test's folder: the path of a socket may have some hundred letters.
        self._folder = tempfile.TemporaryDirectory(prefix="engine-")
        self._path = Path(self._folder.name, "docker.sock")
        self.url = f"unix://{self._path}"
        self._silent = False
        self._unanswered: re.Pattern[str] | None = None
        self._listener: socket.socket | None = None
        self._connections: set[_Connection] = set()
        self._changing = threading.Lock()

    def __enter__(self) -> Proxy:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()
        self._folder.cleanup()

    def silence(self, requests: str | None = None) -> None:
        if requests is None:
            self._silent = True
        else:
            self._unanswered = re.compile(requests)

    def refuse(self) -> None:
        if self._listener is not None:
            self._path.unlink()
            self._listener.close()
            self._listener = None
        for connection in self._open():
            connection.cut()

    def mend(self) -> None:
        self._silent, self._unanswered = False, None
        for connection in self._open():
            if connection.mute:
                connection.cut()
        if self._listener is None:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self._path))
            self._listener.listen(128)
            self._listener.settimeout(0.1)  # closing it wakes nobody who waits in accept
            _beside(self._accept, self._listener)

    def answers(self, request: str | None = None) -> bool:
        if request is not None and self._unanswered is not None:
            return not self._silent and not self._unanswered.search(request)
        return not self._silent

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            client.settimeout(None)
            connection = _Connection(self, client)
            with self._changing:
                self._connections.add(connection)
            if self._listener is listener:
                _beside(connection.serve, self._forget)
            else:
                client.close()

    def _open(self) -> list[_Connection]:
        with self._changing:
            return list(self._connections)

    def _forget(self, connection: _Connection) -> None:
        with self._changing:
            self._connections.discard(connection)


class _Connection:
    """One client's connection and the one to the engine behind it, a thread for each direction."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._engine = socket.socket(socket.AF_UNIX)
        self.mute = False  # something on it was not handed on: it stays silent

    def serve(self, forget) -> None:
        with self._client, self._engine:
            with suppress(OSError):
                self._engine.connect(self._proxy.engine)
                back = _beside(self._hand_back)
                with suppress(OSError):
                    self._hand_on()
                with suppress(OSError):
                    self._engine.shutdown(socket.SHUT_RDWR if self.mute else socket.SHUT_WR)
                back.join()
            forget(self)

    def cut(self) -> None:
        for end in (self._client, self._engine):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _hand_on(self) -> None:
        head, body = b"", 0  # the head that is not whole yet, and how much of a body is to come
        while data := self._client.recv(_SIZE):
            while data:
                request = None
                if body:
                    piece, data = data[:body], data[body:]
                    body -= len(piece)
                else:
                    whole, end, rest = (head + data).partition(b"\r\n\r\n")
                    if not end:
                        head = whole
                        break
                    piece, data, head = whole + end, rest, b""
                    method_and_path = piece.split(b"\r\n")[0].decode("latin-1").rpartition(" ")[0]
                    request, body = _VERSION.sub(" /", method_and_path, count=1), _length(piece)
                self.mute = self.mute or not self._proxy.answers(request)
                if not self.mute:
                    self._engine.sendall(piece)

    def _hand_back(self) -> None:
        with suppress(OSError):
            while data := self._engine.recv(_SIZE):
                self.mute = self.mute or not self._proxy.answers()
                if not self.mute:
                    self._client.sendall(data)
            self.mute = self.mute or not self._proxy.answers()
            if not self.mute:
                self._client.shutdown(socket.SHUT_WR)


def _length(head: bytes) -> int:
    """Return the length of a request's body; of one in chunks, or of a stream, it is without end."""
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    if b"transfer-encoding" in fields or b"upgrade" in fields:
        return sys.maxsize
    return int(fields.get(b"content-length") or 0)


def _beside(work, *arguments) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread
