"""The demo's stack on the simulated engine, for a machine without a Docker Engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck import lint
from composecheck.engine.simulated import Behaviour, SimulatedEngine
from composecheck.start import Run, Settings, drive, select

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from composecheck.event import Event

# What the program in the stack's files does: warm up, and end at once where what it needs is not there.
BEHAVIOURS = {
    "db": Behaviour(start=0.2, ready=2.0),
    "cache": Behaviour(start=0.2, ready=0.5),
    "api": Behaviour(start=0.2, ready=0.3, needs=("db", "cache")),
}


def start(file: Path, soft_wait: float) -> Iterator[Event]:
    """Yield what happens when the stack in a file is started, without waiting for it."""
    project = lint.load(file)
    run = Run(project, select(project, ()), settings=Settings(soft_wait=soft_wait))
    yield from drive(SimulatedEngine(BEHAVIOURS), run)
