"""An Engine of what stands: it makes no container, and takes those that somebody has made as they are."""

from __future__ import annotations

import threading
import time
from functools import partial

from docker.errors import DockerException
from requests import RequestException

from composecheck.engine.docker.containers import Containers
from composecheck.engine.docker.hearing import Hearing
from composecheck.engine.docker.probes import Prober, probe_until
from composecheck.engine.moby.history import moment
from composecheck.engine.moby.inbox import Inbox
from composecheck.engine.moby.stream import EventStream
from composecheck.engine.moby.trouble import refusal
from composecheck.errors import EngineError
from composecheck.facts.schedule import restarts_again
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

    from composecheck.clock import Clock
    from composecheck.engine.docker.addresses import Reach
    from composecheck.engine.docker.containers import Key
    from composecheck.engine.docker.probes import Answer
    from composecheck.engine.moby.daemon import Daemon
    from composecheck.engine.moby.workers import Workers
    from composecheck.engine.protocol import Status
    from composecheck.event import Event
    from composecheck.model.project import Image, Probe, Project, Service


class Adoption:
    """An Engine whose containers are those of `standing`; what `Session.adopt` says holds for the others."""

    def __init__(
        self,
        daemon: Daemon,
        workers: Workers,
        project: Project,
        standing: Collection[Status],
        *,
        starting: Collection[str],
        coming: Collection[str],
        reach: Reach,
        clock: Clock,
    ) -> None:
        self.project = project
        self.containers = Containers()
        self.answers: dict[Key, Answer] = {}  # the last one of each probe
        self._standing = {(each.service, each.number): each for each in standing if not each.once}
        self._starting = starting
        self._coming = coming
        self._daemon = daemon
        self._workers = workers
        self._reach = reach
        self._inbox = Inbox(clock)
        self._over = threading.Event()
        for key, each in self._standing.items():
            if each.service not in coming:
                self.containers.add(key, each.id)
        hearing = Hearing(daemon.client, None, self.containers, self._inbox, stopped=set())
        self._stream = EventStream(daemon.client, project.name, hearing.hear, hearing.lost)

    def image(self, service: Service) -> Image | None:
        """Return what the containers of a service were given to probe, None where there is none."""
        numbers = self.numbers(service)
        return self._standing[service.name, numbers[0]].brings if numbers else None

    def numbers(self, service: Service) -> list[int]:
        """Return the numbers of a service's containers."""
        return sorted(number for name, number in self._standing if name == service.name)

    def end(self) -> None:
        """Stop listening and probing."""
        self._over.set()
        self.containers.close()
        self._stream.close()

    # The Engine protocol

    @property
    def clock(self) -> Clock:
        """The clock of the session."""
        return self._inbox.clock

    def create(self, services: Iterable[Service]) -> None:
        """Tell that the containers of services are there."""
        for service in services:
            numbers = self.numbers(service)
            if service.name in self._coming:
                numbers = list(range(1, service.replicas + 1))
            for number in numbers:
                self._inbox.put(service.name, number, "created", "unchanged")

    def start(self, service: Service) -> None:
        """Tell what the containers of a service are at, and start those that are to be."""
        if service.name not in self._coming:
            for number in self.numbers(service):
                self._workers.submit(partial(self._answer, (service.name, number), service))

    def watch(self, service: Service, replica: int, probe: Probe) -> None:
        """Carry out a probe on a thread of its own."""
        threading.Thread(target=self._watch, args=((service.name, replica), probe), daemon=True).start()

    def next_event(self, until: float | None) -> Event | None:
        """Wait for the next Event."""
        return self._inbox.next(until)

    # Its requests, on other threads

    def _answer(self, key: Key, service: Service) -> None:
        def tell(kind: Any, text: str = "", **more: Any) -> None:
            self._inbox.put(*key, kind, text, **more)

        client, container = self._daemon.client, self._standing[key].id
        try:
            state = client.inspect_container(container)["State"]
            if state["Status"] in ("created", "exited") and service.name in self._starting:
                client.start(container)
            else:
                self._take(service, state, tell)
        except (DockerException, RequestException, EngineError) as error:
            tell("refused", refusal(client, error))
        except Exception as bug:  # raised where somebody sees it
            self._inbox.fail(bug)

    def _take(self, service: Service, state: dict[str, Any], tell: Callable[..., None]) -> None:
        """Tell what a container is at; one that has not been started yet is heard of when it is."""
        status, code = state["Status"], int(state["ExitCode"])
        memory = "out of memory" if state.get("OOMKilled") else ""
        if status == "created":
            return
        if status in ("exited", "dead") and restarts_again(service, code, 0):
            why = memory or "nothing starts it again"
            tell("refused", f"it has ended with exit code {code} and does not run: {why}")
            return
        health = (state.get("Health") or {}).get("Status")
        if health in ("healthy", "unhealthy") and state["Running"]:  # first: somebody may wait for it
            tell(health)
        age = max(0.0, time.time() + self._daemon.clock_ahead - moment(state["StartedAt"]))
        tell("started", "running" if state["Running"] else "", age=age)
        if status == "paused":
            tell("paused")
        elif not state["Running"] or status == "restarting":
            tell("exited", memory, exit_code=code)

    def _watch(self, key: Key, probe: Probe) -> None:
        container = self._standing[key].id
        prober = Prober(self._daemon.client, container, probe, partial(self._reach.tcp, container))
        try:
            probe_until(prober, probe, self._over, inbox=self._inbox, key=key, answers=self.answers)
        except Exception as bug:  # raised where somebody sees it
            self._inbox.fail(bug)
