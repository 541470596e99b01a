"""Requests to the engine, carried out beside the main thread, so that an interrupt cuts none in two."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from composecheck.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

# How long an engine may be silent once a start is to end: 15 s with the questions whether it is there.
PATIENCE = 13.0
_TICK = 1.0
# What is asked of an engine that is there after all, once one thing has hung: containers, networks, volumes.
_MORE = 3


class SilentError(EngineError):
    """An engine that does not answer."""

    def __init__(self) -> None:
        super().__init__("the engine does not answer")


class Patience:
    """What is left of the time for which an engine may be silent.

    A second counts when no answer comes in it. While a container has its grace at stop, it counts
    only if the engine is not `alive` either.
    """

    def __init__(self, alive: Callable[[], bool], limit: float = PATIENCE) -> None:
        self._alive = alive
        self._rest = limit
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
        while not answered(_TICK):
            if any(until > time.monotonic() for until in self._graces) and self._alive():
                continue
            if self._rest <= 0:
                self._more -= 1
                raise SilentError
            self._rest -= _TICK
            if self._rest <= 0:
                self._more = _MORE if self._alive() else 0
                raise SilentError

    @property
    def is_over(self) -> bool:
        """Whether the engine has been silent for too long."""
        return self._rest <= 0


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
        self._begin()

    def _begin(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._idle = threading.Condition()
        self._busy = 0
        self._threads = 0
        self._process = os.getpid()

    def submit(self, job: Callable[[], object]) -> None:
        """Have a job done; it must not raise."""
        if not self._staffed():
            job()
            return
        with self._idle:
            self._busy += 1
        self._jobs.put(job)

    def _staffed(self) -> bool:
        """Return whether there are threads, started where they have to be."""
        if self._process != os.getpid():
            self._begin()  # threads do not come along with a fork
        if self._closed or sys.is_finalizing():
            return False
        try:
            while self._threads < self._count:
                work = (self._jobs, self._idle)
                threading.Thread(target=self._work, args=work, daemon=True).start()
                self._threads += 1
        except RuntimeError:  # no new thread at the interpreter's end
            return bool(self._threads)
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
                self.patience.wait(answered)
            else:
                answered(None)
        answers.sort(key=lambda answer: answer[0])
        for _, _, error in answers:
            if error is not None:
                raise error
        return [value for _, value, _ in answers]  # type: ignore[misc]

    def settle(self, patience: Patience) -> None:
        """Drop the jobs that have not begun and wait for those that have; SilentError where they last."""
        if self._process != os.getpid():
            return
        dropped = 0
        while not self._closed:
            try:
                self._jobs.get_nowait()
            except queue.Empty:
                break
            dropped += 1

        def ended(seconds: float) -> bool:
            with self._idle:
                before = self._busy
                return self._idle.wait_for(lambda: self._busy < before or not self._busy, seconds)

        with self._idle:
            self._busy -= dropped
        while self._busy and not sys.is_finalizing():
            patience.wait(ended)

    def close(self) -> None:
        """Let the threads end once they have done what they were given."""
        self._closed = True
        if self._process == os.getpid():
            for _ in range(self._threads):
                self._jobs.put(None)
            self._threads = 0

    def _work(self, jobs: queue.SimpleQueue[Callable[[], object] | None], idle: threading.Condition) -> None:
        while (job := jobs.get()) is not None:
            try:
                job()
            finally:
                del job  # an idle thread keeps nothing alive
                with idle:
                    self._busy -= 1
                    idle.notify_all()
