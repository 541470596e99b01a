"""A Project on an engine: up, and down without a trace."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref
from contextlib import contextmanager, suppress
from functools import partial, wraps
from typing import ParamSpec, cast

from composecheck import lint
from composecheck.engine import connect, require_engine
from composecheck.engine.protocol import Session
from composecheck.errors import ComposecheckError, EngineError, NotReadyError, UsageError
from composecheck.facts import Facts
from composecheck.findings.errors import PreflightError
from composecheck.named import TYPE_CHECKING
from composecheck.settings import Settings
from composecheck.stack import standing
from composecheck.stack.again import Again, adjust
from composecheck.stack.failure import aftermath, failure, stands
from composecheck.stack.secrets import masked, secrets_in
from composecheck.stack.service import Address, RunningService
from composecheck.start import Run, drive, provide
from composecheck.start import Settings as StartSettings
from composecheck.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
    from os import PathLike
    from types import GeneratorType, TracebackType
    from typing import Concatenate, Literal, Self, Unpack

    from composecheck.engine.protocol import Left, Progress, Renewal, Status
    from composecheck.event import Event
    from composecheck.model.project import Project
    from composecheck.text.secrets import Secrets

    ChosenEngine = Session | Literal["docker", "simulated"]
    Notice = Callable[[str], object]
    Findings = Callable[[lint.Report], object]

SOFT_WAIT = StartSettings().soft_wait
P = ParamSpec("P")


def _remembered(
    start: Callable[Concatenate[Stack, P], Generator[Event]],
) -> Callable[Concatenate[Stack, P], Generator[Event]]:
    """Have a Stack remember the generators of a method, which the end of the process closes."""

    @wraps(start)
    def remembered(stack: Stack, /, *arguments: P.args, **options: P.kwargs) -> Generator[Event]:
        events = cast("GeneratorType[Event, None, None]", start(stack, *arguments, **options))
        stack._starts.add(events)
        return events

    return remembered


class Stack:
    """A project to bring up on an engine, the Docker Engine at hand where none is named.

    `with Stack("compose.yml").up(timeout=60) as stack:` starts it in readiness order and, at the
    end, removes what its `up` created and nothing that stood before. Where the block does not get to
    its end, that happens at the end of the process, or by the project's next `up`. What another process
    uses in a block of its own is left to that. Threads may share a Stack: the last one to leave its
    block ends it; a fork never does. Raises LoadError for a file with errors, before the engine is touched.

    With `engine="simulated"` nothing runs, and an hour is over at once: the start is that of the best case of
    a plan, on no Docker Engine at all. `engine=Simulated({"db": Behaviour(ready=30)})` says how services
    behave; what else fills the seam `composecheck.engine.protocol.Session` is an engine as well. A Session
    serves one Stack, and who opened it closes it. Raises UsageError for what is no engine.
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
        texts: Mapping[str | PathLike[str], str] = {},
        engine: ChosenEngine | None = None,
    ) -> None:
        options = lint.options_of(
            files,
            name=name,
            profiles=profiles,
            env_files=env_files,
            project_directory=project_directory,
            environment=environment,
            texts=texts,
        )
        project, report = lint.startable(options, config)
        self._begin(project, report.settings, report.facts, engine)

    @classmethod
    def of(
        cls,
        project: Project,
        settings: Settings | None = None,
        *,
        facts: Facts | None = None,
        engine: ChosenEngine | None = None,
    ) -> Self:
        """Return the Stack of a Project that has been loaded and checked already, by some settings.

        `facts` are those of its check, where there was one. Raises UsageError for a project that is not
        accepted: what docker compose refuses nothing starts.
        """
        lint.require_accepted(project)
        stack = cls.__new__(cls)  # __init__ would read files
        stack._begin(project, settings or Settings(), facts, engine)
        return stack

    def _begin(
        self, project: Project, settings: Settings, facts: Facts | None, engine: ChosenEngine | None
    ) -> None:
        self.project = project
        self._facts = facts or Facts(project)
        self._settings = settings
        self._engine = _chosen(engine if engine is not None else "docker")
        self.events: list[Event] = []
        self.ending = False  # the start is over, one way or the other
        self._starting = False  # a start is on
        self._session: Session | None = None
        self._lock = threading.RLock()
        self._blocks = 0  # that are entered and not yet left
        self._process = os.getpid()
        self._left: list[str] = []
        self._starts: weakref.WeakSet[GeneratorType[Event, None, None]] = weakref.WeakSet()
        self._abandoned: weakref.WeakSet[Generator[Event]] = weakref.WeakSet()

    @property
    def session(self) -> Session:
        """The engine, connected to when first needed; EngineError where there is none."""
        if self._session is None:
            with self._lock:
                if self._session is None:  # no other thread was faster
                    self._session = connect(self._engine) if isinstance(self._engine, str) else self._engine
                    _stacks.add(self)
        return self._session

    def up(
        self,
        services: str | Sequence[str] = (),
        *,
        timeout: float | None = None,
        soft_wait: float = SOFT_WAIT,
        keep: bool = False,
        on_event: Callable[[Event], object] = lambda _: None,
        on_progress: Progress = lambda _name, _text: None,
        on_findings: Findings = lambda _: None,
        on_notice: Notice | None = None,
        **again: Unpack[Again],
    ) -> Self:
        """Start the services and their dependencies in readiness order; return when all are ready.

        `timeout` is one deadline in seconds for all of them, from the moment that the images are
        at hand. Raises NotReadyError as soon as one can no longer become ready, DeadlineError at
        the deadline, UnsupportedError for what cannot be done as Compose would, PreflightError for
        what is in the way on this engine (what is not is told to `on_findings`), EngineError. What
        this call created is then removed, unless `keep`; what cannot be is named by the error and
        by `left()`. `on_notice` gets a line for what is worth a word and hinders nothing, such as what
        a killed run left and somebody may have used since; by None it is logged as a warning.

        Of what stands already an unchanged container is left alone. A changed one is made anew once its
        dependencies are ready, and the former one is brought back where the start fails; in a block, at its
        end. `again` are Docker Compose's own options on that, and on scale: see `Again`.
        """
        events = self.start(
            services,
            timeout=timeout,
            soft_wait=soft_wait,
            keep=keep,
            on_progress=on_progress,
            on_findings=on_findings,
            on_notice=on_notice,
            **again,
        )
        try:
            for event in events:
                on_event(event)
        except BaseException as error:
            events.throw(error)  # where it is not the start's own, the start has to hear of it
            raise
        if events in self._abandoned:
            raise NotReadyError(f"project '{self.project.name}': the start was abandoned before its end")
        return self

    @_remembered
    def start(
        self,
        services: str | Sequence[str] = (),
        *,
        timeout: float | None = None,
        soft_wait: float = SOFT_WAIT,
        keep: bool = False,
        on_progress: Progress = lambda _name, _text: None,
        on_findings: Findings = lambda _: None,
        on_notice: Notice | None = None,
        **again: Unpack[Again],
    ) -> Generator[Event]:
        """Do what `up` does, and yield each Event as it happens; the last one makes all ready.

        Nothing is done before the first is asked for. Who does not ask for all of them, or closes the
        generator, abandons the start: what it created is removed, unless `keep`, as where it fails. As long
        as it is on, the Stack is for the thread that began it, where another start is a UsageError; those
        of other threads wait for its end.
        """
        facts, names, renewal = self._adjusted(services, again)
        self._own()
        with self._alone():
            if self._starting:
                raise UsageError(
                    f"a start of project '{self.project.name}' is on; ask for the rest of its events, or "
                    "close it, before the next one"
                )
            secrets = secrets_in(self.project)
            tell = on_notice or _log

            def progress(name: str, text: str) -> None:
                on_progress(name, visible(secrets.mask(text)))

            if again.get("dry_run"):
                self.events = []
                self._preview(facts, names, renewal, on_findings=on_findings, progress=progress)
                return
            yield from self._begun(
                facts,
                names,
                renewal,
                secrets,
                StartSettings(soft_wait=soft_wait),
                timeout=timeout,
                keep=keep,
                progress=progress,
                notice=lambda text: tell(visible(secrets.mask(text))),
                on_findings=on_findings,
            )

    def _begun(
        self,
        facts: Facts,
        names: Sequence[str],
        renewal: Renewal,
        secrets: Secrets,
        settings: StartSettings,
        *,
        timeout: float | None,
        keep: bool,
        progress: Progress,
        notice: Notice,
        on_findings: Findings,
    ) -> Iterator[Event]:
        """Begin a start, carry it out, and settle what has become of it."""
        process, session, project = self._process, self.session, facts.project
        self.events = []
        self.ending = begun = done = False
        try:
            self._starting = True
            with masked(secrets):
                session.begin(project, names, progress, renewal)
                begun = True
                session.preflight(project, names, progress, notice)
                self._look_ahead(session, facts, names, on_findings)
                engine, deadline = session.prepare(project, names, progress, timeout)
            images = {name: session.image(project.services[name]) for name in names}
            run = Run(facts.told(images), names, images, settings)
            for event in (drive if renewal.starts else provide)(engine, run, deadline):
                self.events.append(event._replace(text=visible(secrets.mask(event.text))))
                yield self.events[-1]
            if run.outcome != "ready":
                self.ending = True
                raise failure(run, self.events, session, secrets, timeout=timeout)
            done = True
        except BaseException as error:
            if begun and process == os.getpid():  # a fork that lets go of it ends nothing
                self._undo(session, error, progress, keep=keep)
            raise
        finally:
            if process == os.getpid():
                self.ending = True
                self._starting = False
                if begun:
                    session.settle(stands=done or keep)
                    if self._blocks:
                        session.hold()

    def _adjusted(
        self, services: str | Sequence[str], again: Again
    ) -> tuple[Facts, tuple[str, ...], Renewal]:
        """Return what follows from the project as a start's options have it, and what they say besides."""
        asked = [services] if isinstance(services, str) else list(services)
        project, names, renewal = adjust(self.project, asked, again)
        if not names:
            raise UsageError(f"project '{self.project.name}' has no service to start")
        return self._facts if project is self.project else Facts(project), names, renewal

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other thread start or end this Stack."""
        lock = self._lock
        lock.acquire()
        try:
            yield
        finally:
            try:
                lock.release()
            except RuntimeError:  # the thread that began a start is not the one that ends it
                self._lock = threading.RLock()

    def _own(self) -> None:
        """Make this process the one that the Stack is of: a fork has a Stack of its own from its `up` on."""
        if self._process != os.getpid():
            self._process, self._session, self._blocks = os.getpid(), None, 0
            self._starting = False
            self._lock = threading.RLock()  # a thread may have had it that is not here

    def _undo(self, session: Session, error: BaseException, progress: Progress, *, keep: bool) -> None:
        """Remove what a start made that failed, and let the error say what has become of it."""
        self.ending = True
        made = bool(session.made)
        left = None if keep else session.undo(progress)
        if not made and not (left and (left.things or left.restored)):
            return
        lines = "\n".join(aftermath(self.project.name, left))
        if isinstance(error, NotReadyError) or (left is not None and left.things):
            if isinstance(error, ComposecheckError):
                error.args = ("\n".join([*map(str, error.args), lines]),)
            elif isinstance(error, GeneratorExit):  # which nobody sees
                _log(f"project {self.project.name}: a start was abandoned\n{lines}")
            else:
                error.add_note(lines)
        if left is not None and left.things and left.unreachable and isinstance(error, NotReadyError):
            error.exit_code = EngineError.exit_code

    def _preview(
        self,
        facts: Facts,
        names: Collection[str],
        renewal: Renewal,
        *,
        on_findings: Findings,
        progress: Progress,
    ) -> None:
        """Tell what a start would do, and what is in its way."""
        session = self.session
        with masked(secrets_in(facts.project)):
            found = session.preview(facts.project, names, renewal)
            self._look_ahead(session, facts, names, on_findings)
        for name, text in found:
            progress(name, text)

    def _look_ahead(
        self, session: Session, facts: Facts, names: Collection[str], on_findings: Findings
    ) -> None:
        """Tell what is in the way on this engine; PreflightError where that stops the start."""
        from composecheck import preflight  # which `down` has no use for

        project = facts.project
        found = preflight.examine(facts, session.survey(project, names), names)
        report = lint.live_report(project, found, self._settings)
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
        on_progress: Progress = lambda _name, _text: None,
    ) -> None:
        """Stop and remove the project's containers and networks, with `volumes` those too.

        `timeout` is the grace at stop in seconds, in place of each service's own. Services of
        every profile are the file's; containers of others are left, but with `remove_orphans`.
        Raises EngineError for what could not be removed.
        """
        services = {*self.project.services, *self.project.disabled}
        take_down(
            self.session,
            self.project.name,
            services=None if remove_orphans else services,
            volumes=volumes,
            timeout=timeout,
            model=self.project,
            on_progress=on_progress,
        )

    def wait(
        self,
        services: str | Sequence[str] = (),
        *,
        timeout: float | None = None,
        soft_wait: float = SOFT_WAIT,
        on_event: Callable[[Event], object] = lambda _: None,
    ) -> Self:
        """Return when the stack is ready that somebody has started, such as `docker compose up -d`.

        What ready means, and the errors, are those of `up`; nothing is created, started or removed.
        Raises UsageError for services that have no container.
        """
        self._fold(services, timeout=timeout, soft_wait=soft_wait, on_event=on_event)
        return self

    def containers(self) -> list[Status]:
        """Return the containers of the project as they are now, whoever started them."""
        return list(self.session.standing(self.project.name))

    def _fold(
        self,
        services: str | Sequence[str],
        *,
        timeout: float | None,
        starting: Collection[str] = (),
        soft_wait: float = SOFT_WAIT,
        on_event: Callable[[Event], object] = lambda _: None,
    ) -> None:
        """Fold the Events of what stands until it is ready; see `standing.wait`."""
        names = [services] if isinstance(services, str) else list(services)
        self._own()
        with self._alone():
            if self._starting:
                raise UsageError(f"a start of project '{self.project.name}' is on, which waits itself")
            self.events = []
            for event in standing.wait(
                self.session,
                self.project,
                names,
                timeout=timeout,
                soft_wait=soft_wait,
                starting=starting,
            ):
                self.events.append(event)
                on_event(event)

    def left(self) -> list[str]:
        """Return the names of what `up` created and has not removed again."""
        return self._session.left() if self._session is not None else list(self._left)

    def close(self) -> None:
        """Let go of the engine, and abandon a start that is on; what stands there stays.

        A Session that the Stack was given is left open, for the one who opened it to close.
        """
        with self._lock:
            self._abandon()
            if self._session is None or self._session is self._engine:
                return
            session, self._session = self._session, None
            if self._process == os.getpid():
                self._left = session.left()
                session.close()

    def __getitem__(self, service: str) -> RunningService:
        if service not in self.project.services:
            raise KeyError(f"project '{self.project.name}' has no service '{service}'")
        return RunningService(self.project.services[service], self)

    def __enter__(self) -> Self:
        self._own()
        with self._lock:
            self._blocks += 1
            _held.add(self)
            if self._session is not None:
                self._session.hold()
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
            left: Left | None = None
            self._abandon()
            if self._session is not None:
                # What interrupts this leaves the rest to the end of the process, which tries once more.
                left = self._session.undo(lambda _name, _text: None, everything=True)
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

    def _abandon(self) -> None:
        """Abandon a start that this process has begun and nobody goes on with."""
        if self._process == os.getpid():
            for events in [events for events in self._starts if events.gi_suspended]:
                self._abandoned.add(events)
                with suppress(ValueError):  # another thread is at it
                    events.close()


def _chosen(engine: ChosenEngine) -> Session | str:
    """Return the engine of a Stack; UsageError for what is none, and for a Session that another Stack has."""
    if isinstance(engine, str):
        require_engine(engine)
        return engine
    if isinstance(engine, type) or not isinstance(engine, Session):
        raise UsageError(
            f"no engine: {engine!r}; 'engine' takes 'docker', 'simulated' or a Session, such as Simulated()"
        )
    if id(engine) in _given:
        raise UsageError("this engine is another Stack's already; give each Stack a Session of its own")
    _given[id(engine)] = engine
    return engine


# Those whose block is entered, and all that are connected to an engine.
_held: set[Stack] = set()
_stacks: weakref.WeakSet[Stack] = weakref.WeakSet()
# The Sessions that Stacks were given, by their identity: what a block removes is all that its Session made.
_given: weakref.WeakValueDictionary[int, Session] = weakref.WeakValueDictionary()


def _at_exit() -> None:
    """End the starts and blocks that have not come to their end, and let go of the other stacks."""
    for stack in tuple(_stacks):
        _try(stack._abandon)
    for stack in tuple(_held):
        stack._blocks = 0
        _try(partial(stack.__exit__, None, None, None))
    for stack in tuple(_stacks):
        stack.close()


def _try(end: Callable[[], object]) -> None:
    try:
        end()
    except ComposecheckError as error:
        print(f"composecheck: {error}", file=sys.stderr)


# Registered when this is imported, so that what the program registers afterwards comes first.
atexit.register(_at_exit)


def take_down(
    session: Session,
    project: str,
    *,
    services: Collection[str] | None = None,
    volumes: bool = False,
    timeout: float | None = None,
    asked: Collection[str] = (),
    model: Project | None = None,
    on_progress: Progress = lambda _name, _text: None,
) -> None:
    """Take a project down whoever started it; `services` None is all that it has, `asked` some of it.

    `model` is the project as its file has it, where there is one: what it shares with others goes with
    the last of them. Raises EngineError for what could not be removed.
    """
    left = session.down(
        project,
        services=services,
        volumes=volumes,
        timeout=timeout,
        asked=asked,
        model=model,
        progress=on_progress,
    )
    if left.things:
        raise EngineError(stands(left))


def _log(text: str) -> None:
    import logging

    logging.getLogger("composecheck").warning("%s", text)


__all__ = ["Address", "Again", "RunningService", "Stack", "take_down"]
