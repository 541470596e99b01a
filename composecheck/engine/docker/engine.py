"""The Docker Engine: requests on worker threads, answers as Events."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
import weakref
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from docker.errors import DockerException
from docker.utils import version_gte
from requests import RequestException

from composecheck import identity
from composecheck.clock import SystemClock
from composecheck.engine.docker import mounts
from composecheck.engine.docker.addresses import Published, Reach
from composecheck.engine.docker.body import References, container_request
from composecheck.engine.docker.build import build
from composecheck.engine.docker.probes import Answer, Prober
from composecheck.engine.docker.standing import Standing, differences, list_standing, oddities
from composecheck.engine.docker.support import unsupported
from composecheck.engine.docker.sweep import Sweep
from composecheck.engine.moby import images, resources
from composecheck.engine.moby.connection import (
    SILENT,
    TIMEOUT,
    answers,
    connect_client,
    endpoint,
    proxies,
    reported,
    said,
)
from composecheck.engine.moby.history import ahead, moment
from composecheck.engine.moby.marker import Record, Wishes, records
from composecheck.engine.moby.removal import Removal
from composecheck.engine.moby.runs import Runs
from composecheck.engine.moby.stream import EventStream
from composecheck.engine.moby.survey import is_local, survey
from composecheck.engine.moby.trouble import ProbeResult, Trouble, absent_program, logs, look, refusal
from composecheck.engine.moby.workers import Patience, SilentError, Workers
from composecheck.errors import EngineError, UnsupportedError
from composecheck.event import Event
from composecheck.facts import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import docker

    from composecheck.engine.moby.marker import Marker
    from composecheck.event import Kind
    from composecheck.model.project import Image, Probe, Project, Service
    from composecheck.snapshot import Snapshot

# The engine's throughput stops growing at two or three requests at once.
CONCURRENCY = 4
# What somebody else does to a container, by the engine's word for it, and ours.
_TOLD: dict[str, Kind] = {"stop": "stopped", "destroy": "removed", "pause": "paused", "unpause": "resumed"}


class Left(NamedTuple):
    """What could not be removed, and why, by name; `unreachable` where the engine did not answer.

    `spared` where something was left to another run that uses it; `kept` are volumes of a project that
    somebody else has taken down, and so chosen to keep.
    """

    things: dict[str, str]
    unreachable: bool = False
    spared: bool = False
    kept: tuple[str, ...] = ()


class DockerEngine:
    """A Docker Engine for the runs of one project; `connect` makes one.

    A run goes from `begin` to `settle`: `preflight` refuses what cannot be done before anything is
    created, `prepare` makes what containers need, then come the requests of the Engine protocol.
    `settle` says that it has ended and what stands may stand, `hold` that what stands goes with this
    process; `undo` removes what it made.
    """

    def __init__(self, client: docker.APIClient, url: str) -> None:
        self.clock = SystemClock()
        self._client = client
        self._url = url
        self._reach = Reach(client, url)
        self._workers = Workers(CONCURRENCY)
        weakref.finalize(self, self._workers.close).atexit = False  # at the end something may be undone yet
        self._stream: EventStream | None = None
        self._runs: Runs | None = None
        self._project: Project | None = None
        self._telling = threading.Lock()
        self._created = threading.Condition()
        # The engine may give two starts at once the same port of a range (docker/compose PR 14106).
        self._one_start = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        """Forget what was seen before: one engine may bring a stack up again."""
        self._inbox: queue.Queue[Event | Exception] = queue.Queue()
        self._closed = threading.Event()
        self._standing: dict[tuple[str, int], Standing] = {}
        self._ids: dict[tuple[str, int], str] = {}
        self._by_id: dict[str, tuple[str, int]] = {}
        self._existed: set[str] = set()
        self._restarted: set[str] = set()
        self._refused: set[str] = set()
        self._images: dict[str, dict[str, Any]] = {}
        self._probed: dict[tuple[str, int], Answer] = {}
        self._short_of_memory: set[str] = set()

    # What comes before

    @reported()
    def begin(self, project: Project, names: Collection[str], progress: Callable[[str, str], object]) -> None:
        """Wait for the turn to start a project: another start of it on this engine goes first."""
        self._workers.patience = None
        if self._runs is None:
            self._runs = Runs(self._engine_id, project.name, self._engine_time)
            weakref.finalize(self, self._runs.close).atexit = False
        waits = (f"project {project.name}", "waiting for another start of it to end")
        self._runs.begin(names, lambda: progress(*waits))

    @reported()
    def preflight(
        self,
        project: Project,
        names: Collection[str],
        progress: Callable[[str, str], object] = lambda _name, _text: None,
        notice: Callable[[str], object] = lambda _text: None,
    ) -> None:
        """Refuse, before anything is created, what cannot be done as Compose would.

        What killed runs left is seen to first. Raises UnsupportedError with every key that is not
        supported and everything that exists and differs from the file; what is only odd (what belongs
        to another project, what the file no longer has) goes to `notice`.
        """
        services = [project.services[name] for name in names]
        built = [service.name for service in services if self._may_be_built(project, service)]
        refusals = unsupported(project, services, self._api_version, built)
        if refusals:
            raise UnsupportedError("\n".join(f"{place}: {text}" for place, text in refusals))
        self.sweep(project.name, progress, notice)
        there = resources.find_all(self._client, project, services)
        changed = list(differences(self._client, project, names, there))
        if changed:
            raise UnsupportedError("\n".join(changed))
        for text in oddities(self._client, project, there):
            notice(text)

    @reported()
    def survey(self, project: Project, services: Collection[str]) -> Snapshot:
        """Return what stands on the engine and, where it is this machine's, on the machine."""
        named = [project.services[name] for name in services]
        local = is_local(self._url, self._info)
        return survey(self._client, self._workers, project, named, info=self._info, local=local)

    @reported()
    def prepare(
        self,
        project: Project,
        names: Collection[str],
        progress: Callable[[str, str], object],
        timeout: float | None = None,
    ) -> float | None:
        """Pull and build the images that are missing, create the networks and volumes.

        Returns the moment of the clock that is `timeout` seconds after the images were at hand. Raises
        EngineError with what the engine says, or where from then on it says nothing for that long.
        """
        self._end()
        self._begin()
        self._project = project
        self._standing = list_standing(self._client, project.name)
        services = [project.services[name] for name in names]
        self._images_of(services, progress)
        deadline = None if timeout is None else self.clock.now() + timeout
        self._client.timeout = TIMEOUT if timeout is None else min(TIMEOUT, max(1, round(timeout)))
        try:
            self._stream = EventStream(self._client, project.name, self._hear, self._lost)
            self._resources_of(services, progress)
        finally:
            self._client.timeout = TIMEOUT
        return deadline

    def _resources_of(self, services: list[Service], progress: Callable[[str, str], object]) -> None:
        """Create the networks and volumes that are missing."""
        project = self._required
        for network in project.networks_of(services):
            if not network.external and resources.find_network(self._client, network.name) is None:
                labels = identity.network_labels(project, network) | self._own_labels
                self._make(
                    f"network {network.name}",
                    partial(resources.create_network, self._client, network, labels),
                )
                progress(f"network {network.name}", "created")
        for volume in project.volumes_of(services):
            Wishes(self._engine_id).forget(volume.name)
            if not volume.external and resources.find_volume(self._client, volume.name) is None:
                labels = identity.volume_labels(project, volume) | self._own_labels
                self._make(
                    f"volume {volume.name}", partial(resources.create_volume, self._client, volume, labels)
                )
                progress(f"volume {volume.name}", "created")

    def _make(self, name: str, request: Callable[[], object]) -> None:
        self._run.makes(name)
        self._workers.call(request)

    def _images_of(self, services: list[Service], progress: Callable[[str, str], object]) -> None:
        """Get every image: the missing ones are pulled side by side, then built one after another."""
        project = self._required
        # Of services with the same image, the one that can build it stands for them.
        by_name = {
            identity.image_name(project, service): service
            for service in sorted(services, key=lambda service: service.build is not None)
        }
        for name in by_name:
            self._learn(name)
        wanted = [s for name, s in by_name.items() if images.wants_pull(project, s, self._images.get(name))]
        self._workers.each([partial(self._pull, service, progress) for service in wanted])
        for name, service in by_name.items():
            if service.build is not None and (name not in self._images or sources.is_rebuilt(service)):
                build(self._client, project, service, progress)
                self._learn(name)
            if name not in self._images:
                raise images.absent(project, service)

    def _learn(self, name: str) -> None:
        found = images.inspect(self._client, name)
        if found is not None:
            self._images[name] = found

    def _pull(self, service: Service, progress: Callable[[str, str], object]) -> None:
        """Pull an image; one that can be built may be missing there."""
        try:
            images.pull(self._client, self._required, service, progress, self._closed)
        except EngineError:
            if service.build is None:
                raise
            progress(service.image or "", "cannot be pulled, is built")
        self._learn(service.image or "")

    def _may_be_built(self, project: Project, service: Service) -> bool:
        """Whether an image may have to be built: it is missing, or `pull_policy: build` says always."""
        return service.build is not None and (
            sources.is_rebuilt(service)
            or images.inspect(self._client, identity.image_name(project, service)) is None
        )

    @reported()
    def image(self, service: Service) -> Image | None:
        """Return what the service's image says, None where it is not on this engine."""
        name = identity.image_name(self._required, service)
        found = self._images.get(name) or images.inspect(self._client, name)
        return None if found is None else images.facts(found)

    # The Engine protocol

    def create(self, service: Service, replica: int) -> None:
        """Ask for a container; answered by `created` or `refused`."""
        self._workers.submit(partial(self._answer, service, replica, self._create))

    def start(self, service: Service, replica: int) -> None:
        """Ask for a created container's start; answered by `started` or `refused`."""
        self._workers.submit(partial(self._answer, service, replica, self._start))

    def watch(self, service: Service, replica: int, probe: Probe) -> None:
        """Carry out a probe until it succeeds once; answered by `probed` or `unanswered`."""
        job = partial(self._watch, service, replica, probe)
        threading.Thread(target=job, daemon=True).start()

    def next_event(self, until: float | None) -> Event | None:
        """Return the next Event, or None once the clock reaches `until` (None: wait for one).

        Raises EngineError where the engine is gone.
        """
        try:
            timeout = None if until is None else max(0.0, until - self.clock.now())
            event = self._inbox.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(event, Exception):
            raise event
        return event

    def _tell(
        self,
        key: tuple[str, int],
        kind: Kind,
        text: str = "",
        exit_code: int | None = None,
        age: float = 0.0,
    ) -> None:
        with self._telling:  # so that times never go back
            self._inbox.put(Event(self.clock.now(), key[0], kind, key[1], exit_code, text, age))

    def _answer(self, service: Service, replica: int, request: Callable[[Service, int], None]) -> None:
        try:
            request(service, replica)
        except (DockerException, RequestException, OSError, EngineError) as error:
            with self._created:
                self._refused.add(service.name)
                self._created.notify_all()
            self._tell((service.name, replica), "refused", refusal(self._client, error))
        except Exception as bug:  # raised where somebody sees it
            self._inbox.put(bug)

    def _create(self, service: Service, replica: int) -> None:
        project, key = self._required, (service.name, replica)
        standing = self._standing.get(key)
        if standing is not None:
            self._existed.add(standing.id)
            self._know(key, standing.id)
            self._tell(key, "created", "unchanged")
            return
        image = self._images[identity.image_name(project, service)]
        config_hash = identity.service_hash(service, self._container_of, project.dialect)
        labels = identity.container_labels(project, service, replica, image["Id"], config_hash)
        request = container_request(
            project,
            service,
            replica,
            labels=labels | self._own_labels,
            proxies=proxies(self._url),
            references=self._references,
            all_networks_at_once=version_gte(self._api_version, "1.44"),
        )
        self._run.makes(request.name)
        made = self._client.create_container_from_config(request.body, request.name, request.platform)
        self._run.has_made(made["Id"])
        for end in request.more_networks:
            self._connect(made["Id"], end.network, end.settings)
        self._know(key, made["Id"])
        self._tell(key, "created")

    def _connect(self, container: str, network: str, settings: dict[str, Any]) -> None:
        ipam = settings["IPAMConfig"]
        links = [tuple(link.split(":", 1)) for link in settings["Links"] or ()]
        self._client.connect_container_to_network(
            container,
            network,
            ipv4_address=ipam["IPv4Address"] or None,
            ipv6_address=ipam["IPv6Address"] or None,
            link_local_ips=ipam["LinkLocalIPs"],
            aliases=settings["Aliases"],
            links=links or None,
            driver_opt=settings["DriverOpts"],
        )

    def _know(self, key: tuple[str, int], container: str) -> None:
        with self._created:
            self._by_id[container] = key
            self._ids[key] = container
            self._created.notify_all()

    def _start(self, service: Service, replica: int) -> None:
        key = (service.name, replica)
        container = self._id(service, replica)
        if container in self._existed:
            state = self._client.inspect_container(container)["State"]
            if state["Running"]:
                age = max(0.0, time.time() + self._engine_time - moment(state["StartedAt"]))
                self._leave_a_trace(container)
                self._tell_health(key, state)  # first, lest somebody waits for what is known
                self._tell(key, "started", "running", age=age)
                return
            self._restarted.add(container)
        for file in mounts.copied_files(self._required, service):
            self._client.put_archive(container, "/", mounts.archive(file, time.time()))
        if any(port.published and port.published[0] != port.published[1] for port in service.ports):
            with self._one_start:
                self._client.start(container)
        else:
            self._client.start(container)

    def _leave_a_trace(self, container: str) -> None:
        """Let the engine remember that a container is used by a run that did not make it.

        Another user's sweep cannot see our record. Nothing is read, and nothing stays but the event.
        """
        with suppress(DockerException, RequestException):
            self._client.attach(container, stdout=True, stderr=False, stream=False, logs=False)

    def _tell_health(self, key: tuple[str, int], state: dict[str, Any]) -> None:
        status = (state.get("Health") or {}).get("Status")
        if status in {"healthy", "unhealthy"}:
            self._tell(key, status)

    # What the engine says

    def _hear(self, event: dict[str, Any]) -> None:
        container = event["Actor"]["ID"]  # the shorter "id" is gone since API 1.52
        key = self._by_id.get(container)
        if key is None:
            return
        action, _, detail = str(event["Action"]).partition(": ")
        attributes = event["Actor"]["Attributes"]
        # None of these is ever our own doing: the run has stopped listening before it stops anything.
        if action == "start":
            self._run.has_started(container, int(event["timeNano"]) / 1e9)
            self._tell(key, "started")
        elif action in _TOLD:
            self._tell(key, _TOLD[action])
        elif action == "kill":
            self._tell(key, "signalled", _signal(attributes.get("signal", "")))
        elif action == "oom":
            self._short_of_memory.add(container)
        elif action == "health_status" and detail == "healthy":
            self._tell(key, "healthy")
        elif action == "health_status" and detail == "unhealthy":
            self._tell(key, "unhealthy", self._of_health(container))
        elif action == "die":
            code = int(attributes.get("exitCode") or 0)
            self._tell(key, "exited", self._why(container, code), code)

    def _why(self, container: str, code: int) -> str:
        """Return "out of memory" where the kernel ended it so."""
        if code != 137:
            return ""
        if container in self._short_of_memory:
            self._short_of_memory.discard(container)
            return "out of memory"
        try:
            killed = self._client.inspect_container(container)["State"].get("OOMKilled")
        except (DockerException, RequestException):
            return ""
        return "out of memory" if killed else ""

    def _of_health(self, container: str) -> str:
        """Return why a healthcheck can never succeed, where its last run says so."""
        try:
            return absent_program(self._client.inspect_container(container))
        except (DockerException, RequestException):
            return ""

    def _lost(self, error: Exception) -> None:
        why = said(error).removeprefix(f"{SILENT}: ")
        self._inbox.put(EngineError(f"the engine no longer answers: {why}"))

    # Probes

    def _watch(self, service: Service, replica: int, probe: Probe) -> None:
        try:
            self._probe((service.name, replica), probe)
        except Exception as bug:  # raised where somebody sees it
            self._inbox.put(bug)

    def _probe(self, key: tuple[str, int], probe: Probe) -> None:
        failures, closed = 0, self._closed
        if closed.wait(probe.initial_delay):
            return
        prober = Prober(self._client, self._ids[key], probe, partial(self._reach.tcp, self._ids[key]))
        while True:
            begun = self.clock.now()
            answer = prober.once()
            self._probed[key] = answer
            if answer.good:
                self._tell(key, "probed", answer.text)
                return
            failures += 1
            if failures == probe.failure_threshold:
                self._tell(key, "unanswered", answer.text)
                return
            if closed.wait(max(0.0, begun + probe.period - self.clock.now())):
                return

    # What Python and the reports ask

    @reported()
    def addresses(self, service: Service, replica: int) -> list[Published]:
        """Return where each published port of a container is reached."""
        return self._reach.published(self._id(service, replica))

    def trouble(self, service: Service, replica: int, lines: int) -> Trouble | None:
        """Return what was last seen of a container, with its last log lines; None where there is none."""
        key = (service.name, replica)
        patience = self._workers.patience
        if key not in self._ids or (patience is not None and patience.is_over):
            return None
        try:
            seen = self._workers.call(partial(look, self._client, self._ids[key], lines))
        except SilentError:
            return None
        answer = self._probed.get(key)
        if seen is None or answer is None or answer.good:
            return seen
        return seen._replace(probes=(*seen.probes, ProbeResult(None, answer.text)))

    @reported()
    def logs(self, service: Service, replica: int, lines: int | None = None) -> str:
        """Return what a container wrote, the last lines or all."""
        return logs(self._client, self._id(service, replica), lines)

    @reported()
    def exec(self, service: Service, replica: int, command: Sequence[str]) -> tuple[int, str]:
        """Run a command in a container; return its exit code and output."""
        created = self._client.exec_create(self._id(service, replica), list(command))
        if self._runs is not None and self._runs.all:
            self._runs.current.beat()  # lest a later run takes this for somebody else's hand
        output = bytes(self._client.exec_start(created["Id"]))
        return int(self._client.exec_inspect(created["Id"])["ExitCode"]), output.decode("utf-8", "replace")

    def _id(self, service: Service, replica: int) -> str:
        key = (service.name, replica)
        if key not in self._ids and self._project is not None:
            found = list_standing(self._client, self._project.name)  # another `up` of this stack is at it
            return found[key].id if key in found else self._ids.get(key) or self._none(service, replica)
        return self._ids.get(key) or self._none(service, replica)

    def _none(self, service: Service, replica: int) -> str:
        raise EngineError(f"service '{service.name}' has no container {replica} in this run")

    # The end

    def settle(self, *, stands: bool) -> None:
        """Say that the run is over; where what it made `stands`, the next one leaves that alone."""
        self._end()
        if self._runs is not None:
            self._runs.settle(stands=stands)

    def hold(self) -> None:
        """Say that what this engine's runs made is to go with this process, however that ends."""
        if self._runs is not None:
            self._runs.hold()

    def farewell(self) -> None:
        """Say that the start has ended: from now on the engine's silence is borne for a while only."""
        self._workers.patience = Patience(partial(answers, self._client))

    def _end(self) -> None:
        """Stop listening and probing."""
        with self._created:
            self._closed.set()
            self._created.notify_all()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def undo(self, progress: Callable[[str, str], object], *, everything: bool = False) -> Left:
        """Remove what this run made, or `everything` that this engine's runs did; return what is left.

        Nothing goes that stood before. What another run of the project uses that is alive is left to it:
        who is the last to end removes it.
        """
        self._end()
        if self._runs is None:
            return Left({})
        runs = self._runs.all if everything else self._runs.under_way
        if not everything and not (runs and (self._restarted or runs[0].made)):
            return Left({})  # interrupted at a pull or a build: nothing waits for it
        for run in runs:  # a later interrupt may end this at any moment
            run.enter("ending")
        if everything or self._workers.patience is None:
            self.farewell()
        if everything:
            self._runs.await_turn()
        others = self._runs.others(runs)
        # Whoever was killed while this one lived has left it to us as well.
        passed = [each for each in others if each.is_to_go]
        removal = Removal(self._client, self._workers, progress)
        waiting = self._is_waiting()
        removal.of_runs(
            self._runs.project,
            [*(run.run for run in runs), *(each.run for each in passed)],
            made={container for run in runs for container in run.containers} if everything else (),
            spare={n for each in others if each.is_user or each.state == "standing" for n in each.services},
            restarted=[self._stopping(removal, container) for container in self._restarted],
        )
        self._restarted = set()
        # What the engine has not answered to may be there yet.
        why = removal.blind or (SILENT if waiting else "")
        for run in runs:
            run.forget(lambda name: name not in removal.left and (not why or name in removal.removed))
            removal.left.update({name: why for name in run.made if name not in removal.left})
        if not removal.left:
            self._runs.conclude(runs, others, spared=removal.spared)
        return Left(removal.left, removal.unreachable or bool(why), removal.spared, tuple(removal.kept))

    def _is_waiting(self) -> bool:
        """Wait for the requests that are under way; return whether some go on."""
        try:
            if self._workers.patience is not None:
                self._workers.settle(self._workers.patience)
        except SilentError:
            return True
        return False

    def _stopping(self, removal: Removal, container: str) -> tuple[str, Callable[[], object]]:
        name, replica = self._by_id[container]
        service = self._required.services[name]
        return identity.container_name(self._required, service, replica), removal.stopping(container)

    def close(self) -> None:
        """Let go of the connections and threads; nothing on the engine changes."""
        self._end()
        if self._runs is not None:
            self._runs.close()
        self._workers.close()
        self._client.close()

    @property
    def made(self) -> list[str]:
        """The names of what the run under way has made."""
        return [name for run in (self._runs.under_way if self._runs is not None else ()) for name in run.made]

    def left(self) -> list[str]:
        """Return the names of what this engine's runs made and have not removed; nobody is asked."""
        return self._runs.made if self._runs is not None else []

    def down(
        self,
        project: str,
        *,
        volumes: bool = False,
        timeout: float | None = None,
        services: Collection[str] | None = None,
        model: Project | None = None,
        progress: Callable[[str, str], object],
    ) -> Left:
        """Take a project down by its labels, whoever started it; return what is left.

        What it shares with others goes with the last of them, as far as the file's `model` names it.
        """
        self.farewell()
        removal = Removal(self._client, self._workers, progress)
        wishes = Wishes(self._engine_id)
        removal.of_project(
            project, volumes=volumes, grace=timeout, services=services, model=model, asked=wishes.has
        )
        for name in removal.removed | removal.shared:
            volume = name.removeprefix("volume ")
            if volume != name:
                (wishes.forget if name in removal.removed else wishes.note)(volume)
        if self._runs is not None:
            self._runs.took_down()
        if removal.blind:
            removal.left.setdefault(f"what there is of project '{project}'", removal.blind)
        if not removal.left:  # nobody has to see to it any more
            for each in records(self._engine_id):
                if isinstance(each, Record) and each.project == project and not each.live:
                    each.path.unlink(missing_ok=True)
        return Left(removal.left, removal.unreachable)

    @reported()
    def sweep(
        self,
        project: str,
        progress: Callable[[str, str], object],
        notice: Callable[[str], object] = lambda _text: None,
    ) -> None:
        """See to what runs left on this engine that were killed: a project's, and all that were held."""
        own = self._run.run if self._runs is not None else ""
        Sweep(self._client, self._workers, self._engine_id, progress, notice).of(project, own)

    # Facts of this run

    @property
    def _required(self) -> Project:
        if self._project is None:
            raise RuntimeError("prepare comes before requests")
        return self._project

    @property
    def _api_version(self) -> str:
        return str(self._client.api_version)

    @cached_property
    def _info(self) -> dict[str, Any]:
        asked = time.time()
        found: dict[str, Any] = self._client.info()
        # Too little rather than too much: what somebody does right after our end is not taken for ours.
        self._ahead, _ = ahead(asked, found, time.time())
        return found

    @property
    def _engine_time(self) -> float:
        """The engine's clock less this machine's, in seconds; never too much."""
        return self._ahead if self._info else 0.0

    @property
    def _run(self) -> Marker:
        if self._runs is None:
            raise RuntimeError("begin comes before requests")
        return self._runs.current

    @property
    def _engine_id(self) -> str:
        return str(self._info.get("ID") or self._url)

    @property
    def _own_labels(self) -> dict[str, str]:
        return {identity.RUN: self._run.run, identity.OWNER: f"{os.getpid()}@{os.uname().nodename}"}

    @property
    def _references(self) -> References:
        return References(self._container_of, self._containers_of)

    def _container_of(self, service: str) -> str:
        """Return a service's first container, once it is created."""
        with self._created:
            self._created.wait_for(
                lambda: (service, 1) in self._ids or service in self._refused or self._closed.is_set()
            )
            if (service, 1) in self._ids:
                return self._ids[service, 1]
        raise EngineError(f"service '{service}', which it needs, could not be created")

    def _containers_of(self, service: str) -> list[str]:
        self._container_of(service)
        defined = self._required.services[service]
        return [
            identity.container_name(self._required, defined, replica)
            for replica in range(1, defined.replicas + 1)
        ]


def connect() -> DockerEngine:
    """Return the Docker Engine at hand: of DOCKER_HOST, else of the docker CLI's current context."""
    there = endpoint()
    return DockerEngine(connect_client(there), there.url)


def _signal(number: str) -> str:
    """Return a signal's name, as far as it has one."""
    try:
        return signal.Signals(int(number)).name
    except ValueError:
        return f"signal {number}"
