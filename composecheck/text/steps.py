"""The steps before a start that make a file, as far as the documents and scripts of a project tell.

Read are the README, the Makefile and its like, and the shell scripts, of the folders from that of the file up
to that of the repository: and only where a file is missing.
"""

from __future__ import annotations

import os
import re

from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.disk import is_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.text.disk import Disk

_DOCUMENTS = r"(?i)(?:readme|install|setup|quickstart|getting[-_]started)[\w-]*\.(?:md|rst|txt)|readme"
_SCRIPTS = r"(?:GNU)?[Mm]akefile|[Jj]ustfile|[\w.-]+\.(?:sh|mk)"
_MOST_BYTES = 64_000
_MOST_FILES = 24
_MOST_FOLDERS = 6
_LONGEST = 120

# What makes a file, up to its name; and what may follow that.
_MAKES = (
    r"(?:\b(?:cp|mv|ln|install|touch|mkdir|tee|mkcert|ssh-keygen|git clone)\b[^\n|;&]*?\s"
    r"|>>?\s*|\s-(?:o|O|out|keyout|-output|-out)[ =])"
)
_END = r"[\"']?(?=\s*(?:$|[;&|#`)]|\s-|<|2>))"
# What holds no more than names of files, so that it can be told.
_TOLD = r"(?:sudo )?(?:cp|mv|ln|touch|mkdir|git clone|make) [\w./ -]+"
_GOAL = r"^([\w./-]+)\s*:(?!=)"
_PROMPT = r"^[\s$>#*`-]*(?:\d+\.\s*)?`{0,3}"


class Step(NamedTuple):
    """A step that makes a file: the document that has it, as it is shown, the line there, and what to run.

    That is "" where it is to be read there.
    """

    document: str
    line: int
    command: str

    @property
    def told(self) -> str:
        """What to do, as a remedy says it."""
        place = f"{self.document}:{self.line}"
        return f"run '{self.command}' ({place})" if self.command else f"make it as {place} does"


def step(path: str, disk: Disk) -> Step | None:
    """Return the step that makes a file, the first that is found; None for none."""
    left = _MOST_FILES
    for folder in _folders(path, disk):
        names = [name for name in disk.names(folder) if re.fullmatch(f"{_DOCUMENTS}|{_SCRIPTS}", name)]
        for name in sorted(names, key=lambda name: (not re.fullmatch(_DOCUMENTS, name), name))[:left]:
            left -= 1
            document = os.path.join(folder, name)
            found = _in(document, os.path.relpath(path, folder), disk)
            if found is not None:
                return found
    return None


def _folders(path: str, disk: Disk) -> Iterator[str]:
    """Yield the folders from that of a file up to that of the repository, or its own where there is none."""
    folder = os.path.dirname(path)
    top = disk.repository(folder) or folder
    for _ in range(_MOST_FOLDERS):
        yield folder
        if folder == top:
            return
        folder = os.path.dirname(folder)


def _in(document: str, name: str, disk: Disk) -> Step | None:
    from composecheck.errors import SourceError

    top = disk.repository(os.path.dirname(document)) or os.path.dirname(document)
    if not is_within(os.path.realpath(document), os.path.realpath(top)):
        return None  # a link to what is not the project's own
    try:
        text = disk.data(document, limit=_MOST_BYTES).decode(errors="replace")
    except SourceError:
        return None
    if os.path.basename(name) not in text:
        return None
    command = re.compile(rf"{_MAKES}[\"']?(?:\./)?{re.escape(name)}/?{_END}")
    target = re.compile(rf"^(?:\./)?{re.escape(name)}[ \t]*:(?!=)")
    shown, goal = disk.shown(document), ""
    kind = os.path.splitext(document)[1] if re.fullmatch(_SCRIPTS, os.path.basename(document)) else "text"
    for number, line in enumerate(text.splitlines(), 1):
        if kind not in ("text", ".sh"):
            if target.match(line):
                return Step(shown, number, f"make {name}")
            goal = found[1] if (found := re.match(_GOAL, line)) else goal
        if len(line) <= _LONGEST and command.search(line):
            return Step(shown, number, _command(line) if kind == "text" else _run(shown, kind, goal))
    return None


def _command(line: str) -> str:
    """Return the command of a line, "" where it has more in it than names of files."""
    said = re.sub(_PROMPT, "", line).strip().strip("`").strip()
    return said if re.fullmatch(_TOLD, said) else ""


def _run(shown: str, kind: str, goal: str) -> str:
    """Return how a script or a goal of a makefile is run."""
    if kind == ".sh":
        return f"sh {shown}"
    return f"make {goal}" if goal and "ustfile" not in shown else ""
