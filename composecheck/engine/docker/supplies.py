"""What containers need before they are created: images, networks and volumes."""

from __future__ import annotations

from functools import partial

from composecheck import identity
from composecheck.engine.docker.build import build
from composecheck.engine.moby import images, resources
from composecheck.engine.moby.marker import Wishes
from composecheck.errors import EngineError
from composecheck.facts import sources
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import Any

    import docker

    from composecheck.engine.moby.daemon import Daemon
    from composecheck.engine.moby.marker import Marker
    from composecheck.engine.moby.workers import Workers
    from composecheck.engine.protocol import Progress
    from composecheck.model.project import Project, Service


class Supplies:
    """The images, networks and volumes of one start of a project; `closed` ends a pull."""

    def __init__(
        self, daemon: Daemon, workers: Workers, run: Marker, project: Project, closed: threading.Event
    ) -> None:
        self._daemon = daemon
        self._client = daemon.client
        self._workers = workers
        self._run = run
        self._project = project
        self._closed = closed
        self._images: dict[str, dict[str, Any]] = {}

    def image(self, service: Service) -> dict[str, Any] | None:
        """Return what the engine says of a service's image, None where it is absent."""
        name = identity.image_name(self._project, service)
        return self._images.get(name) or images.inspect(self._client, name)

    def image_id(self, service: Service) -> str:
        """Return the id of an image that is at hand."""
        return str(self._images[identity.image_name(self._project, service)]["Id"])

    def image_ids(self, service: Service) -> set[str]:
        """Return by what a service's image is known, which is at hand."""
        return ids_of(self._images[identity.image_name(self._project, service)])

    def get_images(self, services: Sequence[Service], progress: Progress) -> None:
        """Get every image: the missing ones are pulled side by side, then built one after another."""
        # Of services with the same image, the one that can build it stands for them.
        by_name = {
            identity.image_name(self._project, service): service
            for service in sorted(services, key=lambda service: service.build is not None)
        }
        for name in by_name:
            self._look_at(name)
        wanted = [
            s for name, s in by_name.items() if images.wants_pull(self._project, s, self._images.get(name))
        ]
        self._workers.each([partial(self._pull, service, progress) for service in wanted])
        for name, service in by_name.items():
            if service.build is not None and (name not in self._images or sources.is_rebuilt(service)):
                build(self._client, self._project, service, progress)
                self._look_at(name)
            if name not in self._images:
                raise images.absent(self._project, service)

    def _look_at(self, name: str) -> None:
        image = images.inspect(self._client, name)
        if image is not None:
            self._images[name] = image

    def _pull(self, service: Service, progress: Progress) -> None:
        """Pull an image; one that can be built may be missing there."""
        try:
            images.pull(self._client, self._project, service, progress, self._closed)
        except EngineError:
            if service.build is None:
                raise
            progress(service.image or "", "cannot be pulled, is built")
        self._look_at(service.image or "")

    def make_resources(self, services: Sequence[Service], progress: Progress) -> None:
        """Create the networks and volumes that are missing."""
        client, project = self._client, self._project
        for network in project.networks_of(services):
            if not network.external and resources.find_network(client, network.name) is None:
                labels = identity.network_labels(project, network) | self._run.labels
                request = partial(resources.create_network, client, network, labels)
                self._make(f"network {network.name}", request, progress)
        for volume in project.volumes_of(services):
            Wishes(self._daemon.id).forget(volume.name)
            if not volume.external and resources.find_volume(client, volume.name) is None:
                labels = identity.volume_labels(project, volume) | self._run.labels
                request = partial(resources.create_volume, client, volume, labels)
                self._make(f"volume {volume.name}", request, progress)

    def _make(self, name: str, request: Callable[[], object], progress: Progress) -> None:
        self._run.makes(name)
        self._workers.call(request)
        progress(name, "created")


def ids_of(image: dict[str, Any]) -> set[str]:
    """Return by what an image is known: its id, and its manifest's where that counts."""
    return {str(image["Id"]), str((image.get("Descriptor") or {}).get("digest") or image["Id"])}


def may_be_built(client: docker.APIClient, project: Project, service: Service) -> bool:
    """Return whether an image may have to be built: it is missing, or `pull_policy: build` says always."""
    return service.build is not None and (
        sources.is_rebuilt(service) or images.inspect(client, identity.image_name(project, service)) is None
    )
