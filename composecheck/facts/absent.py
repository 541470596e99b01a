"""Files that are not there because a step before the start makes them."""

from __future__ import annotations

import os
import re

from composecheck.errors import SourceError
from composecheck.named import TYPE_CHECKING
from composecheck.text import samples
from composecheck.text.disk import is_within
from composecheck.text.samples import sample
from composecheck.text.steps import step

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.text.disk import Disk

# Keys, certificates, licences and what a build leaves: nobody has them in a repository.
_MADE = (
    *(".pem", ".key", ".crt", ".cer", ".csr", ".der", ".p12", ".pfx", ".jks", ".keystore", ".truststore"),
    *(".jar", ".war", ".ear", ".whl", ".lic", ".license"),
)
# A line of .gitmodules that says where one lies.
_PATH = r"(?m)^[ \t]*path[ \t]*=[ \t]*(\S+)"
_MAX_BYTES = 100_000


def why_absent(facts: Facts, path: str) -> str:
    """Return why a file that is missing is likely to be made before the start; "" where nothing says so."""
    if facts.ignored(path):
        return "git ignores it"
    disk = facts.project.disk
    name = sample(path, disk)
    if name:
        return f"'{name}' stands beside it"
    found = step(path, disk)
    if found is not None:
        return f"'{found.document}' tells how to make it"
    if path.lower().endswith(_MADE):
        return f"what ends in '{os.path.splitext(path)[1]}' is seldom in a repository"
    return ""


def how_to_make(facts: Facts, path: str) -> str:
    """Return what to do before a start, of what a step before it makes: that step, where it is known."""
    how = samples.how_to_make(path, os.path.relpath(path, facts.project.folder), facts.project.disk)
    return f"{how} before the start" if how else "make it before the start"


def submodule(path: str, disk: Disk) -> str:
    """Return how a folder is fetched that is a submodule of git's, or lies in one; "" for another."""
    top = disk.repository(os.path.dirname(path))
    modules = os.path.join(top, ".gitmodules") if top else ""
    if not modules or not disk.is_file(modules):
        return ""
    try:
        text = disk.data(modules, limit=_MAX_BYTES).decode(errors="replace")
    except SourceError:
        return ""
    inside = any(is_within(path, os.path.join(top or "", name)) for name in re.findall(_PATH, text))
    return "fetch the submodule: 'git submodule update --init'" if inside else ""
