"""One service of a stack, and where it is reached."""

from __future__ import annotations

from typing import NamedTuple

from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING
from composecheck.stack import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.engine.protocol import Status
    from composecheck.model.project import Service
    from composecheck.stack import Stack


class Address(NamedTuple):
    """Where a container's port is reached from this machine; as text "host:port"."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class RunningService:
    """One service of a Stack that is up."""

    __slots__ = ("_stack", "service")

    def __init__(self, service: Service, stack: Stack) -> None:
        self.service = service
        self._stack = stack  # whose session may have been closed meanwhile, and another one opened

    def address(self, port: int, *, protocol: str = "tcp", replica: int = 1) -> Address:
        """Return where the container's `port` is published; UsageError where it is not."""
        published = self._stack.session.addresses(self.service, replica)
        for target, kind, host, number in published:
            if (target, kind) == (port, protocol):
                return Address(host, number)
        others = ", ".join(f"{target}/{kind}" for target, kind, _, _ in published) or "none"
        raise UsageError(
            f"service '{self.service.name}' does not publish port {port}/{protocol} (published: {others}); "
            f"add it to 'ports' as \"{port}\", and the engine chooses a free port of this machine"
        )

    def logs(self, lines: int | None = None, *, replica: int = 1) -> str:
        """Return what the container wrote, the last `lines` of it, or all."""
        return self._stack.session.logs(self.service, replica, lines)

    def exec(self, command: Sequence[str], *, replica: int = 1) -> tuple[int, str]:
        """Run a command in the container; return its exit code and output."""
        return self._stack.session.exec(self.service, replica, command)

    def stop(self, timeout: float | None = None) -> None:
        """Stop the service's containers, which stay; `timeout` is the grace in place of its own."""
        standing.stop(self._stack.session, self._containers(), timeout, progress=_quiet)

    def kill(self, signal: str = "SIGKILL") -> None:
        """Send the service's containers that run a signal by its name."""
        standing.kill(self._stack.session, self._containers(), signal, progress=_quiet)

    def start(self, *, timeout: float | None = None) -> None:
        """Start the containers again that have ended; return when the service is ready, as after `up`."""
        self._stack._fold(self.service.name, timeout=timeout, starting=(self.service.name,))

    def restart(self, *, timeout: float | None = None) -> None:
        """Stop the containers, and start them again; return when the service is ready, as after `up`.

        Services whose `depends_on` says `restart: true` of it are restarted with it, once it is ready.
        """
        stack = self._stack
        names = standing.restarted_with(stack.project, [self.service.name])
        there = standing.chosen(stack.session, stack.project.name, names, stack.project)
        standing.stop(stack.session, there, progress=_quiet)
        stack._fold(names, timeout=timeout, starting=names)

    def _containers(self) -> list[Status]:
        stack = self._stack
        return standing.chosen(stack.session, stack.project.name, [self.service.name], stack.project)


def _quiet(_name: str, _text: str) -> None:
    """Tell nobody."""
