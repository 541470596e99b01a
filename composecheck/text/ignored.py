"""Which paths git ignores, by the repository's `.gitignore` files and `.git/info/exclude`.

git itself is not run, and a user's own configuration not read. A file that is tracked although a pattern
names it is taken for ignored: only git's index could tell.
"""

from __future__ import annotations

import os

from composecheck.errors import SourceError
from composecheck.named import TYPE_CHECKING
from composecheck.text.wildmatch import Patterns

if TYPE_CHECKING:
    from composecheck.text.disk import Disk

    # Files of patterns, with the names between the folder of each and what they are asked of.
    _Chain = tuple[tuple[Patterns, tuple[str, ...]], ...]

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
        self._chains: dict[str, _Chain] = {}

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
        chain = self._chain(above)
        if not chain:
            return False
        last = os.fsencode(name).decode("latin-1")
        verdicts = (patterns.verdict((*between, last), folder=folder) for patterns, between in chain)
        return next((verdict for verdict in verdicts if verdict is not None), False)

    def _chain(self, folder: str) -> _Chain:
        """Return the patterns for what is in a folder, the nearest first, with the names from there on."""
        if folder not in self._chains:
            root = self._root(folder)
            if root is None:
                chain: _Chain = ()
            elif root == folder:
                excluded = self._read(os.path.join(root, _EXCLUDE))
                chain = () if excluded is None else ((excluded, ()),)
            else:
                above, name = os.path.split(folder)
                last = os.fsencode(name).decode("latin-1")
                chain = tuple((patterns, (*between, last)) for patterns, between in self._chain(above))
            own = None if root is None else self._read(os.path.join(folder, _NAME))
            self._chains[folder] = chain if own is None else ((own, ()), *chain)
        return self._chains[folder]

    def _root(self, folder: str) -> str | None:
        """Return where patterns begin to count for what is in a folder; None where they never do."""
        way = []
        at = folder
        while at not in self._roots:
            above = os.path.dirname(at)
            if self._disk.exists(os.path.join(at, ".git")):
                self._roots[at] = at
            elif above == at:
                self._roots[at] = at if at == self._top else None
            else:
                way.append(at)
                at = above
        root = self._roots[at]
        for one in reversed(way):  # as deep as a path may be
            inside = one == self._top or one.startswith(os.path.join(self._top, ""))
            root = self._roots[one] = root or (self._top if inside else None)
        return root

    def _read(self, path: str) -> Patterns | None:
        # As git does, which follows no link of this name: it may lead out of the repository.
        if not self._disk.is_file(path) or os.path.islink(path):
            return None
        try:
            data = self._disk.data(path, limit=_MAX_BYTES)
        except SourceError:
            return None
        return Patterns(data.decode("latin-1")) if len(data) <= _MAX_BYTES else None
