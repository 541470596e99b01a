"""Files that are not there because a step before the start makes them."""

from __future__ import annotations

import os

from composecheck.named import TYPE_CHECKING
from composecheck.text import samples
from composecheck.text.samples import sample
from composecheck.text.steps import step

if TYPE_CHECKING:
    from composecheck.facts import Facts

# Keys, certificates, licences and what a build leaves: nobody has them in a repository.
_MADE = (
    *(".pem", ".key", ".crt", ".cer", ".csr", ".der", ".p12", ".pfx", ".jks", ".keystore", ".truststore"),
    *(".jar", ".war", ".ear", ".whl", ".lic", ".license"),
)


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
