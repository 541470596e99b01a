"""The Docker Engine, through the Docker SDK for Python: the only code that imports docker."""

from __future__ import annotations

from composecheck.engine.docker.engine import DockerEngine, connect
from composecheck.engine.docker.trouble import ProbeResult, Trouble

__all__ = ["DockerEngine", "ProbeResult", "Trouble", "connect"]
