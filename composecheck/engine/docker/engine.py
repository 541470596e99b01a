"""One start on the Docker Engine: requests on worker threads, answers as Events."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import cache, partial

from docker.errors import DockerException
from requests import RequestException

from composecheck import identity
from composecheck.engine.docker import mounts
from composecheck.engine.docker.containers import Containers
from composecheck.engine.docker.creation import Creation
from composecheck.engine.docker.formers import Formers
from composecheck.engine.docker.hearing import Hearing
from composecheck.engine.docker.probes import Prober, probe_until
from composecheck.engine.docker.rewiring import rewire
from composecheck.engine.docker.standing import list_standing
from composecheck.engine.docker.succession import Succession, Supply
from composecheck.engine.docker.supplies import Supplies
from composecheck.engine.moby import resources
from composecheck.engine.moby.connection import TIMEOUT
from composecheck.engine.moby.history import moment
from composecheck.engine.moby.inbox import Inbox
from composecheck.engine.moby.stream import EventStream
from composecheck.engine.moby.trouble import refusal
from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

    from composecheck.clock import Clock
    from composecheck.engine.docker.addresses import Reach
    from composecheck.engine.docker.containers import Key
    from composecheck.engine.docker.probes import Answer
    from composecheck.engine.docker.standing import Standing
    from composecheck.engine.moby.daemon import Daemon
    from composecheck.engine.moby.marker import Marker
    from composecheck.engine.moby.workers import Workers
    from composecheck.engine.protocol import Progress, Renewal
    from composecheck.event import Event
    from composecheck.model.project import Probe, Project, Service


class DockerEngine:
    """An Engine for one start of a project, whose record is `run`.

    `prepare` comes before its requests; after `end` it hears and probes nothing any more.
    """

    def __init__(
        self,
        daemon: Daemon,
        workers: Workers,
        run: Marker,
        project: Project,
        *,
        reach: Reach,
        clock: Clock,
        renewal: Renewal,
        retired: Collection[str],
    ) -> None:
        """`retired` are the containers that have given way to starts that are not over."""
        self.run = run
        self.project = project
        self._renewal = renewal
        self._retired = retired
        self._formers = Formers(daemon.client, run, renewal.grace)
        self.containers = Containers()
        self.answers: dict[Key, Answer] = {}  # the last one of each probe
        self._over = threading.Event()
        self.supplies = Supplies(daemon, workers, run, project, self._over)
        self._inbox = Inbox(clock)
        self._daemon = daemon
        self._workers = workers
        self._reach = reach
        self._stream: EventStream | None = None
        # The engine may give two starts at once the same port of a range (docker/compose PR 14106).
        self._one_start = threading.Lock()

    def prepare(self, names: Collection[str], progress: Progress, timeout: float | None) -> float | None:
        """Get what the services need; return the deadline, `timeout` seconds after the images were at hand.

        Raises EngineError with what the engine says, or where from then on it says nothing for that long.
        """
        client = self._daemon.client
        services = [self.project.services[name] for name in names]
        self.supplies.get_images(services, progress)
        standing = list_standing(client, self.project.name, self._retired)
        succession = Succession(self.project, names, standing, self._renewal, self._supply())
        self.containers.succession = succession
        self._creation = Creation(
            self._daemon,
            self.run,
            self.project,
            self.supplies,
            self.containers,
            succession=succession,
            formers=self._formers,
            renewal=self._renewal,
        )
        deadline = None if timeout is None else self.clock.now() + timeout
        client.timeout = TIMEOUT if timeout is None else min(TIMEOUT, max(1, round(timeout)))
        try:
            stopped = self._formers.stopped
            hearing = Hearing(client, self.run, self.containers, self._inbox, stopped=stopped)
            self._stream = EventStream(client, self.project.name, hearing.hear, hearing.lost)
            rewired = self._rewire(services, standing, progress)
            self.supplies.make_resources(services, progress)
        finally:
            client.timeout = TIMEOUT
        if self._renewal.remove_orphans:
            self._remove("an orphan", succession.orphans, progress)
        for surplus in succession.surplus.values():
            self._remove("more than the file has", surplus, progress)
        for name in rewired:
            for service in services:
                for number in self.numbers(service):
                    self._creation.reconnect(service, number, name)
        return deadline

    def _rewire(
        self, services: list[Service], standing: Collection[Standing], progress: Progress
    ) -> list[str]:
        """Make the networks anew that differ from the file; return their names."""
        client, rewired = self._daemon.client, list[str]()
        for network in resources.changed_networks(resources.find_all(client, self.project, services)):
            labels = identity.network_labels(self.project, network) | self.run.labels
            again = partial(rewire, client, self.run, network, labels)
            self._workers.call(partial(again, standing=standing, formers=self._formers))
            progress(f"network {network.name}", "made anew")
            rewired.append(network.name)
        return rewired

    def _remove(self, why: str, going: Collection[Standing], progress: Progress) -> None:
        """Have containers give way to nobody."""
        for each in going:
            progress(each.name, f"stopped: {why}")
        self._workers.each([partial(self._formers.retire, each) for each in going])

    def _supply(self) -> Supply:
        return Supply(self.supplies.image_ids, cache(partial(resources.network_id, self._daemon.client)))

    def end(self) -> None:
        """Stop listening and probing."""
        self._over.set()
        self.containers.close()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    # The Engine protocol

    @property
    def clock(self) -> Clock:
        """The clock of the session, which may see several starts."""
        return self._inbox.clock

    def create(self, services: Iterable[Service]) -> None:
        """Ask for the containers of services, in their order."""
        for service in services:
            self._ask(service, self._create)

    def start(self, service: Service) -> None:
        """Ask for the start of a service's containers."""
        self._ask(service, self._start)

    def watch(self, service: Service, replica: int, probe: Probe) -> None:
        """Carry out a probe on a thread of its own."""
        job = partial(self._watch, (service.name, replica), probe)
        threading.Thread(target=job, daemon=True).start()

    def next_event(self, until: float | None) -> Event | None:
        """Wait for the next Event."""
        return self._inbox.next(until)

    def numbers(self, service: Service) -> list[int]:
        """Return the numbers of a service's containers."""
        succession = self.containers.succession
        return succession.numbers(service.name) if succession is not None else []

    # Its requests, on other threads

    def _ask(self, service: Service, request: Callable[[Service, int], None]) -> None:
        for replica in self.numbers(service):
            self._workers.submit(partial(self._answer, service, replica, request))

    def _answer(self, service: Service, replica: int, request: Callable[[Service, int], None]) -> None:
        try:
            request(service, replica)
        except (DockerException, RequestException, OSError, EngineError) as error:
            self.containers.refuse(service.name)
            self._inbox.put(service.name, replica, "refused", refusal(self._daemon.client, error))
        except Exception as bug:  # raised where somebody sees it
            self._inbox.fail(bug)

    def _create(self, service: Service, replica: int) -> None:
        text = self._creation.create(service, replica)
        if not self._renewal.starts:
            self._creation.take_place(service, replica)
        self._inbox.put(service.name, replica, "created", text)

    def _start(self, service: Service, replica: int) -> None:
        client, key = self._daemon.client, (service.name, replica)
        container = self.containers.id(key) or ""
        self._creation.make_room(service)
        self._creation.take_place(service, replica)
        if container not in self.run.containers:
            state = client.inspect_container(container)["State"]
            if state["Running"]:
                self._take_over(key, container, state)
                return
            if container not in self.run.retired:
                self.containers.restarted.add(container)
        if self._over.is_set():
            raise EngineError("the start is over")
        for file in mounts.copied_files(self.project, service):
            client.put_archive(container, "/", mounts.archive(file, time.time()))
        if any(port.published and port.published[0] != port.published[1] for port in service.ports):
            with self._one_start:
                client.start(container)
        else:
            client.start(container)

    def _take_over(self, key: Key, container: str, state: dict[str, Any]) -> None:
        """Tell of a container that ran before."""
        age = max(0.0, time.time() + self._daemon.clock_ahead - moment(state["StartedAt"]))
        # Another user's sweep cannot see our record: let the engine remember that somebody uses it. Nothing
        # is read, and nothing stays but the event.
        with suppress(DockerException, RequestException):
            self._daemon.client.attach(container, stdout=True, stderr=False, stream=False, logs=False)
        health = (state.get("Health") or {}).get("Status")
        if health in {"healthy", "unhealthy"}:  # first, lest somebody waits for what is known
            self._inbox.put(*key, health)
        self._inbox.put(*key, "started", "running", age=age)

    def _watch(self, key: Key, probe: Probe) -> None:
        container = self.containers.id(key) or ""
        prober = Prober(self._daemon.client, container, probe, partial(self._reach.tcp, container))
        try:
            probe_until(prober, probe, self._over, inbox=self._inbox, key=key, answers=self.answers)
        except Exception as bug:  # raised where somebody sees it
            self._inbox.fail(bug)
