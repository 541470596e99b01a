"""A project folder, and sessions that run what is in it with a hand on each request."""

from __future__ import annotations

import os
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from composecheck.engine.docker import connect
from composecheck.loading import load_project
from composecheck.loading.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from composecheck.engine.docker import DockerSession
    from composecheck.engine.docker.engine import DockerEngine
    from composecheck.event import Event
    from composecheck.model.project import Project


class Bench:
    """A project folder, and sessions that run what is in it; `engine` is that of the last start."""

    def __init__(self, folder: Path, name: str, image: str) -> None:
        self.folder = folder
        self.name = name
        self.environment = {**os.environ, "IMAGE": image}
        self.told: list[tuple[str, str]] = []
        self.sessions: list[DockerSession] = []
        self.engine: DockerEngine | None = None

    @property
    def file(self) -> Path:
        return self.folder / "compose.yml"

    def load(self, text: str) -> Project:
        self.file.write_text(text)
        options = Options(
            files=(str(self.file),),
            name=self.name,
            environment=self.environment,
            compose="2.40",  # as the docker compose at hand
        )
        project, diagnostics = load_project(options)
        assert not [d for d in diagnostics if d.severity == "error"], diagnostics
        return project

    def session(self) -> DockerSession:
        session = connect()
        self.sessions.append(session)
        return session

    def begun(self, project: Project) -> DockerSession:
        """A session with a run that has begun."""
        session = self.session()
        session.begin(project, list(project.services), self.tell)
        return session

    def prepared(self, project: Project) -> DockerSession:
        """A session with a run whose images, networks and volumes are there."""
        session = self.begun(project)
        self.engine, _ = session.prepare(project, list(project.services), self.tell)
        return session

    def tell(self, name: str, text: str) -> None:
        self.told.append((name, text))

    def up(self, project: Project, *, settled: bool = True) -> tuple[DockerSession, list[Event]]:
        """Create and start everything in order; return the session and what was told up to then."""
        session = self.begun(project)
        session.preflight(project, list(project.services))
        engine, _ = session.prepare(project, list(project.services), self.tell)
        self.engine = engine
        dependencies = {name: set(s.depends_on) for name, s in project.services.items()}
        services = [project.services[name] for name in TopologicalSorter(dependencies).static_order()]
        events: list[Event] = []
        for request, answer in (
            (lambda service: engine.create([service]), "created"),
            (engine.start, "started"),
        ):
            for service in services:
                if any(e.kind == "refused" and e.service == service.name for e in events):
                    continue
                request(service)
                for _ in range(service.replicas):
                    events += hear(engine, service.name, {answer, "refused"})
        if settled:
            session.settle(stands=True)
        return session, events

    def end(self) -> None:
        for session in reversed(self.sessions):  # the last one may have the turn yet
            session.undo(lambda _name, _text: None, everything=True)
            session.close()


def hear(engine: DockerEngine, service: str, kinds: set[str], seconds: float = 20) -> list[Event]:
    """Return the events up to the first one of a service that is of these kinds."""
    events: list[Event] = []
    until = engine.clock.now() + seconds
    while (event := engine.next_event(until)) is not None:
        events.append(event)
        if event.service == service and event.kind in kinds:
            return events
    raise AssertionError(f"no {kinds} of {service} within {seconds} s, but {events}")
