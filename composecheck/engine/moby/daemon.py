"""A Moby engine that is connected to, and what it says of itself."""

from __future__ import annotations

import time
from functools import cached_property

from docker.utils import version_gte

from composecheck.engine.moby.history import ahead
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import docker


class Daemon:
    """An engine by its client and its address; what it says of itself is asked for once."""

    def __init__(self, client: docker.APIClient, url: str) -> None:
        self.client = client
        self.url = url

    @property
    def info(self) -> dict[str, Any]:
        """What `docker info` shows."""
        return self._introduction[0]

    @property
    def clock_ahead(self) -> float:
        """The engine's clock less this machine's, in seconds; never too much.

        Too little rather than too much: what somebody does right after our end is not taken for ours.
        """
        return self._introduction[1]

    @property
    def id(self) -> str:
        """What tells this engine from others."""
        return str(self.info.get("ID") or self.url)

    @property
    def api_version(self) -> str:
        """The version of the API that is spoken with it."""
        return str(self.client.api_version)

    def speaks(self, api_version: str) -> bool:
        """Return whether it speaks a version of the API, or a later one."""
        return bool(version_gte(self.api_version, api_version))

    @cached_property
    def _introduction(self) -> tuple[dict[str, Any], float]:
        asked = time.time()
        info: dict[str, Any] = self.client.info()
        return info, ahead(asked, info, time.time())[0]
