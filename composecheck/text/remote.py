"""What is somewhere else than on this machine, by how it is written."""

from __future__ import annotations


def is_remote(text: str) -> bool:
    """Return whether a text names what would have to be fetched, and not a path.

    So compose-go tells the remote context of a build (paths/context.go), and it fetches what `include` and
    `extends` name in the same forms.
    """
    return "://" in text or text.startswith(("git@", "github.com/"))
