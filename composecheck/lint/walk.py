"""The projects that files and folders lead to."""

from __future__ import annotations

import os
from typing import NamedTuple

from composecheck.errors import SourceError, UsageError
from composecheck.lint.filesets import FileSets
from composecheck.loading.discover import FILES, OVERRIDES, looks_like_compose
from composecheck.named import TYPE_CHECKING
from composecheck.settings import FILES as CONFIGURATIONS
from composecheck.settings import PYPROJECT
from composecheck.text.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from os import PathLike

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.settings import Settings
    from composecheck.text.ignored import Ignored

# What belongs to a tool and not to the project; hidden folders and virtual environments are known
# by their looks.
_FOREIGN = frozenset(("node_modules", "__pycache__"))
_ENVIRONMENT = "pyvenv.cfg"
_CONFIGURATIONS = frozenset((*CONFIGURATIONS, PYPROJECT))
# What the kernel shows of itself: without end, and nobody's project.
_KERNEL = ("/dev", "/proc", "/sys")


class Found(NamedTuple):
    """A project: a folder, as `docker compose` finds it from there, or files that are given or configured."""

    path: str
    files: tuple[str, ...]  # in a folder the default one and its override
    is_folder: bool
    alone: bool = False  # a file that was named by itself: it may be half a project
    named: tuple[str, ...] = ()  # the files and folders that the user named, by absolute paths


class Walk(NamedTuple):
    """The projects that paths lead to, in their order, and the folders that cannot be searched.

    `more` are files in these folders that look like Compose files and belong to none of the projects;
    `wrong` is what is wrong with configurations that no project is there to tell of; `remarks` say who chose
    the projects.
    """

    projects: tuple[Found, ...]
    closed: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    wrong: tuple[Diagnostic, ...] = ()
    remarks: tuple[str, ...] = ()


def walk(
    paths: Sequence[str], disk: Disk | None = None, config: str | PathLike[str] | Settings | None = None
) -> Walk:
    """Return the projects in files and folders, none twice; UsageError for a path without any.

    `config` is the configuration whose `projects` count; None is that of each folder.
    """
    search = _Search(disk or Disk(), config)
    search.named = tuple(path if path == "-" else os.path.abspath(path) for path in paths)
    for path in paths:
        search.add(path)
    return search.found()


def here(folder: str, disk: Disk, config: str | PathLike[str] | Settings | None) -> Walk | None:
    """Return the projects of a folder where a configuration names some of its files, else None.

    They are all that a configuration in the folder itself names, with the one that `docker compose` finds
    there, unless that is among them; of one above, those with a file in the folder.
    """
    search = _Search(disk, config)
    return search.found() if search.here(folder) else None


def alike(folder: str, names: Iterable[str], disk: Disk) -> list[str]:
    """Return those of the names in a folder that look like Compose files, and which git does not ignore."""
    from composecheck.text.ignored import Ignored

    ignored = Ignored.of(disk, folder)
    paths = [os.path.join(folder, name) for name in names if looks_like_compose(name)]
    return [path for path in paths if disk.is_file(path) and not ignored(path, folder=False)]


class _Search:
    """Finds projects, and keeps what it has found."""

    def __init__(self, disk: Disk, config: str | PathLike[str] | Settings | None) -> None:
        self._disk = disk
        self._sets = FileSets(config, disk)
        self._projects: dict[tuple[str, ...], Found] = {}
        self._closed: list[str] = []
        self._more: list[str] = []
        self._wrong: list[Diagnostic] = []
        self._remarks: list[str] = []
        self.named: tuple[str, ...] = ()  # by the user

    def found(self) -> Walk:
        return Walk(
            tuple(self._projects.values()),
            tuple(self._closed),
            tuple(self._more),
            tuple(self._wrong),
            tuple(self._remarks),
        )

    def add(self, path: str) -> None:
        if self._disk.is_folder(path):
            if not self._folder(path):
                names = ", ".join(FILES)
                raise UsageError(f"no Compose file in '{path}' or in a folder of it: looked for {names}")
        elif path == "-":
            self._keep(Found(path, (path,), is_folder=False))
        elif self._disk.exists(path):
            if not self._keep_sets(self._sets.of(path)):
                self._keep(Found(path, (*self._overridden(path), path), is_folder=False, alone=True))
        else:
            raise SourceError(path, "no such file or folder")

    def here(self, folder: str) -> bool:
        sets, wrong = self._sets.governing(folder)
        own = self._sets.is_in(folder)
        if not own:
            sets = [files for files in sets if any(os.path.dirname(file) == folder for file in files)]
        names = self._disk.names(folder)
        default = self._default(folder, names)
        if wrong and default is None:
            self._wrong += wrong
            return True
        if not self._keep_sets(sets):
            return False
        names_them = [f"'projects' of '{self._disk.shown(path)}'" for path in self._sets.paths(folder)]
        self._remarks += [f"{one} says which files are checked here" for one in names_them]
        if own and default is not None and not self._sets.of(default.files[0]):
            self._keep(default)
        self._more += alike(folder, names, self._disk)
        return True

    def _keep(self, found: Found) -> None:
        """Add a project unless it is there."""
        files = tuple(os.path.realpath(file) for file in found.files)
        self._projects.setdefault(files, found._replace(named=self.named))

    def _keep_sets(self, sets: Sequence[tuple[str, ...]]) -> bool:
        """Add the projects that are configured, and return whether there are any."""
        for files in sets:
            shown = tuple(self._relative(file) for file in files)
            self._keep(Found(shown[0], shown, is_folder=False))
        return bool(sets)

    def _relative(self, path: str) -> str:
        inside = os.path.join(self._disk.folder, "")
        return path.removeprefix(inside) if self._disk.folder else path

    def _overridden(self, path: str) -> tuple[str, ...]:
        """Return the file beside one that is an override of it by its name; none where there is none."""
        folder, name = os.path.split(path)
        stem, extension = os.path.splitext(name)
        base, word = os.path.splitext(stem)
        if word != ".override" or extension not in (".yml", ".yaml"):
            return ()
        names = [f"{base}{extension}", f"{base}.yml", f"{base}.yaml", *(FILES if name in OVERRIDES else ())]
        paths = (os.path.join(folder, one) for one in names)
        return next(((one,) for one in paths if self._disk.is_file(one)), ())

    def _folder(self, top: str) -> bool:
        """Add the projects in a folder and in those below it, and return whether there are any."""
        from composecheck.text.ignored import Ignored

        absolute = os.path.abspath(top)
        ignored = Ignored.of(self._disk, absolute)
        if ignored(absolute, folder=True):
            ignored.only_below(absolute)
        sets, _ = self._sets.governing(absolute)
        inside = os.path.join(absolute, "")
        found = self._keep_sets([files for files in sets if files[0].startswith(inside)])
        for folder, names, configured in self._listed(top, ignored):
            at = os.path.abspath(folder)
            self._more += [os.path.join(folder, name) for name in names if looks_like_compose(name)]
            sets, wrong = self._sets.governing(at) if configured and self._sets.is_in(at) else ((), ())
            found |= self._keep_sets(sets)
            default = self._default(folder, names)
            if default is not None:
                found = True
                if not self._keep_sets(self._sets.of(default.files[0])):
                    self._keep(default)
            elif wrong:
                found = True
                self._wrong += wrong
        return found

    def _default(self, folder: str, names: Sequence[str]) -> Found | None:
        """Return what `docker compose` finds in a folder."""
        base, override = (
            # A pipe or a link to nothing may have such a name as well.
            [
                path
                for name in usual
                if name in names and self._disk.is_file(path := os.path.join(folder, name))
            ]
            for usual in (FILES, OVERRIDES)
        )
        return Found(folder, (*base[:1], *override[:1]), is_folder=True) if base else None

    def _listed(self, top: str, ignored: Ignored) -> Iterator[tuple[str, list[str], bool]]:
        """Yield a folder and those below it, with its YAML files and whether there may be a configuration.

        Links to folders are not followed, and what git ignores is left out.
        """
        waiting = [(top, os.path.realpath(top))]
        while waiting:
            folder, real = waiting.pop()
            if any(real == kernels or real.startswith(f"{kernels}/") for kernels in _KERNEL):
                continue
            at = os.path.abspath(folder)
            try:
                folders, files = self._disk.entries(folder)
            except OSError as error:
                reason = (error.strerror or "").lower()
                self._closed.append(f"'{self._disk.shown(folder)}' is not searched: {reason}")
                continue
            if _ENVIRONMENT in files and folder != top:
                continue
            waiting += [
                (os.path.join(folder, name), os.path.join(real, name))
                for name in reversed(folders)
                if not name.startswith(".")
                and name not in _FOREIGN
                and not ignored.names(at, name, folder=True)
            ]
            yamls = (name for name in files if name.endswith((".yml", ".yaml")))
            # What docker compose finds beside a base it takes, and in the folder that is named the base too.
            own = (*OVERRIDES, *FILES) if folder == top else OVERRIDES
            names = [name for name in yamls if name in own or not ignored.names(at, name, folder=False)]
            yield folder, names, not _CONFIGURATIONS.isdisjoint(files)
