"""The sample that stands beside where a file is to be: `.env.example` for `.env`."""

from __future__ import annotations

import os

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.text.disk import Disk

_WORDS = ("example", "sample", "dist", "template", "tmpl", "tpl", "default", "defaults")


def sample(path: str, disk: Disk) -> str:
    """Return the name of the sample beside a path; "" where there is none."""
    folder, name = os.path.split(path)
    if not disk.is_folder(folder):
        return ""
    # A folder may have any number of files: these few are asked for.
    return next((one for one in _names(name) if disk.is_file(os.path.join(folder, one))), "")


def how_to_copy(path: str, written: str, disk: Disk) -> str:
    """Return what makes a file of the sample beside it, by the path as it is written; "" without a sample."""
    name = sample(path, disk)
    return f"copy '{os.path.join(os.path.dirname(written), name)}' to it" if name else ""


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
