"""The sample that stands beside where a file is to be: `.env.example` for `.env`."""

from __future__ import annotations

import os
import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from composecheck.text.disk import Disk

_WORDS = ("example", "sample", "dist", "template", "tmpl", "tpl", "default", "defaults")
_MOST_BYTES = 64_000


def sample(path: str, disk: Disk) -> str:
    """Return the name of the sample beside a path; "" where there is none."""
    folder, name = os.path.split(path)
    if not disk.is_folder(folder):
        return ""
    # A folder may have any number of files: these few are asked for.
    return next((one for one in _names(name) if disk.is_file(os.path.join(folder, one))), "")


def how_to_make(path: str, written: str, disk: Disk) -> str:
    """Return what makes a file, by the sample beside it or by a step that is written down; "" for neither.

    `written` is its path as it is written.
    """
    name = sample(path, disk)
    if name:
        return f"copy '{os.path.join(os.path.dirname(written), name)}' to it"
    from composecheck.text.steps import step

    found = step(path, disk)
    return found.told if found is not None else ""


class Settings(NamedTuple):
    """A sample of a `.env`, and the variables that it sets."""

    name: str = ""
    variables: frozenset[str] = frozenset()

    def sets(self, names: Iterable[str]) -> bool:
        """Return whether it sets all of some variables; no sample sets any."""
        return bool(self.name) and self.variables.issuperset(names)


def settings(folder: str, disk: Disk) -> Settings:
    """Return the sample of a `.env` that a folder lacks; an empty one where there is none, or a `.env`."""
    path = os.path.join(folder, ".env")
    beside = "" if disk.exists(path) else sample(path, disk)
    if not beside:
        return Settings()
    from composecheck.errors import SourceError

    try:
        text = disk.data(os.path.join(folder, beside), limit=_MOST_BYTES).decode(errors="replace")
    except SourceError:
        return Settings()
    return Settings(beside, frozenset(re.findall(r"(?m)^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=", text)))


def _names(name: str) -> Iterator[str]:
    stem, extension = os.path.splitext(name)
    for word in _WORDS:
        yield f"{name}.{word}"
        if extension:
            yield f"{stem}.{word}{extension}"
        yield f"{word}.{name.removeprefix('.')}"
    if name.startswith(".env") or extension == ".env":
        for word in _WORDS:
            yield from (f".env.{word}", f"env.{word}", f"{word}.env", f".env-{word}", f"env-{word}")
