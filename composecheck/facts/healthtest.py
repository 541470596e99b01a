"""What the tests of healthchecks run: their commands, and whom those ask.

A test is one command, or a script for the shell. Its commands come with their variables filled in,
as far as the files tell them; UNKNOWN stands for what only the container could tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.facts.commands.runs import runs_of, script_runs
from composecheck.facts.commands.shells import script_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.runs import Run
    from composecheck.model.project import Service
    from composecheck.text.node import Node
    from composecheck.text.source import Span


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
    """The tests of a project's healthchecks."""

    __slots__ = ("each",)

    def __init__(self, facts: Facts) -> None:
        self.each = tuple(_tests(facts))

    def __iter__(self) -> Iterator[Test]:
        return iter(self.each)


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
