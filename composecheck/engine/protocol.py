"""What containers run on, as the start algorithm sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from composecheck.clock import Clock
    from composecheck.event import Event
    from composecheck.model.project import Probe, Project, Service
    from composecheck.snapshot import Snapshot


class Engine(Protocol):
    """Docker, or the simulated one.

    Requests other than `survey` return at once and never raise for what the engine answers: the
    answer is an Event (`created` or `refused`, `started` or `refused`, and then whatever the
    container does).
    """

    @property
    def clock(self) -> Clock:
        """The clock that this engine's Events are on."""
        ...

    def survey(self, project: Project, services: Collection[str]) -> Snapshot:
        """Return what stands on the engine before a start of some services; nothing is changed.

        The one request that answers itself, and raises EngineError where it cannot.
        """
        ...

    def create(self, service: Service, replica: int) -> None:
        """Ask for a container; answered by `created` or `refused`.

        Services are asked for after those that they depend on.
        """
        ...

    def start(self, service: Service, replica: int) -> None:
        """Ask for a created container's start; answered by `started` or `refused`."""
        ...

    def watch(self, service: Service, replica: int, probe: Probe) -> None:
        """Carry out a probe until it succeeds once; answered by `probed` or `unanswered`.

        A container that exits meanwhile and is started again is probed on: asked once only.
        """
        ...

    def next_event(self, until: float | None) -> Event | None:
        """Return the next Event, or None once the clock reaches `until` (None: wait for one).

        Times never go back; what happened until `until` comes before None. An engine on which
        nothing can happen any more returns None at once.
        """
        ...
