"""The Docker Engine, through the Docker SDK for Python."""

from __future__ import annotations

from composecheck.engine.docker.session import DockerSession, connect

__all__ = ["DockerSession", "connect"]
