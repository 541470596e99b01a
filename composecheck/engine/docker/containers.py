"""The containers of one start, by service and number, as they come to be known."""

from __future__ import annotations

import threading

from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.engine.docker.succession import Succession

# A service, and the number of one of its replicas.
Key = tuple[str, int]


class Containers:
    """The ids of containers, which some threads put in, and others wait for.

    `succession` says which of them stood before the start; `restarted` are the ids of those that had ended
    and that it has started.
    """

    def __init__(self) -> None:
        self.succession: Succession | None = None
        self.restarted = set[str]()
        self._ids: dict[Key, str] = {}
        self._keys: dict[str, Key] = {}
        self._refused = set[str]()  # services
        self._over = False
        self._changed = threading.Condition()

    def add(self, key: Key, container: str) -> None:
        """Note a replica's container."""
        with self._changed:
            self._keys[container] = key
            self._ids[key] = container
            self._changed.notify_all()

    def refuse(self, service: str) -> None:
        """Note that a container of a service could not be created, or started."""
        with self._changed:
            self._refused.add(service)
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def id(self, key: Key) -> str | None:
        """Return a replica's container, None where it is not known."""
        return self._ids.get(key)

    def key(self, container: str) -> Key | None:
        """Return whose container it is, None where it is none of these."""
        return self._keys.get(container)

    def first(self, service: str) -> str:
        """Return a service's first container, once it is created; EngineError where it will not be."""
        if self.succession is None or service not in self.succession.places:
            return self.succession.outside(service) if self.succession is not None else ""
        numbers = self.succession.numbers(service)
        if not numbers:
            raise EngineError(f"service '{service}', which it needs, has no replicas")
        container = self.created((service, numbers[0]))
        if container is None:
            raise EngineError(f"service '{service}', which it needs, could not be created")
        return container

    def created(self, key: Key) -> str | None:
        """Return a container, once it is created; None where it will not be."""
        with self._changed:
            self._changed.wait_for(lambda: key in self._ids or key[0] in self._refused or self._over)
            return self._ids.get(key)
