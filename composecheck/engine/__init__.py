"""What containers run on: the seams, the engines that fill them, and what engines share."""

from __future__ import annotations

from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.engine.protocol import Session


ENGINES = ("docker", "simulated")


def connect(engine: str = "docker") -> Session:
    """Return a new Session of one of the ENGINES; "docker" is the Docker Engine at hand.

    Raises UsageError for an engine that there is not, EngineError where none is at hand.
    """
    require_engine(engine)
    if engine == "simulated":
        from composecheck.engine.simulated.session import Simulated

        return Simulated()
    from composecheck.engine import docker

    return docker.connect()


def require_engine(name: str) -> None:
    """Raise UsageError for a name that is not one of the ENGINES."""
    if name not in ENGINES:
        raise UsageError(f"no such engine: '{name}'; there is 'docker' (the default) and 'simulated'")
