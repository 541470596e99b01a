"""Taking things down: what one run made, or a whole project."""

from __future__ import annotations

from functools import partial
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, DockerException, NotFound
from requests import RequestException

from composecheck import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    import docker

    from composecheck.engine.docker.workers import Workers

# The engine's own, for a container that says nothing.
DEFAULT_GRACE = 10

Listed = dict[str, Any]


class Removal:
    """Removes things step by step: each step is tried, what cannot be removed is told and kept in `left`."""

    def __init__(
        self, client: docker.APIClient, workers: Workers, progress: Callable[[str, str], object]
    ) -> None:
        self._client = client
        self._workers = workers
        self._progress = progress
        self.left: list[str] = []

    def of_run(self, run: str) -> None:
        """Remove all that bears a run's label; images stay."""
        label = f"{identity.RUN}={run}"
        volumes = [volume["Name"] for volume in self._volumes(label)]
        containers = self._containers(label)
        self._workers.each([partial(self._end, each, set(volumes)) for each in containers])
        self._remove_networks(label)
        self._remove_volumes(volumes)

    def whole(self, run: str) -> bool:
        """Return whether a run made containers, and all of them are up."""
        containers = self._containers(f"{identity.RUN}={run}")
        return bool(containers) and all(each["State"] == "running" for each in containers)

    def of_project(
        self, project: str, *, volumes: bool, grace: float | None, services: Collection[str] | None = None
    ) -> None:
        """Remove a project's containers, dependents first, and its networks; with `volumes` those too.

        `services` None is all that the labels name; else containers of other services are told and left.
        """
        label = f"{identity.PROJECT}={project}"
        containers = self._containers(label, f"{identity.ONEOFF}=False")
        for each in containers:
            if services is not None and _service(each) not in services:
                self._progress(_name(each), f"left: the file has no service '{_service(each)}'")
        chosen = [each for each in containers if services is None or _service(each) in services]
        for batch in dependents_first(chosen):
            self._workers.each([partial(self._stop_and_remove, each, grace, volumes) for each in batch])
        self._remove_networks(label)
        if volumes:
            self._remove_volumes([each["Name"] for each in self._volumes(label, identity.VOLUME)])

    def stop(self, container: str, name: str, grace: float | None = None) -> None:
        """Stop a container, with the grace that it was made with where none is given."""
        self._try(name, "stopped", lambda: self._stop(container, grace))

    def _end(self, container: Listed, volumes: set[str]) -> None:
        """Remove a container of this run; it is asked to stop first only where it holds older data."""
        kept = [
            mount
            for mount in container.get("Mounts") or ()
            if mount.get("RW") and mount["Type"] in {"bind", "volume"} and mount.get("Name") not in volumes
        ]
        # An anonymous volume has its container's life, and a name of 64 digits.
        older = [mount for mount in kept if len(mount.get("Name") or "") != 64]
        if older and container["State"] == "running":
            self.stop(container["Id"], _name(container))
        self._remove(container, volumes=True)

    def _stop_and_remove(self, container: Listed, grace: float | None, volumes: bool) -> None:
        if container["State"] not in {"created", "exited", "dead"}:
            self.stop(container["Id"], _name(container), grace)
        self._remove(container, volumes=volumes)

    def _stop(self, container: str, grace: float | None) -> None:
        if grace is None:
            said = self._client.inspect_container(container)["Config"].get("StopTimeout")
            grace = DEFAULT_GRACE if said is None else said
        self._client.stop(container, timeout=round(grace))

    def _remove(self, container: Listed, *, volumes: bool) -> None:
        remove = partial(self._client.remove_container, container["Id"], v=volumes, force=True)
        self._try(_name(container), "removed", remove)

    def _remove_networks(self, label: str) -> None:
        for network in self._list("networks", lambda: self._client.networks(filters={"label": label})):
            name = network["Name"]
            self._try(f"network {name}", "removed", partial(self._client.remove_network, network["Id"]))

    def _remove_volumes(self, names: Iterable[str]) -> None:
        for name in names:
            self._try(f"volume {name}", "removed", partial(self._client.remove_volume, name))

    def _containers(self, *labels: str) -> list[Listed]:
        filters = {"label": list(labels)}
        return self._list("containers", lambda: self._client.containers(all=True, filters=filters))

    def _volumes(self, *labels: str) -> list[Listed]:
        found = self._list("volumes", lambda: [self._client.volumes(filters={"label": list(labels)})])
        return (found[0]["Volumes"] or []) if found else []

    def _list(self, what: str, listing: Callable[[], Any]) -> list[Listed]:
        try:
            return list(listing())
        except (DockerException, RequestException) as error:
            self._fail(what, error)
            return []

    def _try(self, name: str, done: str, step: Callable[[], object]) -> None:
        try:
            step()
        except NotFound:
            return
        except APIError as error:
            said = str(error.explanation)
            if error.status_code == 409 and "in progress" in said:
                return  # somebody else removes it at this moment
            if "has active endpoints" in said:
                # As Compose does: a network goes with the last container on it.
                self._progress(name, "left: other containers are still on it (--remove-orphans?)")
                return
            self._fail(name, error)
        except (DockerException, RequestException) as error:
            self._fail(name, error)
        else:
            self._progress(name, done)

    def _fail(self, name: str, error: Exception) -> None:
        self.left.append(name)
        self._progress(name, f"left: {getattr(error, 'explanation', None) or error}")


def dependents_first(containers: Collection[Listed]) -> Iterator[list[Listed]]:
    """Yield batches of containers so that each comes before what its service depends on."""
    order: TopologicalSorter[str] = TopologicalSorter()
    present = {_service(each) for each in containers}
    for each in containers:
        order.add(_service(each))
        for dependency in set(identity.dependencies_of(each["Labels"])) & present:
            order.add(dependency, _service(each))
    order.prepare()
    while order.is_active():
        names = order.get_ready()
        yield [each for each in containers if _service(each) in names]
        order.done(*names)


def _service(container: Listed) -> str:
    return str(container["Labels"].get(identity.SERVICE, ""))


def _name(container: Listed) -> str:
    return str(container["Names"][0]).lstrip("/")
