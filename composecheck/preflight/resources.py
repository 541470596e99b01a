"""External networks and volumes that are not there."""

from __future__ import annotations

from composecheck.findings.diagnostic import Diagnostic
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.model.project import Network, Project, Service, Volume
    from composecheck.snapshot import Snapshot
    from composecheck.text.source import Span


def missing(project: Project, services: Sequence[Service], snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Yield each external network and volume that the services need and the engine does not have."""
    if snapshot.networks is not None:
        there = {name for network in snapshot.networks for name in (network.name, network.id)}
        for network in project.networks_of(services):
            # A node of a swarm learns of an overlay network when it is used first.
            foreign = snapshot.swarm and network.driver == "overlay"
            if network.external and network.name not in there and not foreign:
                yield _finding("network", network, snapshot)
    if snapshot.volumes is not None:
        for volume in project.volumes_of(services):
            if volume.external and volume.name not in snapshot.volumes:
                yield _finding("volume", volume, snapshot)


def _finding(kind: str, missed: Network | Volume, snapshot: Snapshot) -> Diagnostic:
    return Diagnostic(
        f"missing-external-{kind}",
        "error",
        f"{kind} '{missed.name}' is external and does not exist",
        _place(missed),
        remedy=_meant(kind, missed, snapshot) + f"create it with `docker {kind} create {missed.name}`",
    )


def _meant(kind: str, missed: Network | Volume, snapshot: Snapshot) -> str:
    from composecheck.text.spelling import did_you_mean

    known = snapshot.volumes if kind == "volume" else [each.name for each in snapshot.networks or ()]
    meant = did_you_mean(missed.name, known or ())
    return f"{meant} else " if meant else ""


def _place(missed: Network | Volume) -> Span:
    """Return where the name is written: `name`, else the key."""
    return missed.place("name") if missed.says("name") else missed.key_place()
