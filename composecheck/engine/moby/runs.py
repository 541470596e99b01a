"""The runs of one engine on one project: their records, and what they owe to the runs of others."""

from __future__ import annotations

import secrets
import time

from composecheck.engine.moby import marker
from composecheck.engine.moby.workers import PATIENCE
from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from composecheck.engine.moby.marker import Record


class Runs:
    """The run under way and those before it, each an `up`; `engine_time` as a Marker takes it."""

    def __init__(self, engine: str, project: str, engine_time: float) -> None:
        self.project = project
        self._engine = engine
        self._engine_time = engine_time
        self._all: list[marker.Marker] = []
        self._turn: marker.Turn | None = None

    def begin(self, services: Collection[str], waiting: Callable[[], object]) -> None:
        """Begin a run once no other start of the project is under way; `waiting` is called if one is.

        Raises UsageError where it is a start of these runs, for whose end nobody would come to wait.
        """
        if self._turn is not None:
            raise UsageError(f"a start of project '{self.project}' is on already")
        self._turn = marker.Turn(self._engine, self.project, waiting)
        try:
            run = secrets.token_hex(8)
            new = marker.Marker(run, self._engine, self.project, services, self._engine_time)
            self._all.append(new)
        except BaseException:  # nobody settles what has not begun
            self.end_turn()
            raise

    @property
    def current(self) -> marker.Marker:
        """The run that began last."""
        return self._all[-1]

    @property
    def all(self) -> list[marker.Marker]:
        """All of them, in order."""
        return list(self._all)

    @property
    def under_way(self) -> list[marker.Marker]:
        """The run that is being started, if one is."""
        return [run for run in self._all if run.state == "starting"]

    @property
    def made(self) -> list[str]:
        """The names of what they made and have not removed again."""
        return [name for run in self._all for name in run.made]

    def settle(self, *, stands: bool) -> None:
        """End the start that is under way; where what it made `stands`, others leave that alone."""
        for run in self.under_way:
            if stands:
                run.enter("standing")
            elif not run.made:
                run.remove()
                self._all.remove(run)
        self.end_turn()

    def took_down(self) -> None:
        """Note that we have taken the project down ourselves, and nobody else has."""
        for run in self._all:
            run.containers.clear()

    def hold(self) -> None:
        """Say that what they made is to go with this process, however that ends."""
        for run in self._all:
            run.enter("held")

    def await_turn(self) -> None:
        """Wait for the project's turn, but for a start that has it: what that uses is left to it."""
        until = time.monotonic() + PATIENCE
        while self._turn is None and time.monotonic() < until:
            try:
                self._turn = marker.Turn(self._engine, self.project, None)
            except marker.TurnTakenError:
                if any(each.is_user and each.state == "starting" for each in self.others(self._all)):
                    return
                time.sleep(0.05)

    def others(self, runs: Collection[marker.Marker]) -> list[Record]:
        """Return the runs of this project but for some."""
        own = {run.run for run in runs}
        return [
            each
            for each in marker.records(self._engine)
            if isinstance(each, marker.Record) and each.project == self.project and each.run not in own
        ]

    def conclude(self, runs: Collection[marker.Marker], others: Collection[Record], *, spared: bool) -> None:
        """Bring the records to what has become of what some runs made.

        What is `spared` goes with the last of the others that are alive; where none is, it is to stand.
        """
        alive = any(each.is_user for each in others)
        for run in runs:
            if spared and alive:
                run.enter("passed")
                run.close()
            else:
                run.remove()
            self._all.remove(run)
        for each in others:
            if (each.is_to_go and not spared) or (each.state == "standing" and not (alive or each.live)):
                each.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the records; who removes what a run has used has to know where that is to stand."""
        others = self.others(self._all) if self._all else []
        used = any(each.is_user for each in others)
        for run in self._all:
            if run.state == "standing" and not used:
                run.remove()
            else:
                run.close()
        for each in others:
            if each.state == "standing" and not each.live and not used:
                each.path.unlink(missing_ok=True)
        self._all = []
        self.end_turn()

    def end_turn(self) -> None:
        """Let other starts of the project begin."""
        if self._turn is not None:
            self._turn.end()
            self._turn = None
