"""Which paths git ignores, by the repository's `.gitignore` files and `.git/info/exclude`.

git itself is not run, and a user's own configuration not read. A file that is tracked although a pattern
names it is taken for ignored: only git's index could tell.
"""

from __future__ import annotations

import os

from composecheck.errors import SourceError
from composecheck.named import TYPE_CHECKING
from composecheck.text.wildmatch import patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.text.disk import Disk
    from composecheck.text.wildmatch import Pattern

# No `.gitignore` that somebody wrote is as large.
_MAX_BYTES = 200_000
_NAME = ".gitignore"
_EXCLUDE = os.path.join(".git", "info", "exclude")


class Ignored:
    """What git ignores; each file of patterns is read once.

    A path belongs to the nearest folder above it that has a `.git`. Where there is none, as in a copy of
    a repository, the patterns count from `top` down, and no folder above it is looked at.
    """

    def __init__(self, disk: Disk, top: str) -> None:
        self._disk = disk
        self._top = top
        self._roots: dict[str, str | None] = {}
        self._patterns: dict[str, tuple[Pattern, ...]] = {}

    @classmethod
    def of(cls, disk: Disk, folder: str) -> Ignored:
        """Return what git ignores for a project's folder; the top is the Disk's, where that lies in it."""
        inside = disk.folder and os.path.join(folder, "").startswith(os.path.join(disk.folder, ""))
        return cls(disk, disk.folder if inside else folder)

    def only_below(self, folder: str) -> None:
        """Let no pattern count that stands above a folder: what was asked for by name is looked at."""
        self._roots[folder] = folder

    def __call__(self, path: str, *, folder: bool | None = None) -> bool:
        """Return whether git ignores an absolute path, or a folder that it lies in.

        `folder` None stands for either: what does not exist yet may become one.
        """
        root = self._root(os.path.dirname(path))
        if root is None:
            return False
        names = path[len(root.rstrip(os.sep)) + 1 :].split(os.sep)
        above = root
        for depth, name in enumerate(names):
            kinds = (True,) if depth < len(names) - 1 else (True, False) if folder is None else (folder,)
            if any(self.names(above, name, folder=kind) for kind in kinds):
                return True
            above = os.path.join(above, name)
        return False

    def names(self, above: str, name: str, *, folder: bool) -> bool:
        """Return whether a pattern names what is in a folder, whatever becomes of the folder itself."""
        root = self._root(above)
        if root is None:
            return False
        names = [_latin(name)]
        at = above
        while True:
            for pattern in reversed(self._of(os.path.join(at, _NAME))):
                if pattern.matches(names, folder=folder):
                    return not pattern.negated
            if at == root:
                break
            at, last = os.path.split(at)
            names.insert(0, _latin(last))
        exclude = self._of(os.path.join(root, _EXCLUDE))
        found = next((p for p in reversed(exclude) if p.matches(names, folder=folder)), None)
        return found is not None and not found.negated

    def _root(self, folder: str) -> str | None:
        """Return where patterns begin to count for what is in a folder; None where they never do."""
        if folder not in self._roots:
            above = os.path.dirname(folder)
            if self._disk.exists(os.path.join(folder, ".git")):
                root: str | None = folder
            else:
                root = self._root(above) if above != folder else None
            if root is None and os.path.join(folder, "").startswith(os.path.join(self._top, "")):
                root = self._top
            self._roots[folder] = root
        return self._roots[folder]

    def _of(self, path: str) -> tuple[Pattern, ...]:
        if path not in self._patterns:
            self._patterns[path] = tuple(self._read(path))
        return self._patterns[path]

    def _read(self, path: str) -> Iterator[Pattern]:
        # As git does, which follows no link of this name: it may lead out of the repository.
        if not self._disk.is_file(path) or os.path.islink(path):
            return
        try:
            data = self._disk.data(path, limit=_MAX_BYTES)
        except SourceError:
            return
        if len(data) <= _MAX_BYTES:
            yield from patterns(data.decode("latin-1"))


def _latin(name: str) -> str:
    return os.fsencode(name).decode("latin-1")
