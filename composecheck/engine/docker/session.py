"""A connection to the Docker Engine, for the starts of one project."""

from __future__ import annotations

import threading
import weakref
from contextlib import suppress
from functools import partial

from docker.errors import APIError, NotFound

from composecheck import identity
from composecheck.clock import SystemClock
from composecheck.engine.docker.addresses import Reach
from composecheck.engine.docker.adoption import Adoption
from composecheck.engine.docker.build import build
from composecheck.engine.docker.ending import take_down, undo
from composecheck.engine.docker.engine import DockerEngine
from composecheck.engine.docker.formers import discharge
from composecheck.engine.docker.preview import preview
from composecheck.engine.docker.probes import lines_of
from composecheck.engine.docker.rewiring import occupied
from composecheck.engine.docker.standing import is_orphan, list_standing, obstacles, oddities
from composecheck.engine.docker.status import list_status
from composecheck.engine.docker.supplies import may_be_built
from composecheck.engine.docker.support import unsupported, unsupported_build
from composecheck.engine.docker.sweep import Sweep
from composecheck.engine.moby import images, resources
from composecheck.engine.moby.connection import answers, connect_client, endpoint, reported
from composecheck.engine.moby.daemon import Daemon
from composecheck.engine.moby.marker import Record, records
from composecheck.engine.moby.removal import Removal
from composecheck.engine.moby.runs import Runs
from composecheck.engine.moby.survey import is_local, survey
from composecheck.engine.moby.trouble import logs, look, refusal
from composecheck.engine.moby.workers import Patience, SilentError, Workers
from composecheck.engine.protocol import Left, ProbeResult, Renewal
from composecheck.errors import EngineError, UnsupportedError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Any

    import docker

    from composecheck.engine.docker.standing import Standing
    from composecheck.engine.moby.resources import There
    from composecheck.engine.protocol import Command, Progress, Published, Status, Streams, Trouble
    from composecheck.model.project import Image, Project, Service
    from composecheck.snapshot import Snapshot

# The engine's throughput stops growing at two or three requests at once.
CONCURRENCY = 4


class DockerSession:
    """A Session of a Docker Engine; `connect` makes one.

    Each start of its project is a DockerEngine and has a run, one of `Runs`.
    """

    def __init__(self, client: docker.APIClient, url: str) -> None:
        self._clock = SystemClock()
        self._client = client
        self._daemon = Daemon(client, url)
        self._reach = Reach(client, url)
        self._workers = Workers(CONCURRENCY)
        weakref.finalize(self, self._workers.close).atexit = False  # at the end something may be undone yet
        self._runs: Runs | None = None
        self._renewal = Renewal()
        self._engine: DockerEngine | None = None  # of the last start
        self._adoption: Adoption | None = None  # what was taken as it stands since

    # A start, step by step

    @reported()
    def begin(
        self,
        project: Project,
        names: Collection[str],
        progress: Progress,
        renewal: Renewal = Renewal(),  # noqa: B008  # a value
    ) -> None:
        """Wait for the turn to start a project: another start of it on this engine goes first."""
        self._workers.patience = None
        if self._runs is None:
            self._runs = Runs(self._daemon.id, project.name, self._daemon.clock_ahead)
            weakref.finalize(self, self._runs.close).atexit = False
        waits = (f"project {project.name}", "waiting for another start of it to end")
        self._runs.begin(names, lambda: progress(*waits))
        self._renewal = renewal

    @reported()
    def preflight(
        self,
        project: Project,
        names: Collection[str],
        progress: Progress = lambda _name, _text: None,
        notice: Callable[[str], object] = lambda _text: None,
    ) -> None:
        """Refuse keys that are not supported, and what exists and no start gets past.

        What killed runs left is seen to first. What is only odd (what belongs to another project, what the
        file no longer has) goes to `notice`.
        """
        self._require_support(project, names)
        self.sweep(project.name, progress, notice)
        existing, standing = self._require_room(project, names)
        orphans_stay = not self._renewal.remove_orphans
        for text in oddities(project, standing, existing, orphans_stay=orphans_stay):
            notice(text)

    def _require_support(self, project: Project, names: Collection[str]) -> None:
        """Raise UnsupportedError for keys that are not carried out as Compose does."""
        services = [project.services[name] for name in names]
        built = [each.name for each in services if may_be_built(self._client, project, each)]
        refusals = unsupported(project, services, self._daemon.api_version, built)
        if refusals:
            raise UnsupportedError("\n".join(f"{place}: {text}" for place, text in refusals))

    def _require_room(self, project: Project, names: Collection[str]) -> tuple[list[There], list[Standing]]:
        """Return what stands; raise UnsupportedError for what of it no start gets past."""
        services = [project.services[name] for name in names]
        existing = resources.find_all(self._client, project, services)
        standing = list_standing(self._client, project.name, self._retired(project.name))
        found = list(obstacles(project, names, standing, existing))
        changed = list(resources.changed_networks(existing))
        found += occupied(self._client, project, changed, partial(self._is_of, project, names))
        if found:
            raise UnsupportedError("\n".join(found))
        return existing, standing

    @reported()
    def preview(self, project: Project, names: Collection[str], renewal: Renewal) -> list[tuple[str, str]]:
        """Return what a start would make of each thing, by name; refuse what it would refuse."""
        self._renewal = renewal
        self._require_support(project, names)
        _, standing = self._require_room(project, names)
        return list(preview(self._client, project, names, standing, renewal))

    def _is_of(self, project: Project, names: Collection[str], container: Standing) -> bool:
        """Return whether a start of some services decides on a container."""
        return container.service in names or (self._renewal.remove_orphans and is_orphan(project, container))

    def _retired(self, project: str) -> set[str]:
        """Return the ids of the containers that have given way to starts whose process is alive."""
        return {
            former.id
            for each in records(self._daemon.id)
            if isinstance(each, Record) and each.project == project and each.live
            for former in each.retired
            if former.goes
        }

    @reported()
    def sweep(
        self, project: str, progress: Progress, notice: Callable[[str], object] = lambda _text: None
    ) -> None:
        """See to what runs left on this engine that were killed: a project's, and all that were held."""
        run = self._runs.current.run if self._runs is not None else ""
        Sweep(self._client, self._workers, self._daemon.id, progress, notice).of(project, run)

    @reported()
    def survey(self, project: Project, names: Collection[str]) -> Snapshot:
        """Return what stands on the engine and, where it is this machine's, on the machine."""
        services = [project.services[name] for name in names]
        local = is_local(self._daemon.url, self._daemon.info)
        return survey(self._client, self._workers, project, services, info=self._daemon.info, local=local)

    @reported()
    def prepare(
        self, project: Project, names: Collection[str], progress: Progress, timeout: float | None = None
    ) -> tuple[DockerEngine, float | None]:
        """Pull and build the images that are missing, create the networks and volumes."""
        if self._runs is None:
            raise RuntimeError("begin comes before prepare")
        self._end()
        run, retired = self._runs.current, self._retired(project.name)
        standing = sorted(list_standing(self._client, project.name, retired), key=lambda each: -each.created)
        versions = [each.labels.get(identity.VERSION, "") for each in standing]
        self._engine = DockerEngine(
            self._daemon,
            self._workers,
            run,
            project._replace(dialect=identity.generation(versions, project.dialect)),
            reach=self._reach,
            clock=self._clock,
            renewal=self._renewal,
            retired=retired,
        )
        return self._engine, self._engine.prepare(names, progress, timeout)

    @reported()
    def image(self, service: Service) -> Image | None:
        """Return what the service's image says, None where it is not on this engine."""
        if self._adoption is not None:
            return self._adoption.image(service)
        if self._engine is None:
            raise RuntimeError("prepare comes before image")
        image = self._engine.supplies.image(service)
        return None if image is None else images.facts(image)

    def settle(self, *, stands: bool) -> None:
        """Say that the start is over; where what it made `stands`, the next one leaves that alone."""
        self._end()
        if self._runs is not None:
            self._runs.settle(stands=stands)

    # The end

    def hold(self) -> None:
        """Say that what this session's runs made is to go with this process, however that ends."""
        if self._runs is not None:
            self._runs.hold()

    def farewell(self) -> None:
        """Have a patience with the engine that ends."""
        self._workers.patience = Patience(partial(answers, self._client))

    def undo(self, progress: Progress, *, everything: bool = False) -> Left:
        """Remove what the run that is on made, or `everything` that this session's runs did.

        What another run of the project uses that is alive is left to it: who is the last to end removes it.
        """
        self._end()
        if self._runs is None:
            return Left()
        runs = self._runs.all if everything else self._runs.under_way
        engine = self._engine if self._engine is not None and self._engine.run in runs else None
        restarted = engine is not None and bool(engine.containers.restarted)
        if not everything and not (runs and (restarted or runs[0].made or runs[0].retired)):
            return Left()  # interrupted at a pull or a build: nothing waits for it
        for run in runs:  # a later interrupt may end this at any moment
            run.enter("ending")
        if everything or self._workers.patience is None:
            self.farewell()
        if everything:
            self._runs.await_turn()
        removal = Removal(self._client, self._workers, progress)
        left = undo(
            removal, self._client, self._workers, self._runs, runs, engine=engine, everything=everything
        )
        if everything:
            self._runs.end_turn()
        return left

    def _end(self) -> None:
        if self._engine is not None:
            self._engine.end()
        if self._adoption is not None:
            self._adoption.end()
            self._adoption = None

    @property
    def made(self) -> list[str]:
        """The names of what the run that is on has made."""
        return [name for run in (self._runs.under_way if self._runs is not None else ()) for name in run.made]

    def left(self) -> list[str]:
        """Return the names of what this session's runs made and have not removed."""
        return self._runs.made if self._runs is not None else []

    def down(
        self,
        project: str,
        *,
        volumes: bool = False,
        timeout: float | None = None,
        services: Collection[str] | None = None,
        asked: Collection[str] = (),
        model: Project | None = None,
        progress: Progress,
    ) -> Left:
        """Take a project down by its labels."""
        self.farewell()
        left = take_down(
            Removal(self._client, self._workers, progress),
            self._daemon.id,
            project,
            volumes=volumes,
            grace=timeout,
            services=services,
            asked=asked,
            model=model,
        )
        if self._runs is not None:
            self._runs.took_down()
        return left

    def close(self) -> None:
        """Let go of the connections and threads; what gave way to a start that ended well is removed."""
        self._end()
        if self._runs is not None:
            self._discharge(self._runs)
            self._runs.close()
        self._workers.close()
        self._client.close()

    def _discharge(self, runs: Runs) -> None:
        """Remove what gave way to starts that stand."""
        standing = [run for run in runs.all if run.state == "standing" and run.retired]
        if standing:
            self.farewell()
            removal = Removal(self._client, self._workers, lambda _name, _text: None)
            discharge(removal, [each for run in standing for each in run.retired.values()])

    # One container

    def replicas(self, service: Service) -> list[int]:
        """Return the numbers of a service's containers in the last start."""
        seen = self._seen
        return seen.numbers(service) if seen is not None else []

    @property
    def _seen(self) -> DockerEngine | Adoption | None:
        """The containers that were started or taken as they stand last."""
        return self._adoption or self._engine

    @reported()
    def addresses(self, service: Service, replica: int) -> list[Published]:
        """Return where each published port of a container is reached."""
        return self._reach.published(self._container(service, replica))

    @reported()
    def logs(self, service: Service, replica: int, lines: int | None = None) -> str:
        """Return what a container wrote, the last lines or all."""
        return logs(self._client, self._container(service, replica), lines)

    @reported()
    def exec(self, service: Service, replica: int, command: Sequence[str]) -> tuple[int, str]:
        """Run a command in a container; return its exit code and output."""
        created = self._client.exec_create(self._container(service, replica), list(command))
        self._beat()
        output = bytes(self._client.exec_start(created["Id"]))
        return int(self._client.exec_inspect(created["Id"])["ExitCode"]), output.decode("utf-8", "replace")

    def _beat(self) -> None:
        """Note that we are alive, lest a later run takes what we do for somebody else's hand."""
        if self._runs is not None and self._runs.all:
            self._runs.current.beat()

    def trouble(self, service: Service, replica: int, lines: int) -> Trouble | None:
        """Return what was last seen of a container of the last start, its x-readiness included."""
        key, engine = (service.name, replica), self._seen
        container = engine.containers.id(key) if engine is not None else None
        patience = self._workers.patience
        if engine is None or container is None or (patience is not None and patience.is_over):
            return None
        try:
            trouble = self._workers.call(partial(look, self._client, container, lines))
        except SilentError:
            return None
        answer = engine.answers.get(key)
        if trouble is None or answer is None or answer.good:
            return trouble
        return trouble._replace(probes=(*trouble.probes, ProbeResult(None, answer.text)))

    def _container(self, service: Service, replica: int) -> str:
        """Return the id of a container of the last start, or that another `up` of this stack is at."""
        key, seen = (service.name, replica), self._seen
        if seen is not None:
            container = seen.containers.id(key)
            if container is None:
                standing = list_standing(self._client, seen.project.name)
                found = [each.id for each in standing if (each.service, each.number) == key]
                container = found[0] if found else seen.containers.id(key)
            if container is not None:
                return container
        raise EngineError(f"service '{service.name}' has no container {replica} in this run")

    # What stands, whoever started it

    @reported()
    def standing(self, project: str) -> list[Status]:
        """Return the containers of a project as the engine has them now."""
        return list_status(self._client, self._workers, self._reach, project)

    @reported()
    def adopt(
        self,
        project: Project,
        names: Collection[str],
        *,
        starting: Collection[str] = (),
        coming: Collection[str] = (),
        timeout: float | None = None,
    ) -> tuple[Adoption, float | None]:
        """Take the containers of some services as they stand."""
        self._end()
        standing = [each for each in self.standing(project.name) if each.service in names]
        self._adoption = Adoption(
            self._daemon,
            self._workers,
            project,
            standing,
            starting=starting,
            coming=coming,
            reach=self._reach,
            clock=self._clock,
        )
        return self._adoption, None if timeout is None else self._clock.now() + timeout

    @reported()
    def stop(self, container: str, grace: float | None) -> None:
        """Stop a container; one that does not run is left as it is."""
        self._beat()
        Removal(self._client, self._workers, lambda _name, _text: None).stopping(container, grace)()

    @reported()
    def kill(self, container: str, signal: str) -> bool:
        """Send a container a signal."""
        self._beat()
        try:
            self._client.kill(container, signal)
        except APIError as error:
            if error.status_code != 409:
                raise
            return False
        return True

    @reported()
    def end_of(self, container: str) -> int:
        """Wait until a container has ended."""
        waiting: Any = self._client  # whose types know no wait without a limit
        return int(waiting.wait(container, timeout=None)["StatusCode"])

    @reported()
    def remove(self, container: str) -> None:
        """Remove a container with its anonymous volumes, running or not."""
        with suppress(NotFound):
            self._client.remove_container(container, v=True, force=True)

    def follow(
        self, container: str, *, lines: int | None, since: float | None, on: bool, stamps: bool
    ) -> Iterator[str]:
        """Yield what a container wrote, line by line."""
        with reported():
            chunks = self._client.logs(
                container,
                stream=True,
                follow=on,
                timestamps=stamps,
                tail="all" if lines is None else lines,
                since=since,
            )
            yield from lines_of(chunks)

    @reported()
    def interact(self, container: str, command: Command | None, streams: Streams) -> int:
        """Connect a person's streams to a program in a container."""
        from composecheck.engine.docker.attached import run_all, run_in  # which a start has no use for

        try:
            if command is None:
                return run_all(self._client, container, streams)
            return run_in(self._client, container, command, streams)
        except APIError as error:
            raise EngineError(refusal(self._client, error)) from error

    @reported()
    def create_once(self, project: Project, service: Service, slug: str, *, removed: bool) -> str:
        """Create a one-off container as `docker compose run` does."""
        from composecheck.engine.docker.once import create_once

        standing = self.standing(project.name)
        return create_once(self._daemon, project, service, slug, standing, removed=removed)

    @reported()
    def pull(self, project: Project, service: Service, progress: Progress) -> None:
        """Pull a service's image."""
        images.pull(self._client, project, service, progress, threading.Event())

    @reported()
    def build(self, project: Project, service: Service, progress: Progress) -> None:
        """Build a service's image by the classic builder."""
        refusals = unsupported_build(service)
        if refusals:
            raise UnsupportedError("\n".join(f"{place}: {text}" for place, text in refusals))
        build(self._client, project, service, progress)

    def remove_images(self, names: Collection[str], progress: Progress) -> Left:
        """Remove images; what containers use stays."""
        removal = Removal(self._client, self._workers, progress)
        removal.images(names)
        return removal.result


def connect() -> DockerSession:
    """Return a session of the Docker Engine at hand: of DOCKER_HOST, else of the docker CLI's context."""
    here = endpoint()
    return DockerSession(connect_client(here), here.url)
