"""A question to Docker Compose: all that its answer follows from, the same wherever the folder lies."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Stands for the folder above the project's in what is hashed and recorded: it is another one each time.
PARENT = "/<parent>"
# Where a question is asked: in a folder named by its key, since hashes of services cover absolute paths.
PLACE = Path("/tmp/composecheck-reference")  # noqa: S108 - the same on every machine


class Question(NamedTuple):
    """What is asked of a release: a command line in a folder below `root`, whose files may all be read."""

    release: str
    arguments: tuple[str, ...]
    root: Path
    folder: Path
    environment: Mapping[str, str]
    stdin: str = ""

    def key(self, *, constant: bool) -> str:
        """Return the hash of all that counts; the files of a constant root are read once a process."""
        parent = str(self.root.parent)
        said = {
            "release": self.release,
            "arguments": self.arguments,
            "environment": dict(sorted(self.environment.items())),
            "stdin": self.stdin,
            "root": self.root.name,
            "folder": self.folder.relative_to(self.root).as_posix(),
        }
        text = json.dumps(said, ensure_ascii=False).replace(parent, PARENT)
        files = _digest_once(self.root) if constant else _digest(self.root)
        return hashlib.sha256(f"{text}\n{files}".encode("utf-8", "surrogateescape")).hexdigest()[:32]

    def moved(self, parent: Path) -> Question:
        """Copy the folder below another parent, and return the same question there."""
        here, there = str(self.root.parent), str(parent)
        root = parent / self.root.name
        _copy(self.root, root, here, there)
        return self._replace(
            arguments=tuple(word.replace(here, there) for word in self.arguments),
            root=root,
            folder=root / self.folder.relative_to(self.root),
            environment={name: value.replace(here, there) for name, value in self.environment.items()},
            stdin=self.stdin.replace(here, there),
        )


@cache
def _digest_once(root: Path) -> str:
    return _digest(root)


def _digest(root: Path) -> str:
    """Return a hash of all files below a folder: names, kinds, contents, and whether they can be read."""
    digest = hashlib.sha256()
    parent = os.fsencode(root.parent)
    for path in _below(root):
        mode = path.lstat().st_mode
        readable = stat.S_ISLNK(mode) or os.access(path, os.R_OK)
        content = _content(path, mode).replace(parent, PARENT.encode()) if readable else b""
        name = path.relative_to(root).as_posix()
        digest.update(
            f"{name}\0{stat.S_IFMT(mode):o}\0{readable}\0{len(content)}\0".encode("utf-8", "surrogateescape")
        )
        digest.update(content)
    return digest.hexdigest()


def _below(root: Path) -> Iterator[Path]:
    """Yield all that lies below a folder, in the order of the names."""
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*folders, *files]):
            yield Path(folder, name)


def _content(path: Path, mode: int) -> bytes:
    if stat.S_ISLNK(mode):
        return os.fsencode(path.readlink())
    return path.read_bytes() if stat.S_ISREG(mode) else b""


def _copy(root: Path, target: Path, here: str, there: str) -> None:
    """Copy a folder, with another parent wherever its own stands in a file or a link."""
    target.mkdir(parents=True)
    for path in _below(root):
        copy = target / path.relative_to(root)
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            copy.mkdir()
        elif stat.S_ISLNK(mode):
            copy.symlink_to(os.fsdecode(_content(path, mode)).replace(here, there))
        elif stat.S_ISREG(mode):
            copy.write_bytes(path.read_bytes().replace(here.encode(), there.encode()))
            shutil.copymode(path, copy)
        else:
            os.mkfifo(copy)
