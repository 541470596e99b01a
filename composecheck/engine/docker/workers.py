"""Requests to the engine, carried out beside the main thread, so that an interrupt cuts none in two."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Workers:
    """A few daemon threads that carry out jobs in the order given.

    concurrent.futures would do but for its threads, which keep an interrupted process alive.
    """

    def __init__(self, count: int) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._idle = threading.Condition()
        self._busy = 0
        self._count = count
        for _ in range(count):
            threading.Thread(target=self._work, daemon=True).start()

    def submit(self, job: Callable[[], object]) -> None:
        """Have a job done; it must not raise."""
        with self._idle:
            self._busy += 1
        self._jobs.put(job)

    def call(self, job: Callable[[], T]) -> T:
        """Have a job done and return what it returns, or raise what it raises."""
        return self.each([job])[0]

    def each(self, jobs: list[Callable[[], T]]) -> list[T]:
        """Have jobs done side by side and return what they return, or raise what the first one raised."""
        done: queue.SimpleQueue[tuple[int, T | None, BaseException | None]] = queue.SimpleQueue()

        def report(number: int, job: Callable[[], T]) -> None:
            try:
                done.put((number, job(), None))
            except BaseException as error:  # raised again by the caller
                done.put((number, None, error))

        for number, job in enumerate(jobs):
            self.submit(lambda number=number, job=job: report(number, job))  # type: ignore[misc]
        answers = sorted((done.get() for _ in jobs), key=lambda answer: answer[0])
        for _, _, error in answers:
            if error is not None:
                raise error
        return [value for _, value, _ in answers]  # type: ignore[misc]

    def settle(self, timeout: float) -> bool:
        """Drop the jobs that have not begun and wait for those that have; return whether they ended."""
        dropped = 0
        while True:
            try:
                self._jobs.get_nowait()
            except queue.Empty:
                break
            dropped += 1
        with self._idle:
            self._busy -= dropped
            return self._idle.wait_for(lambda: not self._busy, timeout)

    def close(self) -> None:
        """Let the threads end once they have done what they were given."""
        for _ in range(self._count):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            finally:
                del job  # an idle thread keeps nothing alive
                with self._idle:
                    self._busy -= 1
                    self._idle.notify_all()
