"""The files that are given together with one by its header, a README, a Makefile or `COMPOSE_FILE`."""

from __future__ import annotations

import os
import re

from composecheck.errors import SourceError
from composecheck.loading.discover import looks_like_compose
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import is_within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.text.disk import Disk

# What tells how a project is started, beside the file itself or in a folder above.
_TELLING = (
    r"(?i)readme[\w.-]*|(?:gnu)?makefile|justfile|taskfile\.ya?ml|\.env[\w.-]*|package\.json|.*\.(?:md|mk|sh)"
)
_CONTINUED = r"\\\r?\n[ \t]*(?:#[ \t]*)?"
_FILE = r"[\w./-]+\.ya?ml\b"
_GIVES = r"(?:^|\s)(?:-f|--file)\b|COMPOSE_FILE"
_MAX_BYTES = 200_000
_MOST_TEXTS = 12
_MOST = 4


def mentioned(path: str, above: Sequence[str], disk: Disk) -> Iterator[tuple[str, ...]]:
    """Yield the files that are given together with one, in the order in which they are named.

    First come those before it, then those and the ones behind it. `above` are folders to look in beside its
    own; nothing outside of them is named.
    """
    top = os.path.realpath(above[-1] if above else os.path.dirname(path))
    found: dict[tuple[str, ...], None] = {}
    for text, folder in _texts(path, above, disk):
        for line in re.sub(_CONTINUED, " ", text).splitlines() if os.path.basename(path) in text else ():
            if len(found) >= _MOST:
                break
            before, behind = _named(line, path, folder, disk)
            ways = (before, (*before, *behind))
            found |= dict.fromkeys(
                each for each in ways if each and all(is_within(os.path.realpath(one), top) for one in each)
            )
    yield from list(found)[:_MOST]


def _named(line: str, path: str, folder: str, disk: Disk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files that a line names before one and behind it, none where it does not name that."""
    gives = re.search(_GIVES, line) is not None
    words = [each for each in re.findall(_FILE, line) if gives or looks_like_compose(os.path.basename(each))]
    names = [_at(word, (folder, os.path.dirname(path)), disk) for word in words]
    files = [*dict.fromkeys(name for name in names if name is not None)]
    if path not in files:
        return (), ()
    at = files.index(path)
    return tuple(files[:at]), tuple(files[at + 1 :])


def _at(word: str, folders: Sequence[str], disk: Disk) -> str | None:
    """Return the file that a word names: from one of the folders, or by its name beside the file."""
    paths = [os.path.normpath(os.path.join(folder, word)) for folder in folders]
    paths.append(os.path.join(folders[-1], os.path.basename(word)))
    return next(filter(disk.is_file, paths), None)


def _texts(path: str, above: Sequence[str], disk: Disk) -> Iterator[tuple[str, str]]:
    """Yield the texts that may tell, each with the folder that it speaks of."""
    own = os.path.dirname(path)
    paths = [path]
    for folder in (own, *above):
        paths += (os.path.join(folder, name) for name in disk.names(folder) if re.fullmatch(_TELLING, name))
    paths = [each for each in paths if each == path or not os.path.islink(each)]
    for each in paths[:_MOST_TEXTS]:
        try:
            text = disk.data(each, limit=_MAX_BYTES).decode(errors="replace")
        except SourceError:
            continue
        yield text, os.path.dirname(each)
