"""What of the disk is a project's own, as far as a report may show it."""

from __future__ import annotations

import os

from composecheck.loading.discover import FILES, STDIN
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import GIT, is_within
from composecheck.text.disk import STDIN as STDIN_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from composecheck.loading.options import Options
    from composecheck.text.disk import Disk


class Grounds:
    """The folders whose files are the project's own, and files elsewhere that the user has named.

    `folder` is the repository's, or the project's where there is none. What git keeps of its own in a
    repository is not the project's: a checkout may leave a token there.
    """

    __slots__ = ("_disk", "_named", "_others", "folder", "root")

    def __init__(self, folder: str, named: Iterable[str], disk: Disk) -> None:
        self.folder = folder
        self.root = os.path.realpath(folder)
        self._named = named
        self._disk = disk
        self._others: tuple[list[str], frozenset[str]] | None = None

    @property
    def is_repository(self) -> bool:
        """Whether it is a repository's folder."""
        return self._disk.exists(os.path.join(self.folder, GIT))

    def hold(self, real: str) -> bool:
        """Return whether a file, by its path without links, is the project's own."""
        if _is_own(real, self.root) or real == STDIN_NAME:
            return True
        if self._others is None:  # most projects have nothing elsewhere
            self._others = self._elsewhere()
        folders, files = self._others
        return real in files or any(_is_own(real, folder) for folder in folders)

    def _elsewhere(self) -> tuple[list[str], frozenset[str]]:
        """Return the folders and the files outside that the user named, and no link of the project's."""
        named = [path for path in map(os.path.normpath, self._named) if not is_within(path, self.folder)]
        folders = [os.path.realpath(path) for path in named if self._disk.is_folder(path)]
        within = (self.root, *folders)
        files = [path for path in named if not any(is_within(_placed(path), folder) for folder in within)]
        return folders, frozenset(map(os.path.realpath, files))


def grounds_of(options: Options, disk: Disk) -> Grounds:
    """Return what is the own of a project that options select.

    Only the user widens it: by the files, folders and env files of the command line, and by COMPOSE_FILE and
    COMPOSE_ENV_FILES of the environment. Neither do the project's files, nor a link in its folder.
    """
    folder = os.path.abspath(options.folder or disk.folder)
    environment = options.variables
    files = [
        os.path.normpath(os.path.join(folder, file)) for file in _files(options, environment) if file != STDIN
    ]
    named = {*files} if options.named is None else {*options.named}
    env_files = options.env_files or environment.get("COMPOSE_ENV_FILES", "").split(",")
    every = [*named, *(os.path.join(folder, file.strip()) for file in env_files if file.strip())]
    own = next((os.path.dirname(file) for file in files if file in named), None)
    home = (
        os.path.join(folder, options.project_directory)
        if options.project_directory
        else own or _found(folder, disk)
    )
    return Grounds(_repository(home, disk), every, disk)


def _files(options: Options, environment: Mapping[str, str]) -> Sequence[str]:
    """Return the Compose files of the options, or of the environment."""
    if options.files:
        return options.files
    separator = environment.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
    return [file for file in environment.get("COMPOSE_FILE", "").split(separator) if file]


def _repository(folder: str, disk: Disk) -> str:
    """Return the repository that a folder lies in, by its path or by that without links; else the folder."""
    for start in (os.path.normpath(folder), os.path.realpath(folder)):
        found = disk.repository(start)
        if found is not None:
            return found
    return os.path.normpath(folder)


def _found(folder: str, disk: Disk) -> str:
    """Return the folder from which a project was loaded that is looked for from a folder up."""
    read = {source.path for source in disk.sources}
    above, inner = folder, ""
    while above != inner:
        if any(os.path.join(above, name) in read for name in FILES):
            return above
        above, inner = os.path.dirname(above), above
    return folder


def _is_own(real: str, folder: str) -> bool:
    return is_within(real, folder) and GIT not in real[len(folder) :].split(os.sep)


def _placed(path: str) -> str:
    """Return where a path lies, whatever it is a link to."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
