"""The files that fixes change, written."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.text.source import Source

_BOM = b"\xef\xbb\xbf"


class Changed(NamedTuple):
    """A file that fixes change: its path without links, what was read of it, and what it is to hold."""

    path: str
    source: Source
    text: str


def write(files: Iterable[Changed]) -> None:
    """Write files, each whole or not at all; links stay, and so do modes and byte-order marks.

    Raises UsageError, before anything is written, where one has changed since it was read.
    """
    every = [(file, _unchanged(file)) for file in files]
    for file, marked in every:
        data = file.text.encode("utf-8")
        try:
            _replace(Path(file.path), _BOM + data if marked else data)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"cannot write '{file.source.shown}': {reason}") from None


def _unchanged(file: Changed) -> bool:
    """Return whether a file has a byte-order mark; UsageError where it is no longer what was read."""
    path = Path(file.path)
    if Disk().read(path).text != file.source.text:
        raise UsageError(f"'{file.source.shown}' has changed since it was read: nothing is written")
    with path.open("rb") as opened:
        return opened.read(len(_BOM)) == _BOM


def _replace(path: Path, data: bytes) -> None:
    """Put another file in a file's place, with its mode and, where we may, its owner."""
    was = path.stat()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        now = beside.stat()
        if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
            _own(beside, was)
        beside.chmod(stat.S_IMODE(was.st_mode))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _own(path: Path, like: os.stat_result) -> None:
    # Else somebody else's file in our folder becomes ours, as with any editor.
    with contextlib.suppress(OSError):
        os.chown(path, like.st_uid, like.st_gid)
