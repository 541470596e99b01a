"""Projects made of values, for what a start does with them; no file is read."""

from __future__ import annotations

from pathlib import Path

from composecheck.engine.simulated import SimulatedEngine
from composecheck.facts import Facts
from composecheck.model.project import Builds, Dependency, Healthcheck, Project, Service
from composecheck.start import Run, drive, select
from composecheck.text.disk import Disk
from composecheck.text.node import Node
from composecheck.text.source import Source, whole

SOURCE = Source("compose.yml", "services: {}\n")
DISK = Disk()
NODE = Node({}, whole(SOURCE), whole(SOURCE))


def needs(service, condition="service_started", **more) -> Dependency:
    """An entry of depends_on."""
    return Dependency(service, NODE, condition, **more)


def healthy(service, **more) -> Dependency:
    return needs(service, "service_healthy", **more)


def completed(service, **more) -> Dependency:
    return needs(service, "service_completed_successfully", **more)


def health(**times) -> Healthcheck:
    """A healthcheck every second, three times, with a timeout of a second."""
    return Healthcheck(NODE, ("CMD", "probe"), **{"interval": 1.0, "timeout": 1.0, "retries": 3, **times})


def service(*depends_on, **more) -> Service:
    """A service; its name is given by the project."""
    return Service("", NODE, depends_on={d.service: d for d in depends_on}, **more)


def project(disabled=None, **services) -> Project:
    named = {name: value.replace(name=name) for name, value in services.items()}
    off = {name: value.replace(name=name) for name, value in (disabled or {}).items()}
    return Project("test", Path("/nowhere"), (SOURCE,), NODE, DISK, Builds(DISK), named, off, accepted=True)


def start(project, names=(), *, behaviours=None, images=None, settings=None, deadline=None):
    """Start a project on the simulated engine; return its Run and all Events."""
    run = Run(Facts(project).told(images or {}), select(project, names), images or {}, settings)
    events = list(drive(SimulatedEngine(behaviours, images), run, deadline))
    return run, events


def times(events, kind) -> dict[str, float]:
    """When each service first saw an Event of a kind."""
    found: dict[str, float] = {}
    for event in events:
        if event.kind == kind:
            found.setdefault(event.service, event.time)
    return found


def texts(events, kind) -> dict[str, str]:
    return {event.service: event.text for event in events if event.kind == kind}
