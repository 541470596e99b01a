"""What of the disk is a project's own, as far as a report may show it."""

from __future__ import annotations

import os

from composecheck.loading.discover import FILES, STDIN
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.disk import STDIN as STDIN_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from composecheck.loading.options import Options
    from composecheck.text.disk import Disk

_GIT = ".git"


class Grounds(NamedTuple):
    """The folders whose files are the project's own, and files elsewhere that the user has named.

    The folders are the repository's, or the project's where there is none, and those that the user named.
    What git keeps of its own in a repository is not the project's: a checkout may leave a token there.
    """

    folders: tuple[str, ...]  # without links, as the files are
    files: frozenset[str]
    repository: bool

    def hold(self, real: str) -> bool:
        """Return whether a file, by its path without links, is the project's own."""
        return real in self.files or any(
            _is_in(real, folder) and _GIT not in real[len(folder) :].split(os.sep) for folder in self.folders
        )


def grounds_of(options: Options, disk: Disk) -> Grounds:
    """Return what is the own of a project that options select.

    Only the user widens it: by the files, folders and env files of the command line, and by COMPOSE_FILE and
    COMPOSE_ENV_FILES of the environment. Neither do the project's files, nor a link in its folder.
    """
    folder = os.path.abspath(options.folder or disk.folder)
    environment = os.environ if options.environment is None else options.environment
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
    above = _repository(home, disk)
    folders = [os.path.realpath(path) for path in (above, *every) if path == above or disk.is_folder(path)]
    outside = [
        path for path in map(os.path.normpath, every)
        if not _is_in(path, above) and not any(_is_in(_placed(path), each) for each in folders)
    ]  # fmt: skip
    named_files = frozenset((STDIN_NAME, *map(os.path.realpath, outside)))
    return Grounds(tuple(folders), named_files, disk.exists(os.path.join(above, _GIT)))


def _files(options: Options, environment: Mapping[str, str]) -> Sequence[str]:
    """Return the Compose files of the options, or of the environment."""
    if options.files:
        return options.files
    separator = environment.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
    return [file for file in environment.get("COMPOSE_FILE", "").split(separator) if file]


def _repository(folder: str, disk: Disk) -> str:
    """Return the repository that a folder lies in, by its path or by that without links; else the folder."""
    for start in (os.path.normpath(folder), os.path.realpath(folder)):
        above, inner = start, ""
        while above != inner:
            if disk.exists(os.path.join(above, _GIT)):
                return above
            above, inner = os.path.dirname(above), above
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


def _placed(path: str) -> str:
    """Return where a path lies, whatever it is a link to."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
