"""A stack in a folder of its own under a project name of its own, and the people who work on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
import uuid
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import docker
from docker.errors import APIError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

# The worker holds a folder of the user's: an undo asks it to stop, and for that it takes LINGER seconds.
STACK = r"""
x-any: &any
  image: ${IMAGE}
  init: true
  command: [python, -c, "import time; time.sleep(600)"]
  networks: [back]
services:
  db:
    <<: *any
    volumes: [data:/data]
    healthcheck: {test: [CMD, python, -c, ""], interval: 500ms}
  cache:
    <<: *any
    healthcheck: {test: [CMD, python, -c, ""], interval: 300ms}
  migrate:
    <<: *any
    command: [python, -c, "import time; time.sleep(0.3); open('/out/done', 'w').close()"]
    volumes: [out:/out]
    depends_on: {db: {condition: service_healthy}}
  queue:
    <<: *any
    command: [python, -c, "import socket, time; s = socket.create_server(('', 9000)); time.sleep(600)"]
    x-readiness: {tcpSocket: {port: 9000}}
  api:
    <<: *any
    networks: [front, back]
    depends_on:
      migrate: {condition: service_completed_successfully}
      cache: {condition: service_healthy}
      queue: {condition: service_started}
    healthcheck: {test: [CMD, python, -c, ""], interval: 1s}
  worker:
    <<: *any
    command:
      - python
      - -c
      - "import time\ntry: time.sleep(600)\nexcept KeyboardInterrupt: time.sleep(${LINGER})"
    volumes: [".:/here"]
    networks: [front]
networks: {front: {}, back: {}}
volumes: {data: {}, out: {}}
"""
BLOCK = """
import composecheck, os, pathlib, sys, time
with composecheck.Stack("compose.yml").up(timeout=60):
    pathlib.Path("inside").touch()
    if sys.argv[1:]:
        os.kill(os.getpid(), 9)
    time.sleep(600)
"""
TRIVIAL = "services: {job: {image: '${IMAGE}', command: [python, -c, '']}}\n"
PUT = "print(open('/data/precious', 'w').write('x'), end='')"  # it says 1 once the file is closed
GET = "print(open('/data/precious').read(), end='')"

LIMIT = 120  # seconds, for each command
STANDING = 6 + 2 + 2  # containers, networks and volumes

_OPEN: list[Site] = []
_OVER = threading.Event()


class Breach(Exception):
    """Something that was promised and did not hold."""


class Struck(NamedTuple):
    """How a process ended that was sent a signal."""

    code: int
    seconds: float
    text: str
    sent: bool  # it was there still
    twice: bool  # and for the second one as well

    def check_code(self, number: int) -> None:
        """Hold the exit code against the signal; before a program has begun, the signal itself ends it."""
        python_itself = self.code == 1 and "Fatal Python error: init_" in self.text
        if self.code not in (128 + number, -number) and not python_itself:
            raise Breach(f"ended with {self.code} after {self.seconds:.1f} s: {tail(self.text)}")


class Site:
    """The stack, those who work on it, and what the engine has of it."""

    def __init__(self, image: str, compose: str | None, linger: int = 0) -> None:
        self.image = image
        self.project = f"cckill-{uuid.uuid4().hex[:10]}"
        self.client = docker.from_env(timeout=LIMIT)
        self._compose = compose
        self._temporary = TemporaryDirectory(prefix="composecheck-kills-")
        self.folder = Path(self._temporary.name)
        self._environment = {
            **os.environ,
            "IMAGE": image, "LINGER": str(linger), "COMPOSE_PROJECT_NAME": self.project, "NO_COLOR": "1",
            "XDG_STATE_HOME": str(self.folder / "ours"),
        }  # fmt: skip
        self._begun: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Site:
        _OPEN.append(self)
        for name, text in (("compose.yml", STACK), ("trivial.yml", TRIVIAL), ("block.py", BLOCK)):
            (self.folder / name).write_text(text)
        return self

    def __exit__(self, *_: object) -> None:
        _OPEN.remove(self)
        with self._temporary, closing(self.client):
            self.stop()
            self._remove()

    def begin(self, *arguments: str, stranger: bool = False) -> subprocess.Popen[str]:
        """Begin a Python with arguments, as the one whose runs are killed or as a stranger to them."""
        environment = dict(self._environment)
        if stranger:
            del environment["XDG_STATE_HOME"]
            environment.setdefault("DOCKER_CONFIG", str(Path.home() / ".docker"))
            environment["HOME"] = str(self.folder / "theirs")
        return self._begin([sys.executable, *arguments], environment)

    def composecheck(self, *arguments: str, stranger: bool = False) -> None:
        """Run composecheck to its end, which is to be a good one."""
        self._succeed(self.begin("-m", "composecheck", *arguments, stranger=stranger))

    def compose(self, *arguments: str) -> None:
        """Run Docker Compose to its end."""
        self._succeed(self._begin([str(self._compose), *arguments], self._environment))

    def strike(self, process: subprocess.Popen[str], number: int, again: float | None = None) -> Struck:
        """Send a signal to a process, after a while a second one if it is still there; wait for its end."""
        sent = process.poll() is None
        began = time.monotonic()
        process.send_signal(number)
        twice = again is not None and not ended(process, again)
        if twice:
            process.send_signal(number)
        text = self._finish(process)
        return Struck(process.returncode, time.monotonic() - began, text, sent, twice)

    def stop(self) -> None:
        """End the commands under way."""
        for process in self._begun:
            process.kill()
            process.wait()

    def _begin(self, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            arguments, cwd=self.folder, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,  # which a Ctrl-C in the terminal does not reach
        )  # fmt: skip
        self._begun.append(process)
        if _OVER.is_set():
            process.kill()
        return process

    def _finish(self, process: subprocess.Popen[str]) -> str:
        try:
            return process.communicate(timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise Breach(f"not ended after {LIMIT} s: {_shown(process)}") from None

    def _succeed(self, process: subprocess.Popen[str]) -> None:
        text = self._finish(process)
        if process.returncode:
            raise Breach(f"{_shown(process)} ended with {process.returncode}: {tail(text)}")

    def left(self) -> list[str]:
        """Return what the engine has of the project, and the files of runs, all of which are over."""
        ours = {"label": f"com.docker.compose.project={self.project}"}
        api = self.client.api
        names = [
            *(each["Names"][0] for each in api.containers(all=True, filters=ours)),
            *(f"network {each['Name']}" for each in api.networks(filters=ours)),
            *(f"volume {each['Name']}" for each in api.volumes(filters=ours)["Volumes"] or []),
        ]
        return [re.sub(f"/?{self.project}[-_]", "", name) for name in names] + self._markers()

    def stands(self) -> bool:
        """Return whether all of the stack is there, and no run that is still at it."""
        return len(self.left()) == STANDING and not self._markers()

    def _markers(self) -> list[str]:
        return [f"marker {path.name}" for path in self.folder.glob("**/composecheck/runs/*")]

    def database(self) -> docker.models.containers.Container | None:
        """Return the database's container, in whatever state, None where there is none."""
        try:
            return self.client.containers.get(f"{self.project}-db-1")
        except NotFound:
            return None

    def put(self) -> bool:
        """Write the precious byte; return False where the database does not run."""
        return self._in_database(PUT) == "1"

    def get(self) -> str:
        """Return the precious byte, or what is said in place of it."""
        return self._in_database(GET)

    def _in_database(self, code: str) -> str:
        container = self.database()
        try:
            return container.exec_run(["python", "-c", code]).output.decode() if container else "no container"
        except APIError as error:
            return str(error)

    def _remove(self) -> None:
        """Remove what bears the project's name: a foreign container and another project's do as well."""
        named = {"name": self.project}
        containers, networks, volumes = self.client.containers, self.client.networks, self.client.volumes
        end = time.monotonic() + LIMIT
        while removals := [
            *(partial(each.remove, force=True, v=True)
              for each in containers.list(all=True, filters=named, ignore_removed=True)),
            *(each.remove for each in [*networks.list(filters=named), *volumes.list(filters=named)]),
        ]:  # fmt: skip
            if time.monotonic() > end:
                raise Breach(f"the sweep itself cannot remove all of {self.project}")
            for remove in removals:
                with suppress(APIError):  # the engine is at it already, or it is in use for a moment still
                    remove()
            time.sleep(0.1)


def stop() -> None:
    """End every command under way, and each that begins from now on."""
    _OVER.set()
    for site in [*_OPEN]:
        site.stop()


def ended(process: subprocess.Popen[str], seconds: float) -> bool:
    """Return whether a process ends within some seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def until(process: subprocess.Popen[str], there: Callable[[], object]) -> None:
    """Wait until something is there, or a process has ended."""
    end = time.monotonic() + LIMIT
    while not there() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)


def _shown(process: subprocess.Popen[str]) -> str:
    words = [word for word in process.args if word not in (sys.executable, "-m")]
    return f"`{Path(words[0]).name} {' '.join(words[1:])}`"


def tail(text: str) -> str:
    """Return the last lines of an output, as one."""
    return " | ".join(" ".join(line.split()) for line in text.strip().splitlines()[-3:])
