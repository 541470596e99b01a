"""Images that an engine gets from this machine, not from a registry."""

from __future__ import annotations

import docker
from docker.errors import ImageNotFound

from composecheck.errors import EngineError


def has_image(tag: str) -> bool:
    """Return whether the engine has an image of that tag."""
    client = docker.from_env()
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    finally:
        client.close()
    return True


def load_image(archive: bytes) -> None:
    """Load an image in the form that `docker save` writes."""
    client = docker.from_env()
    try:
        client.images.load(archive)
    except docker.errors.DockerException as error:
        raise EngineError(f"the engine refused the image made here: {error}") from error
    finally:
        client.close()
