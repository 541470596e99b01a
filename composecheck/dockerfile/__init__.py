"""Dockerfiles, read once: instructions, their flags and words, each at its place.

`lines` cuts a text into logical lines, `words` and `instructions` take these apart, `stages` follows them
from one to the next, and `inline` gives a Dockerfile in a Compose file its places there. What the built
image takes from it is the model's (`composecheck.model.built`).
"""

from __future__ import annotations

import os

from composecheck.dockerfile.inline import Inline
from composecheck.dockerfile.instructions import read
from composecheck.dockerfile.lines import Lines
from composecheck.dockerfile.stages import Stage, carried_out, chain, stages_of
from composecheck.errors import SourceError
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.node import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.dockerfile.instructions import Remark
    from composecheck.dockerfile.lines import Written
    from composecheck.text.disk import Disk

__all__ = ["Comment", "Dockerfile", "Stage", "carried_out", "chain", "dockerfile_at", "dockerfile_in"]

_LIMIT = 1 << 20


class Comment(NamedTuple):
    """A line that is a comment, and the lines of the file that it speaks of.

    Those are the lines of the instruction below it; inside of an instruction, the line below it. `head`
    says that it stands before the first instruction.
    """

    node: Node
    lines: range
    head: bool


class Dockerfile:
    """A Dockerfile: its directives by name, and its instructions."""

    __slots__ = ("_remarks", "_written", "directives", "instructions")

    def __init__(self, written: Written) -> None:
        lines = Lines(written)
        self._written = written
        self.directives = lines.directives
        self.instructions, self._remarks = read(lines)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._written.text

    @property
    def comments(self) -> tuple[Comment, ...]:
        """The comments, those inside of instructions too."""
        return tuple([self._comment(remark) for remark in self._remarks])

    def _comment(self, remark: Remark) -> Comment:
        start, end = remark.range
        node = Node(self._written.text[start:end], self._written.span(start, end))
        if remark.inside is not None:
            line = self._written.span(*remark.inside).line
            return Comment(node, range(line, line + 1), head=False)
        return Comment(node, remark.below.lines if remark.below is not None else range(0), remark.head)

    def stages(self, arguments: Mapping[str, str]) -> tuple[Stage, ...]:
        """Return the stages, with the arguments of a build."""
        return stages_of(self.instructions, arguments)


def dockerfile_at(disk: Disk, path: str) -> Dockerfile | None:
    """Return the Dockerfile at a path; None for one in a remote context, no such file, no text."""
    # A pipe or a device would be waited for.
    if not os.path.isabs(path) or not disk.is_file(path):
        return None
    try:
        return Dockerfile(disk.read(path, limit=_LIMIT))
    except SourceError:
        return None


def dockerfile_in(node: Node) -> Dockerfile:
    """Return the Dockerfile that a value of a Compose file is."""
    return Dockerfile(Inline(node))
