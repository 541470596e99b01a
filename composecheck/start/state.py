"""What has been seen of one service so far, and what that amounts to."""

from __future__ import annotations

import math
from typing import NamedTuple

from composecheck.facts.schedule import restarts_again
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    from composecheck.event import Concluded, Event
    from composecheck.model.project import Service
    from composecheck.start.goals import Goal, Settings, Wait

    Phase = Literal["waiting", "starting", "ready", "completed", "failed", "blocked"]


NOW = -math.inf  # the moment of what no time has to pass for
_MORE_TIME = "; 'start_period' or more 'retries' give it more time"
CRASH_LOOP = 2  # restarts; one can be an accident of the start, the next one is a habit
# What somebody else does need not be the end: a restart by hand starts again, a commit pauses for a moment.
_BY_HAND = 2.0
# Signals that tell a process something, and are not sent to end it.
_TELLING = {"SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"}


class Prospect(NamedTuple):
    """What is to be concluded at a moment, unless something happens before."""

    when: float
    kind: Concluded


class Doom(NamedTuple):
    """What ends a service at a moment, unless it goes on before."""

    when: float
    text: str
    replica: int


class Container:
    """One replica as last seen."""

    __slots__ = (
        "answered",
        "crashes",
        "created",
        "ended",
        "exit_code",
        "exit_text",
        "healthy",
        "looked",
        "old",
        "probed",
        "restarts",
        "running",
        "seen",
        "signal",
    )

    def __init__(self) -> None:
        self.created = self.seen = self.running = self.healthy = self.probed = self.ended = False
        self.answered = False  # a probe of it has succeeded at some time
        self.old = False  # it ran before, for longer than a start waits
        self.looked = False  # and its port was looked at
        self.signal = ""  # what somebody else sent it
        self.restarts = 0
        self.crashes = 0  # exits that count towards a crash loop
        self.exit_code: int | None = None
        self.exit_text = ""


class State:
    """One service in a start: its containers counted, its waits, and the phase it is in.

    `holds` has the moment at which each wait is over, infinity while nothing says when; `missing`
    counts those, and the containers that are yet to be created.
    """

    __slots__ = (
        "_containers",
        "began",
        "blocker",
        "dependents",
        "doom",
        "ended",
        "fault",
        "fault_replica",
        "goal",
        "health_awaited",
        "healthy",
        "holds",
        "index",
        "missing",
        "notes",
        "optional",
        "phase",
        "probed",
        "prospect",
        "ready_at",
        "retries",
        "running",
        "seen",
        "service",
        "since",
        "targets",
        "told",
        "told_at",
        "version",
        "waits",
        "was_healthy",
    )

    def __init__(self, index: int, service: Service, goal: Goal) -> None:
        self.index = index
        self.service = service
        self.goal = goal
        self.phase: Phase = "waiting"
        self.waits: tuple[Wait, ...] = ()
        self.targets: tuple[State, ...] = ()  # what each of the waits is for
        self.holds: list[float] = []
        self.notes: list[str] = []  # dependencies that are not required and not in the run
        self.told: int | None = None  # which wait changed last, and when
        self.told_at = NOW
        self.missing = service.replicas
        self.dependents: list[tuple[State, int]] = []
        self.health_awaited = False  # a dependent waits for its healthcheck
        self.optional = False  # only wanted by what does not require it
        self.retries = False  # one of its waits is an x-retry
        self._containers: dict[int, Container] = {}
        self.seen = self.running = self.healthy = self.probed = self.ended = 0
        self.was_healthy = False
        self.began: float | None = None  # all replicas had been started once
        self.since = NOW  # the last start of one of them
        self.ready_at = 0.0
        self.fault = ""
        self.fault_replica = 1
        self.doom: Doom | None = None
        self.blocker = ""
        self.prospect: Prospect | None = None
        self.version = 0

    @property
    def all_healthy(self) -> bool:
        """Whether the healthcheck of every replica says healthy, or said so before a job ended."""
        return self.healthy == self.service.replicas or (self.phase == "completed" and self.was_healthy)

    @property
    def is_ready(self) -> bool:
        """Whether the service is what its goal asks."""
        return self.phase in ("ready", "completed")

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.phase in ("completed", "failed", "blocked")

    @property
    def is_disturbed(self) -> bool:
        """Whether a container has ended that should run, or somebody has laid hands on one."""
        return self.doom is not None or self.running + self.ended < self.service.replicas

    @property
    def old(self) -> bool:
        """Whether a container of it has run for longer than a start would wait."""
        return any(container.old for container in self._containers.values())

    @property
    def looked(self) -> bool:
        """Whether a port that did not answer was looked at once, since its container is old."""
        return any(container.looked for container in self._containers.values())

    @property
    def is_looked_at(self) -> bool:
        """Whether that look is still to come."""
        return self.goal.kind == "ports" and any(
            container.old and not (container.looked or container.probed)
            for container in self._containers.values()
        )

    def container(self, replica: int) -> Container:
        """Return what was seen of one replica."""
        return self._containers.setdefault(replica, Container())

    def fail(self, text: str, replica: int) -> None:
        """Note why the service can no longer become ready; the first reason stays."""
        if not self.fault:
            self.fault, self.fault_replica = text, replica

    def fold(self, event: Event, *, forgiven: bool = False, old: bool = False) -> None:
        """Take in what an engine reports.

        `forgiven` where an exit is owed to a dependency, `old` where a container has run for longer than
        a start would wait for its port.
        """
        container = self.container(event.replica)
        match event.kind:
            case "created":
                if not container.created:
                    container.created, self.missing = True, self.missing - 1
            case "started":
                self._started(container, event, old=old)
            case "healthy":
                self._mark(container, healthy=True)
            case "unhealthy":
                self._mark(container, healthy=False)
                # Final, as in Compose: an engine says so only after all retries (docker/compose#12424).
                if self.health_awaited or self.goal.kind == "healthcheck":
                    text = "its healthcheck says unhealthy" + (_more(event.text) or _MORE_TIME)
                    self.fail(text, event.replica)
            case "probed":
                self._mark(container, probed=True)
            case "unanswered":
                self._unanswered(container, event)
            case "exited":
                self._exited(container, event, forgiven=forgiven)
            case "refused":
                self.fail(event.text or "the engine refused it", event.replica)
            case _ if not container.ended:
                self._disturbed(container, event)

    def _disturbed(self, container: Container, event: Event) -> None:
        """Take in what somebody else does to a container."""
        match event.kind:
            case "signalled" if event.text not in _TELLING:
                container.signal = event.text
            case "paused":
                self._doom(event, "it was paused by someone else")
            case "resumed":
                self._spare(event.replica)
            case "stopped":
                code = container.exit_code
                ended = f" (exit code {code})" if code is not None and not container.running else ""
                self._doom(event, "it was stopped by someone else" + ended)
            case "removed":
                self.fail("it was removed by someone else", event.replica)

    def _unanswered(self, container: Container, event: Event) -> None:
        if self.goal.kind == "ports":
            container.looked = True
        else:
            self.fail("its x-readiness did not answer" + _more(event.text), event.replica)

    def _started(self, container: Container, event: Event, *, old: bool) -> None:
        container.old = old
        if container.signal:  # somebody has restarted it, which is none of its habits
            container.signal = ""
        elif container.exit_code is not None:
            container.restarts += 1
            # A policy that ends grants all of its attempts.
            if container.crashes >= CRASH_LOOP and self.service.max_retries is None:
                text = f"restarted twice, exit code {container.exit_code}" + _more(container.exit_text)
                self.fail(text, event.replica)
        self._spare(event.replica)
        if not container.running:
            container.running, self.running = True, self.running + 1
        self.since = max(self.since, event.time - event.age)
        if not container.seen:
            container.seen, self.seen = True, self.seen + 1
            if self.seen == self.service.replicas:
                self.began = self.since

    def _doom(self, event: Event, text: str) -> None:
        """Note what ends the service, unless it goes on before long."""
        self.doom = Doom(event.time + _BY_HAND, text, event.replica)

    def _spare(self, replica: int) -> None:
        if self.doom is not None and self.doom.replica == replica:
            self.doom = None

    def _mark(self, container: Container, *, healthy: bool | None = None, probed: bool | None = None) -> None:
        """Note what probes say of one replica, and keep the counts."""
        container.answered = container.answered or bool(healthy or probed)
        if healthy is not None and healthy != container.healthy:
            container.healthy, self.healthy = healthy, self.healthy + (1 if healthy else -1)
            self.was_healthy = self.was_healthy or self.healthy == self.service.replicas
        if probed is not None and probed != container.probed:
            container.probed, self.probed = probed, self.probed + (1 if probed else -1)

    def _exited(self, container: Container, event: Event, *, forgiven: bool) -> None:
        code = container.exit_code = event.exit_code or 0
        container.exit_text = event.text
        if container.running:
            container.running, self.running = False, self.running - 1
        self._mark(container, healthy=False, probed=False)
        if container.signal:
            how = "killed" if container.signal == "SIGKILL" else "stopped"
            self._doom(event, f"it was {how} by someone else ({container.signal}, exit code {code})")
        elif restarts_again(self.service, code, container.restarts):
            container.crashes += not forgiven
        elif code:
            count = container.restarts
            after = f" after {count} restart{'s' if count > 1 else ''}" if count else ""
            self.fail(f"exit code {code}{after}" + _more(event.text), event.replica)
        elif not self.goal.may_end(answered=container.answered) or (
            self.health_awaited and not self.was_healthy
        ):
            self.fail(f"exit code 0 {self._too_early()}", event.replica)
        elif not container.ended:
            container.ended, self.ended = True, self.ended + 1

    def _too_early(self) -> str:
        """Return what an end with 0 came before, or after."""
        if self.goal.kind == "running":
            return "though it publishes a port, as what serves does"
        if self.goal.publishes and not self.health_awaited:
            return "before it answered on a port that it publishes"
        if self.phase == "ready":
            return "after it was ready"
        return "before its " + (
            "x-readiness answered" if self.goal.kind == "readiness" else "healthcheck said healthy"
        )

    def reached(self, settings: Settings) -> Prospect | None:
        """Return when the containers, as they are, amount to a goal reached."""
        replicas = self.service.replicas
        if self.ended == replicas:
            return Prospect(NOW, "completed")
        if self.phase == "ready" or self.goal.kind == "completion":
            return None
        seen = {"readiness": self.probed, "ports": self.probed, "healthcheck": self.healthy}
        if seen.get(self.goal.kind, 0) + self.ended == replicas:
            return Prospect(NOW, "ready")
        if self.is_looked_at:
            return None
        # Without a probe, or where a port need not be one that is used: it runs, and that will do.
        if self.goal.kind in ("ports", "running") and self.running + self.ended == replicas:
            moment = self.since + settings.settle
            if self.goal.kind == "ports" and self.began is not None:
                moment = max(moment, self.began + settings.soft_wait)
            return Prospect(moment, "ready")
        return None


def _more(text: str) -> str:
    return f": {text}" if text else ""
