"""What the tests of healthchecks run: their commands, and whom those ask.

A test is one command, or a script for the shell. Its commands come with their variables filled in,
as far as the files tell them; UNKNOWN stands for what only the container could tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.facts.healthtest.clients import (
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
from composecheck.facts.healthtest.runs import (
    UNKNOWN,
    Run,
    commands_of,
    is_plain,
    runs_of,
    script_in,
    script_runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.model.project import Project, Service
    from composecheck.text.node import Node
    from composecheck.text.source import Span

__all__ = [
    "MYSQL",
    "POSTGRES",
    "UNKNOWN",
    "Address",
    "Run",
    "Test",
    "Tests",
    "addresses",
    "commands_of",
    "is_known",
    "is_loopback",
    "is_plain",
    "mysql_host",
    "mysql_options",
    "options",
    "postgres_host",
    "script_in",
]


class Test:
    """The test of a service's healthcheck.

    `words` are those that the engine is given, the first of them CMD or CMD-SHELL; `node` is the
    whole, of a Dockerfile its instruction. `own` says whether it stands in the Compose file.
    """

    __slots__ = ("_runs", "_script", "argv", "node", "own", "service", "text", "words")

    def __init__(self, service: Service, node: Node, words: tuple[Node, ...], *, own: bool) -> None:
        self.service = service
        self.node = node
        self.words = words
        self.own = own
        self.argv = tuple([str(word.value) for word in words[1:]])
        self.text = " ".join(self.argv)  # what a look at it can spare the reading
        self._runs: tuple[Run, ...] | None = None
        self._script: tuple[str | None] | None = None

    @property
    def by_shell(self) -> bool:
        """Whether the engine has the image's shell run it."""
        return self.words[0].value == "CMD-SHELL"

    @property
    def script(self) -> str | None:
        """What a shell is to run, None where there is none."""
        if self._script is None:
            self._script = (self.argv[0] if self.by_shell else script_in(self.argv),)
        return self._script[0]

    @property
    def script_node(self) -> Node:
        """The word that the script stands in, the whole where there is none."""
        return self.node if self.script is None else self.words[1 + self.argv.index(self.script)]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The commands that it runs, in the order in which they are written."""
        if self._runs is None:
            values = {key: value for key, value in self.service.environment.items() if value is not None}
            self._runs = tuple(
                script_runs(self.script, self.script_node, values, 0)
                if self.script is not None
                # The place of a command is where its first word stands.
                else runs_of(self.argv, self.words[1], {}, values, 0)
            )
        return self._runs

    def place_of(self, text: str, node: Node) -> Span:
        """Return the place of the word that holds a text; of a script's command, `node` is that."""
        if self.script is None:
            node = next((word for word in self.words[1:] if text in str(word.value)), node)
        return node.span


class Tests:
    """The tests of a project's healthchecks, and the names that its services have."""

    __slots__ = ("_names", "_project", "each")

    def __init__(self, facts: Facts) -> None:
        self._project = facts.whole
        self.each = tuple(_tests(facts))
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


def _tests(facts: Facts) -> Iterator[Test]:
    for service in facts.services.values():
        if service.healthcheck is None and service.build is None:
            continue
        found = facts.images.stated_healthcheck(service)
        if found is None or found == "unknown" or not found.test or found.disabled:
            continue
        own = service.healthcheck is not None and found is service.healthcheck
        node = service.node.get("healthcheck", "test") if own else found.node
        if node is None:
            continue
        nodes = node.items if own else [node.replace(word) for word in found.test]
        if nodes and nodes[0].value in ("CMD", "CMD-SHELL") and len(nodes) > 1:
            yield Test(service, node, tuple(nodes), own=own)
