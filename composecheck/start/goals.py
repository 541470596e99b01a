"""What a start waits for: on an edge its guard, of a service its readiness."""

from __future__ import annotations

import math
from typing import NamedTuple

from composecheck.facts.ports import open_ports
from composecheck.facts.schedule import Attempts, assumed, drawn, effective, windows
from composecheck.model.project import Probe
from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from typing import Literal

    from composecheck.facts import Facts
    from composecheck.facts.guards import Guard, Until
    from composecheck.model.project import Dependency, Image, Service


class Settings(NamedTuple):
    """How a start goes about what the file leaves open; times in seconds.

    `bound` is for a plan: it asks how early or how late the attempts of an x-retry can come, where
    a real start draws their jitter, and what becomes of the others when one service has failed.
    """

    soft_wait: float = 10.0  # for a dependency that has a probe and no guard; 0 is Compose's own order
    settle: float = 1.0  # how long a service without a probe has to run on to count as ready
    bound: Literal["earliest", "latest"] | None = None


class Goal(NamedTuple):
    """What makes a service ready.

    completion   it has to end with 0, since a dependent waits for that; a provider has to return
    readiness    its x-readiness
    healthcheck  its healthcheck; `inherited` where only the image has one
    ports        a port on which it is expected to answer; after the soft wait, that it runs is enough
    running      that it runs and goes on running

    One that `publishes` a port is there to answer on it. One that is `assumed` only its image can tell.
    """

    kind: Literal["completion", "readiness", "healthcheck", "ports", "running"]
    probe: Probe | None = None
    inherited: bool = False
    publishes: bool = False
    assumed: bool = False

    def may_end(self, *, answered: bool) -> bool:
        """Return whether an end with 0 is a job done, and not the loss of a service."""
        if self.kind in ("ports", "running") or self.inherited:
            return answered or not self.publishes
        return self.kind == "completion"

    @property
    def probed(self) -> bool:
        """Whether there is something to wait for other than that it runs or ends."""
        return self.kind in ("readiness", "healthcheck", "ports")


def goal(service: Service, image: Image | None, *, ends: bool, needed: bool) -> Goal:
    """Return what makes a service ready.

    `ends` where a dependent waits for its completion, `needed` where there is a dependent at all.
    """
    if ends or service.provider is not None:
        return Goal("completion")
    if service.readiness is not None:
        return Goal("readiness", service.readiness)
    publishes = bool(service.ports) and service.network_mode is None
    reckoned = assumed(service, image)
    if reckoned or effective(service, image) is not None:
        inherited = effective(service, None) is None
        return Goal("healthcheck", inherited=inherited, publishes=publishes, assumed=reckoned)
    if published := _published(service):
        return Goal("ports", Probe(tcp=published), publishes=publishes)
    ports, assumed_ports = (image.ports, "ports" in image.assumed) if image is not None else ((), False)
    if (ports or assumed_ports) and _answers(service, needed=needed):
        return Goal("ports", Probe(tcp=ports or None), publishes=publishes, assumed=not ports)
    return Goal("running", publishes=publishes)


def _published(service: Service) -> tuple[int, ...]:
    """Return the TCP ports on which a service is expected to answer since it publishes them."""
    if service.network_mode is not None:
        return ()
    return open_ports(service)


def _answers(service: Service, *, needed: bool) -> bool:
    """Return whether a service is expected to answer on the TCP ports that its image exposes.

    That speaks of the command that the image brings. A service with a command of its own that nobody
    needs (a worker beside the web server of the same image) need not listen at all.
    """
    its_own = service.command is None and service.entrypoint is None
    return service.network_mode != "none" and (its_own or needed)


class Wait(NamedTuple):
    """What a dependent waits for on one edge.

    healthy    the dependency's healthcheck says so
    completed  the dependency ended with 0
    attempts   an attempt of the x-retry finds the dependency ready
    soft       the dependency is ready, or `limit` seconds have passed since it started
    started    the dependency's process runs
    never      the guard is broken: nothing can make it hold
    nothing    one of the two has no replicas
    """

    dependency: Dependency
    guard: Guard
    kind: Until | Literal["soft"]
    limit: float = math.inf
    attempts: Attempts | None = None

    def __str__(self) -> str:
        name = f"'{self.dependency.service}'"
        return {
            "healthy": f"{name} to be healthy",
            "completed": f"{name} to complete",
            "attempts": f"{name} to be ready (x-retry)",
            "soft": f"{name} to be ready, at most {format_duration(self.limit)}",
            "started": f"{name} to start",
            "never": f"{name}: {self.guard.reason}",
            "nothing": f"nothing of {name}",
        }[self.kind]


def wait(facts: Facts, service: Service, dependency: Dependency, settings: Settings, *, target: Goal) -> Wait:
    """Return what a service waits for on one of its edges; `target` is the dependency's own goal."""
    guard = facts.guard(service, dependency)
    retry = dependency.retry or service.retry
    if guard.until == "attempts" and retry is not None:
        plan = windows(retry) if settings.bound else drawn(retry)
        return Wait(dependency, guard, "attempts", attempts=plan)
    # A namespace or volumes are there from the start, whatever the dependency's process does.
    in_time = target.probed and settings.soft_wait > 0 and dependency.implicit in (None, "links")
    if guard.until == "started" and guard.soft and in_time:
        return Wait(dependency, guard, "soft", limit=settings.soft_wait)
    return Wait(dependency, guard, guard.until)
