"""A Project on a Docker Engine: up, and down without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from composecheck import lint, start
from composecheck.errors import DeadlineError, EngineError, LoadError, NotReadyError, UsageError
from composecheck.stack.failure import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from composecheck.engine.docker import DockerEngine
    from composecheck.event import Event
    from composecheck.project import Project, Service


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
    end, removes what this `up` created and nothing that stood before. Raises LoadError for a file
    with errors, before the engine is touched.
    """

    def __init__(
        self,
        *files: str | Path,
        name: str | None = None,
        profiles: Sequence[str] = (),
        env_files: Sequence[str | Path] = (),
        project_directory: str | Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        report = lint.check(
            *files,
            name=name,
            profiles=profiles,
            env_files=env_files,
            project_directory=project_directory,
            environment=environment,
        )
        if report.project is None or any(d.severity == "error" for d in report.diagnostics):
            raise LoadError(report.diagnostics)
        self._begin(report.project)

    @classmethod
    def of(cls, project: Project) -> Stack:
        """Return the Stack of a Project that has been loaded and checked already."""
        stack = cls.__new__(cls)
        stack._begin(project)
        return stack

    def _begin(self, project: Project) -> None:
        self.project = project
        self.events: list[Event] = []
        self._engine: DockerEngine | None = None

    @property
    def engine(self) -> DockerEngine:
        """The engine at hand, connected to when first needed; EngineError where there is none."""
        if self._engine is None:
            from composecheck.engine.docker import connect

            self._engine = connect()
        return self._engine

    def up(
        self,
        services: Sequence[str] = (),
        *,
        timeout: float | None = None,
        soft_wait: float = start.Settings().soft_wait,
        keep: bool = False,
        on_event: Callable[[Event], object] = lambda _: None,
        on_progress: Callable[[str, str], object] = lambda _name, _text: None,
    ) -> Stack:
        """Start the services and their dependencies in readiness order; return when all are ready.

        `timeout` is one deadline in seconds for all of them, from the moment that the images are
        at hand. Raises NotReadyError as soon as one can no longer become ready, DeadlineError at
        the deadline, UnsupportedError for what cannot be done as Compose would, EngineError. What
        this call created is then removed, unless `keep`.
        """
        names = start.select(self.project, services)
        if not names:
            raise UsageError(f"project '{self.project.name}' has no service to start")
        engine = self.engine
        engine.preflight(self.project, names, on_progress)
        done = False
        try:
            engine.prepare(self.project, names, on_progress)
            images = {name: engine.image(self.project.services[name]) for name in names}
            run = start.Run(self.project, names, images, start.Settings(soft_wait=soft_wait))
            deadline = None if timeout is None else engine.clock.now() + timeout
            for event in start.drive(engine, run, deadline):
                self.events.append(event)
                on_event(event)
            if run.outcome != "ready":
                self._raise(run, timeout, keep)
            done = True
        finally:
            if not done and not keep:
                engine.undo(on_progress)
            engine.settle()
        return self

    def _raise(self, run: start.Run, timeout: float | None, keep: bool) -> None:
        text = explain(self.project, run, self.events, self.engine, timeout=timeout, keep=keep)
        raise DeadlineError(text) if run.outcome == "deadline" else NotReadyError(text)

    def down(
        self,
        *,
        volumes: bool = False,
        timeout: float | None = None,
        on_progress: Callable[[str, str], object] = lambda _name, _text: None,
    ) -> None:
        """Stop and remove the project's containers and networks, with `volumes` those too.

        `timeout` is the grace at stop in seconds, in place of each service's own.
        """
        left = self.engine.down(self.project.name, volumes=volumes, timeout=timeout, progress=on_progress)
        if left:
            raise EngineError("still there: " + ", ".join(left))

    def left(self) -> list[str]:
        """Return the names of what `up` created and has not removed again."""
        return self._engine.left() if self._engine is not None else []

    def __getitem__(self, service: str) -> RunningService:
        if service not in self.project.services:
            raise KeyError(f"project '{self.project.name}' has no service '{service}'")
        return RunningService(self.project.services[service], self.engine)

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._engine is not None:
            engine, self._engine = self._engine, None
            try:
                engine.undo(lambda _name, _text: None)
            finally:
                engine.close()


__all__ = ["Address", "RunningService", "Stack"]
