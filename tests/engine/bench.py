"""A project folder, and engines that run what is in it with a hand on each request."""

from __future__ import annotations

import os
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from composecheck.engine.docker import connect
from composecheck.loading import load_project
from composecheck.loading.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from composecheck.engine.docker import DockerEngine
    from composecheck.event import Event
    from composecheck.model.project import Project


class Bench:
    """A project folder, and engines that run what is in it."""

    def __init__(self, folder: Path, name: str, image: str) -> None:
        self.folder = folder
        self.name = name
        self.environment = {**os.environ, "IMAGE": image}
        self.told: list[tuple[str, str]] = []
        self.engines: list[DockerEngine] = []

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

    def engine(self) -> DockerEngine:
        engine = connect()
        self.engines.append(engine)
        return engine

    def begun(self, project: Project) -> DockerEngine:
        """An engine with a run that has begun."""
        engine = self.engine()
        engine.begin(project, list(project.services), self.tell)
        return engine

    def tell(self, name: str, text: str) -> None:
        self.told.append((name, text))

    def up(self, project: Project, *, settled: bool = True) -> tuple[DockerEngine, list[Event]]:
        """Create and start everything in order; return the engine and what it told up to then."""
        engine = self.begun(project)
        engine.preflight(project, list(project.services))
        engine.prepare(project, list(project.services), self.tell)
        requests = [
            (project.services[name], replica)
            for name in TopologicalSorter(
                {name: set(s.depends_on) for name, s in project.services.items()}
            ).static_order()
            for replica in range(1, project.services[name].replicas + 1)
        ]
        events: list[Event] = []
        for request, answers in ((engine.create, {"created"}), (engine.start, {"started"})):
            for service, replica in requests:
                if any(e.kind == "refused" and e.service == service.name for e in events):
                    continue
                request(service, replica)
                events += hear(engine, service.name, {*answers, "refused"})
        if settled:
            engine.settle(stands=True)
        return engine, events

    def end(self) -> None:
        for engine in self.engines:
            engine.undo(lambda _name, _text: None, everything=True)
            engine.close()


def hear(engine: DockerEngine, service: str, kinds: set[str], seconds: float = 20) -> list[Event]:
    """Return the events up to the first one of a service that is of these kinds."""
    events: list[Event] = []
    until = engine.clock.now() + seconds
    while (event := engine.next_event(until)) is not None:
        events.append(event)
        if event.service == service and event.kind in kinds:
            return events
    raise AssertionError(f"no {kinds} of {service} within {seconds} s, but {events}")
