"""Disagreements that we know of, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .oracle import Disagreement
    from .projects import Project


def known(disagreement: Disagreement, project: Project) -> str:
    """Return the reason for a disagreement that is known, else ""."""
    return ""
