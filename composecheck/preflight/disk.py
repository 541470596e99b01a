"""Little space where the engine keeps its images, containers and volumes."""

from __future__ import annotations

from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.model.project import Project
    from composecheck.snapshot import Snapshot

_MIB = 1024 * 1024
# A log and a database's first files alone are more than the one; most images are less than the other.
_TOO_LITTLE, _LITTLE = 100 * _MIB, 1024 * _MIB


def low(project: Project, snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Yield a finding, at the project's `services`, where the space will hardly do."""
    if snapshot.free is None or snapshot.free >= _LITTLE or not project.services:
        return
    yield Diagnostic(
        "low-disk-space",
        "error" if snapshot.free < _TOO_LITTLE else "warning",
        f"the engine has {snapshot.free // _MIB} MiB left in '{snapshot.root}'",
        project.key_place("services"),
        remedy="`docker system df` shows what takes it, `docker system prune` removes what nothing uses",
    )
