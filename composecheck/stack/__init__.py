"""A Project on a Docker Engine: up, and down without a trace."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from composecheck import lint, start
from composecheck.errors import (
    ComposecheckError,
    DeadlineError,
    EngineError,
    NotReadyError,
    SourceError,
    UsageError,
)
from composecheck.findings.errors import PreflightError
from composecheck.settings import Settings
from composecheck.stack.failure import aftermath, explain, stands
from composecheck.text.redact import mask, secrets_of, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from os import PathLike
    from types import TracebackType

    from composecheck.engine.docker import DockerEngine
    from composecheck.event import Event
    from composecheck.model.project import Project, Service

# What is larger is a key store, and what is shorter would blot out every log.
_SECRET_BYTES = 64 * 1024
_SECRET_LENGTH = 6


class Address(NamedTuple):
    """Where a container's port is reached from this machine; as text "host:port"."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class RunningService:
    """One service of a Stack that is up."""

    __slots__ = ("_engine", "service")

    def __init__(self, service: Service, engine: DockerEngine) -> None:
        self.service = service
        self._engine = engine

    def address(self, port: int, *, protocol: str = "tcp", replica: int = 1) -> Address:
        """Return where the container's `port` is published; UsageError where it is not."""
        published = self._engine.addresses(self.service, replica)
        for target, kind, host, number in published:
            if (target, kind) == (port, protocol):
                return Address(host, number)
        there = ", ".join(f"{target}/{kind}" for target, kind, _, _ in published) or "none"
        raise UsageError(
            f"service '{self.service.name}' does not publish port {port}/{protocol} (published: {there}); "
            f"add it to 'ports' as \"{port}\", and the engine chooses a free port of this machine"
        )

    def logs(self, lines: int | None = None, *, replica: int = 1) -> str:
        """Return what the container wrote, the last `lines` of it, or all."""
        return self._engine.logs(self.service, replica, lines)

    def exec(self, command: Sequence[str], *, replica: int = 1) -> tuple[int, str]:
        """Run a command in the container; return its exit code and output."""
        return self._engine.exec(self.service, replica, command)


class Stack:
    """A project to bring up on the Docker Engine at hand.

    `with Stack("compose.yml").up(timeout=60) as stack:` starts it in readiness order and, at the
    end, removes what its `up` created and nothing that stood before. Where the block does not get to
    its end, that happens at the end of the process, or by the project's next `up`. What another process
    uses in a block of its own is left to that. Threads may share a Stack: the last one to leave its
    block ends it; a fork never does. Raises LoadError for a file with errors, before the engine is touched.
    """

    def __init__(
        self,
        *files: str | PathLike[str],
        name: str | None = None,
        profiles: Sequence[str] = (),
        env_files: Sequence[str | PathLike[str]] = (),
        project_directory: str | PathLike[str] | None = None,
        environment: Mapping[str, str] | None = None,
        config: str | PathLike[str] | Settings | None = None,
    ) -> None:
        options = lint.options_of(
            files,
            name=name,
            profiles=profiles,
            env_files=env_files,
            project_directory=project_directory,
            environment=environment,
        )
        project, report = lint.startable(options, config)
        self._begin(project, report.settings)

    @classmethod
    def of(cls, project: Project, settings: Settings | None = None) -> Stack:
        """Return the Stack of a Project that has been loaded and checked already, by some settings."""
        stack = cls.__new__(cls)
        stack._begin(project, settings or Settings())
        return stack

    def _begin(self, project: Project, settings: Settings) -> None:
        self.project = project
        self._settings = settings
        self.events: list[Event] = []
        self.ending = False  # the start is over, one way or the other
        self._engine: DockerEngine | None = None
        self._lock = threading.RLock()
        self._blocks = 0  # that are entered and not yet left
        self._process = os.getpid()
        self._left: list[str] = []

    @property
    def engine(self) -> DockerEngine:
        """The engine at hand, connected to when first needed; EngineError where there is none."""
        if self._engine is None:
            with self._lock:
                if self._engine is None:  # no other thread was faster
                    from composecheck.engine.docker import connect

                    self._engine = connect()
                    _stacks.add(self)
        return self._engine

    def up(
        self,
        services: str | Sequence[str] = (),
        *,
        timeout: float | None = None,
        soft_wait: float = start.Settings().soft_wait,
        keep: bool = False,
        on_event: Callable[[Event], object] = lambda _: None,
        on_progress: Callable[[str, str], object] = lambda _name, _text: None,
        on_findings: Callable[[lint.Report], object] = lambda _: None,
        on_notice: Callable[[str], object] | None = None,
    ) -> Stack:
        """Start the services and their dependencies in readiness order; return when all are ready.

        `timeout` is one deadline in seconds for all of them, from the moment that the images are
        at hand. Raises NotReadyError as soon as one can no longer become ready, DeadlineError at
        the deadline, UnsupportedError for what cannot be done as Compose would, PreflightError for
        what is in the way on this engine (what is not is told to `on_findings`), EngineError. What
        this call created is then removed, unless `keep`; what cannot be is named by the error and
        by `left()`. `on_notice` gets a line for what is worth a word and hinders nothing, such as what
        a killed run left and somebody may have used since; by None it is logged as a warning.
        """
        names = start.select(self.project, [services] if isinstance(services, str) else services)
        if not names:
            raise UsageError(f"project '{self.project.name}' has no service to start")
        self._own()
        with self._lock:
            self.events = []
            self.ending = False
            secrets = secrets_of(self.project) | _of_files(self.project)

            def progress(name: str, text: str) -> None:
                on_progress(name, visible(mask(text, secrets)))

            def notice(text: str) -> None:
                (on_notice or _log)(visible(mask(text, secrets)))

            engine = self.engine
            done = False
            try:
                with _masked(secrets):
                    engine.begin(self.project, names, progress)
                    engine.preflight(self.project, names, progress, notice)
                    self._look_ahead(names, on_findings)
                    deadline = engine.prepare(self.project, names, progress, timeout)
                images = {name: engine.image(self.project.services[name]) for name in names}
                run = start.Run(self.project, names, images, start.Settings(soft_wait=soft_wait))
                for event in start.drive(engine, run, deadline):
                    self.events.append(event._replace(text=visible(mask(event.text, secrets))))
                    on_event(self.events[-1])
                if run.outcome != "ready":
                    self.ending = True
                    engine.farewell()
                    text = explain(self.project, run, self.events, engine, timeout=timeout)
                    raise (DeadlineError if run.outcome == "deadline" else NotReadyError)(
                        visible(mask(text, secrets))
                    )
                done = True
            except BaseException as error:
                self._undo(error, progress, keep=keep)
                raise
            finally:
                self.ending = True
                engine.settle(stands=done or keep)
                if self._blocks:
                    engine.hold()
        return self

    def _own(self) -> None:
        """Make this process the one that the Stack is of: a fork has a Stack of its own from its `up` on."""
        if self._process != os.getpid():
            self._process, self._engine, self._blocks = os.getpid(), None, 0
            self._lock = threading.RLock()  # a thread may have had it that is not here

    def _undo(self, error: BaseException, progress: Callable[[str, str], object], *, keep: bool) -> None:
        """Remove what a run made that failed, and let the error say what has become of it."""
        self.ending = True
        made = bool(self.engine.made)
        left = None if keep else self.engine.undo(progress)
        if not made and not (left and left.things):
            return
        lines = aftermath(self.project.name, left)
        if isinstance(error, NotReadyError) or (left is not None and left.things):
            if isinstance(error, ComposecheckError):
                error.args = ("\n".join([*map(str, error.args), *lines]),)
            else:
                error.add_note("\n".join(lines))
        if left is not None and left.things and left.unreachable and isinstance(error, NotReadyError):
            error.exit_code = EngineError.exit_code

    def _look_ahead(self, names: Collection[str], on_findings: Callable[[lint.Report], object]) -> None:
        """Tell what is in the way on this engine; PreflightError where that stops the start."""
        from composecheck import preflight  # which `down` has no use for

        found = preflight.examine(self.project, self.engine.survey(self.project, names), names)
        report = lint.live_report(self.project, found, self._settings)
        if report.count("error"):
            raise PreflightError(report.diagnostics)
        if report.diagnostics:
            on_findings(report)

    def down(
        self,
        *,
        volumes: bool = False,
        timeout: float | None = None,
        remove_orphans: bool = False,
        on_progress: Callable[[str, str], object] = lambda _name, _text: None,
    ) -> None:
        """Stop and remove the project's containers and networks, with `volumes` those too.

        `timeout` is the grace at stop in seconds, in place of each service's own. Services of
        every profile are the file's; containers of others are left, but with `remove_orphans`.
        Raises EngineError for what could not be removed.
        """
        known = {*self.project.services, *self.project.disabled}
        take_down(
            self.engine,
            self.project.name,
            services=None if remove_orphans else known,
            volumes=volumes,
            timeout=timeout,
            model=self.project,
            on_progress=on_progress,
        )

    def left(self) -> list[str]:
        """Return the names of what `up` created and has not removed again."""
        return self._engine.left() if self._engine is not None else list(self._left)

    def close(self) -> None:
        """Let go of the engine; what stands there stays."""
        with self._lock:
            engine, self._engine = self._engine, None
            if engine is not None and self._process == os.getpid():
                self._left = engine.left()
                engine.close()

    def __getitem__(self, service: str) -> RunningService:
        if service not in self.project.services:
            raise KeyError(f"project '{self.project.name}' has no service '{service}'")
        return RunningService(self.project.services[service], self.engine)

    def __enter__(self) -> Stack:
        self._own()
        with self._lock:
            self._blocks += 1
            _held.add(self)
            if self._engine is not None:
                self._engine.hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process != os.getpid():
            return  # a fork that leaves the block: the stack is its parent's
        with self._lock:
            self._blocks = max(0, self._blocks - 1)
            if self._blocks:
                return
            left = None
            if self._engine is not None:
                # What interrupts this leaves the rest to the end of the process, which tries once more.
                left = self._engine.undo(lambda _name, _text: None, everything=True)
                self.close()
            _held.discard(self)
        if left is not None and left.kept:
            names = ", ".join(left.kept)
            _log(f"project {self.project.name}: somebody has taken it down and kept its data: volume {names}")
        if left is None or not left.things:
            return
        if error is None:
            raise EngineError(stands(left))
        error.add_note(f"composecheck: {stands(left)}")


# Those whose block is entered, and all that are connected to an engine.
_held: set[Stack] = set()
_stacks: weakref.WeakSet[Stack] = weakref.WeakSet()


def _at_exit() -> None:
    """End the stacks whose block has not come to its end, and let go of the others."""
    for stack in tuple(_held):
        stack._blocks = 0
        try:
            stack.__exit__(None, None, None)
        except ComposecheckError as error:
            print(f"composecheck: {error}", file=sys.stderr)
    for stack in tuple(_stacks):
        stack.close()


# Registered when this is imported, so that what the program registers afterwards comes first.
atexit.register(_at_exit)


def take_down(
    engine: DockerEngine,
    project: str,
    *,
    services: Collection[str] | None = None,
    volumes: bool = False,
    timeout: float | None = None,
    model: Project | None = None,
    on_progress: Callable[[str, str], object] = lambda _name, _text: None,
) -> None:
    """Take a project down by its labels; `services` None is all that they name.

    `model` is the project as its file has it, where there is one: what it shares with others goes with
    the last of them. Raises EngineError for what could not be removed.
    """
    left = engine.down(
        project, services=services, volumes=volumes, timeout=timeout, model=model, progress=on_progress
    )
    if left.things:
        raise EngineError(stands(left))


def _log(text: str) -> None:
    import logging

    logging.getLogger("composecheck").warning("%s", text)


def _of_files(project: Project) -> frozenset[str]:
    """Return what the files of a project's `secrets` hold, of those that are one secret each."""
    found = set[str]()
    for secret in project.secrets.values():
        with suppress(SourceError):
            text = project.disk.read(secret.file, limit=_SECRET_BYTES).text.strip() if secret.file else ""
            found.update(line for line in (text, *text.split("\n")) if len(line) >= _SECRET_LENGTH)
    return frozenset(found)


@contextmanager
def _masked(secrets: frozenset[str]) -> Iterator[None]:
    """Hide secrets in what the engine, a registry or a build says."""
    try:
        yield
    except ComposecheckError as error:
        error.args = tuple(mask(str(part), secrets) for part in error.args)
        raise


__all__ = ["Address", "RunningService", "Stack", "take_down"]
