"""Requests to the engine, carried out beside the main thread, so that an interrupt cuts none in two."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from contextlib import contextmanager
from typing import TypeVar

from composecheck.engine.moby.connection import SILENT
from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

# How long an engine may be silent once a start is to end: in all, or over one thing while it is there.
PATIENCE = 15.0
_TICK = 1.0
# What is asked of an engine that is there, once one thing has hung: containers, networks, volumes.
_MORE = 3


class SilentError(EngineError):
    """An engine that does not answer."""

    def __init__(self) -> None:
        super().__init__(SILENT)


class Patience:
    """What is left of the time for which an engine may be silent.

    Where it is not `alive` that adds up; where it is, something may hang for as long, but for a container
    that has its grace at stop.
    """

    def __init__(self, alive: Callable[[], bool], limit: float = PATIENCE) -> None:
        self._alive = alive
        self._limit = self._rest = limit
        self._more = _MORE
        self._graces: list[float] = []

    @contextmanager
    def grace(self, seconds: float) -> Iterator[None]:
        """Say that an answer may take that long, as long as the engine is there."""
        until = time.monotonic() + seconds
        self._graces.append(until)
        try:
            yield
        finally:
            self._graces.remove(until)

    def wait(self, answered: Callable[[float], bool]) -> None:
        """Wait with `answered`, which returns whether an answer came within so many seconds.

        Raises SilentError when the time is up. Where the engine is alive then, one thing that hangs is
        not all: a few more have a second each.
        """
        if self._rest <= 0 and not self._more:
            raise SilentError
        hung, before = 0.0, time.monotonic()
        while not answered(_TICK):
            alive, now = self._alive(), time.monotonic()
            if not alive:
                self._rest -= now - before
            elif not any(until > now for until in self._graces):
                hung += now - before
            before = now
            if self._rest <= 0 and alive:
                self._more -= 1
            elif self._rest <= 0 or hung >= self._limit:
                self._rest, self._more = 0.0, _MORE if alive else 0
            else:
                continue
            raise SilentError

    @property
    def is_over(self) -> bool:
        """Whether the engine has been silent for too long."""
        return self._rest <= 0


class _Crew:
    """Some threads, and the jobs that they share."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self.idle = threading.Condition()
        self.busy = 0
        self.threads = 0
        self.process = os.getpid()

    def hire(self, count: int) -> None:
        """Have so many threads; RuntimeError where none can be started."""
        while self.threads < count:
            threading.Thread(target=self._work, daemon=True).start()
            self.threads += 1

    def dismiss(self) -> None:
        """Let the threads end once they have done what they were given."""
        for _ in range(self.threads):
            self.jobs.put(None)
        self.threads = 0

    def _work(self) -> None:
        while (job := self.jobs.get()) is not None:
            try:
                job()
            finally:
                del job  # an idle thread keeps nothing alive
                with self.idle:
                    self.busy -= 1
                    self.idle.notify_all()


class Workers:
    """A few daemon threads that carry out jobs in the order given; they start with the first job.

    concurrent.futures would do but for its threads, which keep an interrupted process alive. Where no
    thread can work (the interpreter is ending), a job is done by who brings it. With `patience` set,
    whoever waits for jobs does so no longer than that lasts.
    """

    def __init__(self, count: int) -> None:
        self.patience: Patience | None = None
        self._count = count
        self._closed = False
        self._crew = _Crew()

    def submit(self, job: Callable[[], object]) -> None:
        """Have a job done; it must not raise."""
        if not self._staffed():
            job()
            return
        with self._crew.idle:
            self._crew.busy += 1
        self._crew.jobs.put(job)

    def _staffed(self) -> bool:
        """Return whether there are threads, started where they have to be."""
        if self._crew.process != os.getpid():
            self._crew = _Crew()  # threads do not come along with a fork
        if self._closed or sys.is_finalizing():
            return False
        try:
            self._crew.hire(self._count)
        except RuntimeError:  # no new thread at the interpreter's end
            return bool(self._crew.threads)
        return True

    def call(self, job: Callable[[], T]) -> T:
        """Have a job done and return what it returns, or raise what it raises."""
        return self.each([job])[0]

    def each(self, jobs: list[Callable[[], T]]) -> list[T]:
        """Have jobs done side by side and return what they return, or raise what the first one raised."""
        done: queue.SimpleQueue[tuple[int, T | None, BaseException | None]] = queue.SimpleQueue()
        answers: list[tuple[int, T | None, BaseException | None]] = []

        def report(number: int, job: Callable[[], T]) -> None:
            try:
                done.put((number, job(), None))
            except BaseException as error:  # raised again by the caller
                done.put((number, None, error))

        def answered(seconds: float | None) -> bool:
            try:
                answers.append(done.get(timeout=seconds))
            except queue.Empty:
                return False
            return True

        for number, job in enumerate(jobs):
            self.submit(lambda number=number, job=job: report(number, job))  # type: ignore[misc]
        for _ in jobs:
            if self.patience is not None:
                with self._relieved():
                    self.patience.wait(answered)
            else:
                answered(None)
        answers.sort(key=lambda answer: answer[0])
        for _, _, error in answers:
            if error is not None:
                raise error
        return [value for _, value, _ in answers]  # type: ignore[misc]

    @contextmanager
    def _relieved(self) -> Iterator[None]:
        """Have other threads go on where some wait for an answer that does not come."""
        try:
            yield
        except SilentError:
            self._crew.dismiss()
            self._crew = _Crew()
            raise

    def settle(self, patience: Patience) -> None:
        """Drop the jobs that have not begun and wait for those that have; SilentError where they last."""
        crew = self._crew
        if crew.process != os.getpid():
            return
        dropped = 0
        while not self._closed:
            try:
                crew.jobs.get_nowait()
            except queue.Empty:
                break
            dropped += 1

        def ended(seconds: float) -> bool:
            with crew.idle:
                before = crew.busy
                return crew.idle.wait_for(lambda: crew.busy < before or not crew.busy, seconds)

        with crew.idle:
            crew.busy -= dropped
        with self._relieved():
            while crew.busy and not sys.is_finalizing():
                patience.wait(ended)

    def close(self) -> None:
        """Let the threads end once they have done what they were given."""
        self._closed = True
        if self._crew.process == os.getpid():
            self._crew.dismiss()
