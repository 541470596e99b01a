"""The demo's stack on a simulated engine, for a machine without a Docker Engine."""

from __future__ import annotations

from composecheck.engine.simulated import Behaviour
from composecheck.engine.simulated.session import Simulated
from composecheck.named import TYPE_CHECKING
from composecheck.stack import Stack

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
    """Yield what happens when the stack in a file is started, without waiting for it.

    Raises NotReadyError as `Stack.start` does.
    """
    yield from Stack(file, engine=Simulated(BEHAVIOURS)).start(soft_wait=soft_wait)
