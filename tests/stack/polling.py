"""Waiting for a fact, in place of a moment."""

from __future__ import annotations

import time


def until(fact, seconds=60):
    """Return what is true of a fact as soon as it is."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.02)
    return found
