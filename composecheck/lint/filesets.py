"""The projects that a configuration names by their files: `projects: [[compose.yml, compose.prod.yml]]`."""

from __future__ import annotations

import os

from composecheck.named import TYPE_CHECKING
from composecheck.settings import Settings, find, may_name_projects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.text.disk import Disk

    # The files of a project as absolute paths, the first one the base.
    FileSet = tuple[str, ...]


class FileSets:
    """What the configurations of folders name, each read once.

    `config` is the one configuration for all, or the settings themselves; None takes each folder's own.
    """

    def __init__(self, config: str | os.PathLike[str] | Settings | None, disk: Disk) -> None:
        self._config = config
        self._disk = disk
        self._read: dict[tuple[str, ...], tuple[Sequence[FileSet], Sequence[Diagnostic]]] = {}
        self._found: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> list[FileSet]:
        """Return the projects that a file belongs to, by the configuration of its folder."""
        real = os.path.realpath(path)
        sets, _ = self.governing(os.path.dirname(os.path.abspath(path)))
        return [files for files in sets if any(os.path.realpath(file) == real for file in files)]

    def governing(self, folder: str) -> tuple[Sequence[FileSet], Sequence[Diagnostic]]:
        """Return what the configuration of a folder, or above it, names, and what is wrong with it."""
        if isinstance(self._config, Settings):
            return self._config.projects, ()
        paths = self.paths(folder)
        if paths not in self._read:
            self._read[paths] = self._named(paths)
        return self._read[paths]

    def is_in(self, folder: str) -> bool:
        """Return whether the configuration of a folder lies in it."""
        return any(os.path.dirname(path) == folder for path in self.paths(folder))

    def paths(self, folder: str) -> tuple[str, ...]:
        """Return the configuration of a folder, of the nearest one that has any."""
        if isinstance(self._config, Settings):
            return () if self._config.path is None else (str(self._config.path),)
        if self._config is not None:
            return (os.path.abspath(self._config),)
        if folder not in self._found:
            self._found[folder] = tuple(find(folder, self._disk))
        return self._found[folder]

    def _named(self, paths: tuple[str, ...]) -> tuple[Sequence[FileSet], Sequence[Diagnostic]]:
        if not any(may_name_projects(path, self._disk) for path in paths):
            return (), ()
        from composecheck.settings.read import read_settings

        settings, wrong = read_settings(paths, self._disk)
        return settings.projects, wrong
