"""What the tests of healthchecks run: their commands, and whom those ask.

A test is one command, or a script for the shell. Its commands come with their variables filled in,
as far as the files tell them; UNKNOWN stands for what only the container could tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.guards import healthcheck_of
from composecheck.healthtest.clients import (
    MYSQL,
    POSTGRES,
    Address,
    addresses,
    is_known,
    mysql_host,
    mysql_options,
    options,
    postgres_host,
)
from composecheck.healthtest.runs import UNKNOWN, Run, is_plain, runs_of, script_in, script_runs
from composecheck.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.node import Node
    from composecheck.project import Project, Service
    from composecheck.source import Span

__all__ = [
    "MYSQL",
    "POSTGRES",
    "UNKNOWN",
    "Address",
    "Run",
    "Test",
    "Tests",
    "addresses",
    "is_known",
    "is_loopback",
    "is_plain",
    "mysql_host",
    "mysql_options",
    "options",
    "postgres_host",
    "script_in",
]


class Test(NamedTuple):
    """The test of a service's healthcheck.

    `words` are those that the engine is given, the first of them CMD or CMD-SHELL; `node` is the
    whole, of a Dockerfile its instruction. `script` is what a shell is to run, None where there is
    none, and `script_node` where that stands.
    """

    service: Service
    node: Node
    words: tuple[Node, ...]
    script: str | None
    script_node: Node
    runs: tuple[Run, ...]
    own: bool  # whether it stands in the Compose file

    @property
    def argv(self) -> tuple[str, ...]:
        """The words behind the first one."""
        return tuple(str(word.value) for word in self.words[1:])

    def place_of(self, text: str, node: Node) -> Span:
        """Return the place of the word that holds a text; of a script's command, `node` is that."""
        if self.script is None:
            node = next((word for word in self.words[1:] if text in str(word.value)), node)
        return node.span


class Tests:
    """The tests of a project's healthchecks, and the names that its services have."""

    __slots__ = ("_names", "_project", "each")

    def __init__(self, project: Project) -> None:
        self._project = project
        self.each = tuple(_tests(project))
        self._names: dict[str, set[str]] | None = None

    def __iter__(self) -> Iterator[Test]:
        return iter(self.each)

    @property
    def names(self) -> Mapping[str, set[str]]:
        """The services that go by a name or by an address of their own, in lower case."""
        if self._names is None:
            self._names = {}
            for service in self._project.services.values():
                for name in _names(self._project, service):
                    self._names.setdefault(name.lower(), set()).add(service.name)
        return self._names

    def is_own(self, host: str, service: Service) -> bool:
        """Whether a container reaches itself by a host's name."""
        return is_loopback(host) or service.name in self.names.get(host.lower().rstrip("."), ())


def is_loopback(host: str) -> bool:
    """Whether a host is what every container calls itself."""
    host = host.lower().strip("[]").rstrip(".")
    return host in _LOOPBACK or host.startswith("127.") or host.endswith(".localhost")


_LOOPBACK = ("localhost", "localhost.localdomain", "ip6-localhost", "::1", "::", "0.0.0.0", "0")  # noqa: S104


def _names(project: Project, service: Service) -> Iterator[str]:
    yield service.name
    if service.container_name:
        yield service.container_name
    else:
        for number in range(1, min(service.replicas, 20) + 1):
            yield f"{project.name}-{service.name}-{number}"
            yield f"{project.name}_{service.name}_{number}"
    hostname, domain = service.node.get("hostname"), service.node.get("domainname")
    if hostname is not None and isinstance(hostname.value, str):
        yield hostname.value
        if domain is not None:
            yield f"{hostname.value}.{domain.value}"
    for key, attachment in service.networks.items():
        yield from attachment.aliases
        yield from filter(None, (attachment.ipv4_address, attachment.ipv6_address))
        network = project.networks.get(key)
        if network is not None:
            # The engine's own DNS also answers for a name within a network.
            yield f"{service.name}.{network.name}"


def _tests(project: Project) -> Iterator[Test]:
    for service in project.services.values():
        if service.healthcheck is None and service.build is None:
            continue
        found = healthcheck_of(service)
        if found is None or found == "unknown" or not found.test or found.disabled:
            continue
        own = service.healthcheck is not None and found is service.healthcheck
        node = service.node.get("healthcheck", "test") if own else found.node
        if node is None:
            continue
        nodes = node.items if own else [node.replace(word) for word in found.test]
        if nodes and nodes[0].value in ("CMD", "CMD-SHELL") and len(nodes) > 1:
            yield _read(service, node, tuple(nodes), own=own)


def _read(service: Service, node: Node, words: tuple[Node, ...], *, own: bool) -> Test:
    values = {key: value for key, value in service.environment.items() if value is not None}
    argv = tuple(str(word.value) for word in words[1:])
    if words[0].value == "CMD-SHELL":
        runs = tuple(script_runs(argv[0], words[1], values, 0))
        return Test(service, node, words, argv[0], words[1], runs, own)
    script = script_in(argv)
    place = words[1 + argv.index(script)] if script is not None else node
    if script is not None:
        runs = tuple(script_runs(script, place, values, 0))
    else:
        nodes = words[1:]
        # The place of a command is where its first word stands; its own words keep theirs.
        runs = tuple(runs_of(argv, nodes[0], {}, values, 0))
    return Test(service, node, words, script, place, runs, own)
