"""Images that are not there and may not be pulled, and those that will be."""

from __future__ import annotations

from composecheck import identity
from composecheck.facts.sources import may_be_pulled, platform
from composecheck.findings.diagnostic import Diagnostic, Related
from composecheck.named import TYPE_CHECKING
from composecheck.snapshot import serves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.model.project import Project, Service
    from composecheck.snapshot import Snapshot


def unavailable(project: Project, services: Sequence[Service], snapshot: Snapshot) -> Iterator[Diagnostic]:
    """Yield each image that the engine does not have, or has for another platform, and cannot build."""
    if snapshot.images is None:
        return
    built = {identity.image_name(project, s) for s in services if s.build is not None}
    for service in services:
        if service.image and service.image not in built and service.replicas > 0:
            lack = _lack(project, service, snapshot.images)
            if lack:
                yield _finding(service, lack)


def _lack(project: Project, service: Service, images: Mapping[str, str | None]) -> str:
    """Return what is wrong with the image that is there, "" for nothing."""
    there = images.get(service.image or "")
    if there is None:
        return "is not on this engine"
    wanted = platform(project, service)
    if wanted is not None and not serves(there, wanted):
        return f"is on this engine for {there}, not for {wanted}"
    return ""


def _finding(service: Service, lack: str) -> Diagnostic:
    message = f"image '{service.image}' of service '{service.name}' {lack}"
    if may_be_pulled(service):
        return Diagnostic(
            "image-not-available",
            "note",
            f"{message}: it will be pulled",
            service.place("image"),
            remedy="`docker compose pull` does so beforehand",
            service=service.name,
        )
    return Diagnostic(
        "image-not-available",
        "error",
        f"{message}, and 'pull_policy: {service.pull_policy}' forbids to pull it",
        service.place("image"),
        remedy=f"`docker pull {service.image}`, build it, or take 'pull_policy' out",
        service=service.name,
        related=(Related(service.place("pull_policy"), "forbidden here"),),
    )
