"""A Probe carried out on a container: exec, TCP, HTTP, or a line of its log."""

from __future__ import annotations

import queue
import socket
import threading
from contextlib import suppress
from datetime import datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import quote

from docker.errors import DockerException
from requests import RequestException

from composecheck.engine.moby.connection import said
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import docker

    from composecheck.engine.moby.inbox import Inbox
    from composecheck.model.project import Probe

    # Where a container's TCP port is reached from this machine: hosts and ports.
    Addresses = Callable[[int], list[tuple[str, int]]]

# A port's proxy accepts for a container that does not listen yet, and hangs up at once.
_HANG_UP = 0.05
# A longer line of a log is looked at in pieces.
_LONGEST_LINE = 64 * 1024


class Answer(NamedTuple):
    """Whether a probe succeeded, and what was seen."""

    good: bool
    text: str


class Prober:
    """A Probe of one container; `addresses` says where a TCP port of it is reached from this machine."""

    def __init__(
        self,
        client: docker.APIClient,
        container: str,
        probe: Probe,
        addresses: Addresses,
    ) -> None:
        self._client = client
        self._container = container
        self._probe = probe
        self._addresses = addresses
        self._running: queue.SimpleQueue[Answer] | None = None

    def once(self) -> Answer:
        """Carry the probe out once; never raises for what it meets."""
        probe = self._probe
        try:
            if probe.exec is not None:
                return self._late(partial(_exec, self._client, self._container, probe.exec))
            if probe.tcp is not None:
                return _tcp(self._addresses, probe.tcp, probe.timeout)
            if probe.http is not None:
                return _http(self._addresses, *probe.http, probe.timeout)
            return self._late(partial(_log, self._client, self._container, probe.log or "", probe.timeout))
        except (DockerException, RequestException, OSError, HTTPException) as error:
            return Answer(False, said(error))

    def _late(self, look: Callable[[], Answer]) -> Answer:
        """Look beside this thread; what is late is waited for again, and never begun beside itself."""
        if self._running is None:
            self._running = queue.SimpleQueue()
            threading.Thread(target=_put, args=(look, self._running), daemon=True).start()
        try:
            answer = self._running.get(timeout=self._probe.timeout)
        except queue.Empty:
            return Answer(False, f"no answer within {format_duration(self._probe.timeout)}")
        self._running = None
        return answer


def probe_until(
    prober: Prober,
    probe: Probe,
    over: threading.Event,
    *,
    inbox: Inbox,
    key: tuple[str, int],
    answers: dict[tuple[str, int], Answer],
) -> None:
    """Carry out a probe of one replica until it has succeeded or failed for good, or all is over.

    What that comes to is put into `inbox`, and what was seen last into `answers`.
    """
    failures = 0
    if over.wait(probe.initial_delay):
        return
    while True:
        begun = inbox.clock.now()
        answer = answers[key] = prober.once()
        if answer.good:
            inbox.put(*key, "probed", answer.text)
            return
        failures += 1
        if failures == probe.failure_threshold:
            inbox.put(*key, "unanswered", answer.text)
            return
        if over.wait(max(0.0, begun + probe.period - inbox.clock.now())):
            return


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of what comes in pieces; one without an end is cut."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        yield from (line.decode("utf-8", "replace") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")


def _put(look: Callable[[], Answer], done: queue.SimpleQueue[Answer]) -> None:
    try:
        done.put(look())
    except Exception as error:  # an answer is waited for, whatever happens
        done.put(Answer(False, said(error)))


def _exec(client: docker.APIClient, container: str, command: tuple[str, ...]) -> Answer:
    created = client.exec_create(container, list(command))
    output = bytes(client.exec_start(created["Id"])).decode("utf-8", "replace").strip()
    code = client.exec_inspect(created["Id"])["ExitCode"]
    return Answer(code == 0, f"exit {code}: {output}" if output else f"exit {code}")


def _tcp(addresses: Addresses, ports: tuple[int, ...], timeout: float) -> Answer:
    seen = "no port is reachable from this machine"
    for port in ports:
        for address in addresses(port):
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
    connection.settimeout(_HANG_UP)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return False
    except OSError:
        return True


def _http(addresses: Addresses, port: int, path: str, timeout: float) -> Answer:
    seen = f"port {port} is not reachable from this machine"
    for host, number in addresses(port):
        connection = HTTPConnection(host, number, timeout=timeout)
        try:
            connection.request("GET", quote(path, safe="/?&=%:@+,;~!$'()*"))
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


def _log(client: docker.APIClient, container: str, pattern: str, limit: float) -> Answer:
    """Follow what a container has written since it started until a line matches or it ends.

    A line that takes the expression longer than `limit` seconds matches nothing.
    """
    import regex  # which has a limit, and lets other threads go on meanwhile

    expression = regex.compile(pattern)
    started = client.inspect_container(container)["State"]["StartedAt"]
    since = datetime.fromisoformat(started).timestamp()
    found = None
    for line in lines_of(client.logs(container, stream=True, follow=True, since=since)):
        with suppress(TimeoutError):
            found = expression.search(line, timeout=limit)
        if found:
            return Answer(True, f"log line '{line.strip()}'")
    return Answer(False, f"no log line matches '{pattern}'")
