"""The Docker Engine, through the Docker SDK for Python: the only code that imports docker."""

from __future__ import annotations

from composecheck.engine.docker.engine import DockerEngine, Left, connect
from composecheck.engine.moby.removal import command
from composecheck.engine.moby.trouble import ProbeResult, Trouble

__all__ = ["DockerEngine", "Left", "ProbeResult", "Trouble", "command", "connect"]
