"""The files of a folder that are worth a look, as far as a limit goes."""

from __future__ import annotations

import os

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from composecheck.text.disk import Disk

# Of one folder with what is below it: files, and folders one in another.
MOST_FILES = 200
_DEEPEST = 6
_PASSED_OVER = frozenset(
    """node_modules vendor venv site-packages __pycache__ target dist test tests spec docs doc examples
    fixtures migrations static assets locales i18n""".split()  # noqa: SIM905 - words
)


class Listing(NamedTuple):
    """Files of a folder, those nearest to it first; `whole` where there are no more that count."""

    files: tuple[str, ...]
    whole: bool


def listing(
    disk: Disk, path: str, counts: Callable[[str], bool], most: int = MOST_FILES, deepest: int = _DEEPEST
) -> Listing:
    """Return the files below a folder whose names count; what programs are not made of is passed over."""
    found: list[str] = []
    whole, folders = True, [(path, 0)]
    for folder, depth in folders:
        try:
            below, files = disk.entries(folder)
        except OSError:
            continue
        for name in filter(counts, files):
            if len(found) >= most:
                return Listing(tuple(found), whole=False)
            found.append(os.path.join(folder, name))
        inner = [name for name in below if not name.startswith(".") and name not in _PASSED_OVER]
        whole = whole and (depth < deepest or not inner)
        folders += [(os.path.join(folder, name), depth + 1) for name in inner if depth < deepest]
    return Listing(tuple(found), whole)
