"""Images that an engine gets from this machine, not from a registry."""

from __future__ import annotations

from contextlib import closing

from docker.errors import DockerException

from composecheck.engine.moby.connection import connect_client, reported
from composecheck.engine.moby.images import inspect
from composecheck.errors import EngineError


def platform() -> tuple[str, str]:
    """Return the operating system and the architecture that the engine at hand runs, in Go's words."""
    with closing(connect_client()) as client, reported():
        version = client.version()
    return version["Os"], version["Arch"]


def has_image(tag: str) -> bool:
    """Return whether the engine has an image of that tag."""
    with closing(connect_client()) as client, reported():
        return inspect(client, tag) is not None


def load_image(archive: bytes) -> None:
    """Load an image in the form that `docker save` writes."""
    with closing(connect_client()) as client:
        try:
            # An answer that holds an error is an exception only when it is read.
            answers = [line for line in client.load_image(archive) if "error" in line]
        except DockerException as error:
            raise EngineError(f"the engine refused the image made here: {error}") from error
    if answers:
        raise EngineError(f"the engine refused the image made here: {answers[0]['error']}")
