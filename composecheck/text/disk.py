"""The user's files: every read of one, and every question whether it is there, goes through a Disk."""

from __future__ import annotations

import os
import stat
import sys

from composecheck.errors import SourceError
from composecheck.named import TYPE_CHECKING
from composecheck.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# Without waiting for anybody: the writer of a pipe, a terminal.
_READ_AT_ONCE = _READ | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
# Far above any real file, and a Compose file of that size is read in some twenty seconds.
MAX_BYTES = 50_000_000
STDIN = "<stdin>"
GIT = ".git"
_BOM = b"\xef\xbb\xbf"
_TOO_LARGE = "document-limit"
_KINDS = (
    ("a folder", stat.S_ISDIR),
    ("a pipe", stat.S_ISFIFO),
    ("a socket", stat.S_ISSOCK),
    ("a device", stat.S_ISCHR),
    ("a device", stat.S_ISBLK),
)


class Disk:
    """The user's files as one check sees them: each is read once, and texts in memory go before it.

    With `texts`, by path, the disk is as if they were saved: it has these files, and their folders.
    `folder` is the one that reports show paths relative to; None is the current one.
    """

    __slots__ = ("_files", "_folders", "_given", "_listed", "_sizes", "_texts", "folder")

    def __init__(
        self, texts: Mapping[str | PathLike[str], str] | Mapping[str, str] = {}, folder: str | None = None
    ) -> None:
        self.folder = _current() if folder is None else folder
        self._texts = {_real(path): text for path, text in texts.items()}
        self._given = frozenset(self._texts)
        self._folders = {above for path in self._texts for above in _above(path)}
        self._files: dict[str, Source | SourceError] = {}
        self._sizes: dict[str, int] = {}
        self._listed: dict[str, list[str]] = {}

    def over(self, texts: Mapping[str, str]) -> Disk:
        """Return a Disk of which nothing is read yet, with more texts over it, which nobody has given."""
        disk = Disk({**self._texts, **texts}, self.folder)
        disk._given = self._given
        return disk

    @property
    def sources(self) -> list[Source]:
        """The files that were read so far."""
        return [file for file in self._files.values() if isinstance(file, Source)]

    @property
    def listed(self) -> dict[str, list[str]]:
        """What lies in the folders that were listed so far, by their paths without links."""
        return self._listed

    def given(self, real: str) -> bool:
        """Return whether a file, by its path without links, is a text that the user has given."""
        return real in self._given

    def read(self, path: str | PathLike[str], *, limit: int = MAX_BYTES, pipe: bool = False) -> Source:
        """Return a file in UTF-8 as text (a byte-order mark is dropped); `limit` is in bytes.

        A `pipe` is read only on request, since nobody may ever write to it. Raises SourceError with the
        reason and, for bytes that are not UTF-8, the place.
        """
        path = os.path.abspath(path)
        file = self._files.get(path)
        if file is None:
            try:
                file = self._opened(path, limit, pipe=pipe)
            except SourceError as error:
                file = error
            if not isinstance(file, SourceError) or file.rule != _TOO_LARGE:  # for others it may not be
                self._files[path] = file
        if isinstance(file, SourceError):
            raise file.with_traceback(None)
        if self._sizes.get(path, 0) > limit:
            raise self._too_large(path, limit)
        return file

    def stdin(self) -> Source:
        """Return what standard input holds; raises SourceError as `read` does."""
        return Source(STDIN, self._decoded(STDIN, sys.stdin.buffer.read(MAX_BYTES + 1), MAX_BYTES))

    def data(self, path: str | PathLike[str], *, limit: int = MAX_BYTES) -> bytes:
        """Return the bytes of a file that may be no text, at most one more than `limit`.

        Raises SourceError as `read` does.
        """
        text = self._texts.get(_real(path)) if self._texts else None
        return self._data(os.path.abspath(path), limit) if text is None else text.encode()

    def exists(self, path: str | PathLike[str]) -> bool:
        """Return whether there is a file or folder; not for a link to nothing."""
        return bool(self._texts and self._has(path)) or os.path.exists(path)

    def lexists(self, path: str | PathLike[str]) -> bool:
        """Return whether there is anything by this name, be it a link to nothing."""
        return bool(self._texts and self._has(path)) or os.path.lexists(path)

    def is_file(self, path: str | PathLike[str]) -> bool:
        """Return whether there is a file that can be read time and again: no pipe, no device."""
        return bool(self._texts and _real(path) in self._texts) or os.path.isfile(path)

    def is_folder(self, path: str | PathLike[str]) -> bool:
        """Return whether there is a folder."""
        return bool(self._folders and _real(path) in self._folders) or os.path.isdir(path)

    def names(self, folder: str | PathLike[str]) -> list[str]:
        """Return what lies in a folder, sorted; nothing where it cannot be listed."""
        try:
            names = os.listdir(folder)
        except (OSError, ValueError):
            names = []
        if self._texts:
            real = os.path.join(_real(folder), "")
            below = (path[len(real) :] for path in self._texts if path.startswith(real))
            names = list({*names, *(path.partition(os.sep)[0] for path in below)})
        self._listed[_real(folder)] = names
        return sorted(names)

    def entries(self, folder: str | PathLike[str]) -> tuple[list[str], list[str]]:
        """Return the names of the folders in a folder, links to folders left out, and of what else there is.

        Both are sorted. Raises OSError where the folder cannot be listed.
        """
        folders: set[str] = set()
        files: set[str] = set()
        real = _real(folder)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.add(entry.name)
                    elif not entry.is_symlink() or not os.path.isdir(entry.path):
                        files.add(entry.name)
        except OSError:
            if real not in self._folders:
                raise
        for paths, names in ((self._folders, folders), (self._texts, files)):
            names.update(os.path.basename(path) for path in paths if os.path.dirname(path) == real)
        return sorted(folders), sorted(files)

    def repository(self, folder: str) -> str | None:
        """Return the nearest folder at or above one that git keeps a repository in, None where none is."""
        while not self.exists(os.path.join(folder, GIT)):
            above = os.path.dirname(folder)
            if above == folder:
                return None
            folder = above
        return folder

    def mode(self, path: str | PathLike[str]) -> int | None:
        """Return a file's type and permissions on the disk itself; None where it is not there."""
        try:
            return os.stat(path).st_mode
        except (OSError, ValueError):
            return None

    def shown(self, path: str | PathLike[str]) -> str:
        """Return a path as reports show it: relative to the Disk's folder where it lies there, with `/`."""
        return self._shown(os.path.abspath(path), _real(path))

    def error(
        self, path: str, reason: str, *, rule: str = "unreadable-file", place: tuple[int, int] = (1, 1)
    ) -> SourceError:
        """Return the error of a file that cannot be read as text."""
        line, column = place
        shown = STDIN if path is STDIN else self.shown(path)
        return SourceError(path, reason, shown=shown, rule=rule, line=line, column=column)

    def _has(self, path: str | PathLike[str]) -> bool:
        real = _real(path)
        return real in self._texts or real in self._folders

    def _shown(self, path: str, real: str) -> str:
        if real == self.folder:
            return "."
        folder = self.folder.rstrip(os.sep) + os.sep
        text = real[len(folder) :] if self.folder and real.startswith(folder) else path
        return text.replace(os.sep, "/")

    def _opened(self, path: str, limit: int, *, pipe: bool) -> Source:
        real = _real(path)
        text = self._texts.get(real) if self._texts else None
        if text is None:
            text = self._decoded(path, self._data(path, limit, pipe=pipe), limit)
        return Source(path, text, real=real, shown=self._shown(path, real))

    def _too_large(self, path: str, limit: int) -> SourceError:
        return self.error(path, f"is larger than the limit of {limit} bytes", rule=_TOO_LARGE)

    def _data(self, path: str, limit: int, *, pipe: bool = False) -> bytes:
        try:
            found = os.stat(path)
            if pipe:
                self._require(not stat.S_ISDIR(found.st_mode), path, found)
            elif _is_null(found):
                return b""
            else:  # to open a device may already do something, or take for ever
                self._require(stat.S_ISREG(found.st_mode), path, found)
            descriptor = os.open(path, _READ if pipe else _READ_AT_ONCE)
            try:
                found = os.fstat(descriptor)  # by now it may be something else
                self._require(pipe or stat.S_ISREG(found.st_mode), path, found)
                with open(descriptor, "rb", closefd=False) as file:
                    data: bytes | None = file.read(limit + 1)
            finally:
                os.close(descriptor)
            if data is None:  # of the kernel's own there are files that end never
                raise self.error(path, "has nothing to read at once, and does not end")
            return data
        except OSError as error:
            raise self.error(path, (error.strerror or str(error)).lower()) from None
        except ValueError:
            raise self.error(path, "no file's name holds a null character") from None

    def _require(self, is_file: bool, path: str, found: os.stat_result) -> None:
        if not is_file:
            kind = next((word for word, is_kind in _KINDS if is_kind(found.st_mode)), "something else")
            raise self.error(path, f"is {kind}, not a file")

    def _decoded(self, path: str, data: bytes, limit: int) -> str:
        if len(data) > limit:
            raise self._too_large(path, limit)
        self._sizes[path] = len(data)
        data = data.removeprefix(_BOM)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8", "replace")
            starts = Source(path, before).starts()
            reason = "is not UTF-8"
            place = (len(starts), len(before) - starts[-1] + 1)
            raise self.error(path, reason, rule="invalid-encoding", place=place) from None


def is_within(path: str, folder: str) -> bool:
    """Return whether a path is a folder's, or lies below it, by its name."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _is_null(found: os.stat_result) -> bool:
    """Return whether it is the device that is always empty, which people name for "no file"."""
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == os.stat(os.devnull).st_rdev


def _current() -> str:
    try:
        return os.getcwd()
    except OSError:  # somebody has removed it
        return ""


def _above(path: str) -> list[str]:
    """Return the folders that a path lies in."""
    folders = []
    while (folder := os.path.dirname(path)) != path:
        folders.append(folder)
        path = folder
    return folders


def _real(path: str | PathLike[str]) -> str:
    """Return a path without links."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return os.path.abspath(path)
