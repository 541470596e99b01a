"""Taking things down: what runs made, or a whole project."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from graphlib import TopologicalSorter
from typing import Any

from docker.errors import APIError, DockerException, NotFound
from requests import RequestException

from composecheck import identity
from composecheck.engine.moby.connection import said
from composecheck.engine.moby.history import moment
from composecheck.engine.moby.workers import SilentError
from composecheck.engine.protocol import Left
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import docker

    from composecheck.engine.moby.workers import Workers
    from composecheck.model.project import Project

# The engine's own, for a container that says nothing.
DEFAULT_GRACE = 10

Listed = dict[str, Any]
# A thing by its name, and what takes it away.
Step = tuple[str, "Callable[[], object]"]


class Removal:
    """Removes things step by step: each step is tried, and what stays is told.

    `left` says by name why something could not be removed, `spared` that something was left to other runs.
    What others use does not go with a project that is taken down, and is no failure there (`shared`).
    `blind` says why the engine could not even be asked what there is.
    """

    def __init__(
        self, client: docker.APIClient, workers: Workers, progress: Callable[[str, str], object]
    ) -> None:
        self._client = client
        self._workers = workers
        self._progress = progress
        self._telling = threading.Lock()
        self._given_up: set[str] = set()
        self.left: dict[str, str] = {}
        self.removed: set[str] = set()
        self.shared: set[str] = set()
        self.spared = False
        self.kept: list[str] = []
        self.restored: list[str] = []
        self.unreachable = False
        self.blind = ""

    def of_runs(
        self,
        project: str,
        runs: Collection[str],
        *,
        made: Collection[str] = (),
        spare: Collection[str] = (),
        restarted: Collection[Step] = (),
    ) -> None:
        """Remove all that some runs of a project made, but the services that others use; images stay.

        So does what a container that stays is on. `made` are the containers that are expected: where they
        and the networks are gone, somebody has taken it down, and the volumes are `kept`. `restarted` are
        containers that stood before and are only stopped.
        """
        labels = [f"{identity.RUN}={run}" for run in runs]
        found = [each for label in labels for each in self.containers(label)]
        networks = [each for label in labels for each in self._networks(label)]
        volumes = {each["Name"] for label in labels for each in self._volumes(label)}
        going = {each["Id"]: each for each in found if _service(each) not in spare}
        staying = self.containers(f"{identity.PROJECT}={project}") if spare else []
        staying = [each for each in staying if each["Id"] not in going]
        joined = {name for each in staying for name in each["NetworkSettings"]["Networks"]}
        mounted = {mount.get("Name") for each in staying for mount in each.get("Mounts") or ()}
        free = [each for each in networks if each["Name"] not in joined]
        self.spared = len(going) < len(found) or len(free) < len(networks) or bool(volumes & mounted)
        self._all("stopped", restarted)
        self._all("removed", [(_name(each), partial(self._end, each, volumes)) for each in going.values()])
        self._all("removed", [self._network(each) for each in free])
        anonymous = self._anonymous(going.values())
        taken_down = bool(made) and not found and not networks
        self.kept = sorted(volumes - mounted) if taken_down else []
        wanted = anonymous if taken_down else anonymous | volumes - mounted
        self._all("removed", [self._volume(each) for each in sorted(wanted)])

    def _anonymous(self, gone: Collection[Listed]) -> set[str]:
        """Return the anonymous volumes that containers were made with and that did not go with them.

        The engine says nothing of one that somebody else has by then. What a container only borrowed
        (`volumes_from`) is older than it is.
        """
        made = {
            mount["Name"]: int(each["Created"])
            for each in gone
            for mount in each.get("Mounts") or ()
            if len(mount.get("Name") or "") == 64
        }
        there = self._volumes() if made else []
        return {
            each["Name"]
            for each in there
            if each["Name"] in made and moment(str(each.get("CreatedAt"))) >= made[each["Name"]]
        }

    def of_project(
        self,
        project: str,
        *,
        grace: float | None,
        volumes: bool,
        services: Collection[str] | None = None,
        only: Collection[str] = (),
        model: Project | None = None,
        asked: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        """Remove a project's containers, dependents first, and its networks, with `volumes` those too.

        `services` None is all that the labels name; else containers of other services are told and
        left. Where `only` some services go, so do of the volumes those alone that they mount. What the
        file's `model` names and another project has made goes as well, where these containers have used it
        and nobody else is on it: who is the last of the two to go down leaves nothing behind. Of volumes
        that is so where the other project has `asked` for their removal.
        """
        label = f"{identity.PROJECT}={project}"
        containers = self.containers(label, f"{identity.ONEOFF}=False")
        if only:
            containers = [each for each in containers if _service(each) in only]
        joined = {name for each in containers for name in each["NetworkSettings"]["Networks"]}
        mounted = {mount.get("Name") for each in containers for mount in each.get("Mounts") or ()}
        for each in containers:
            if services is not None and _service(each) not in services:
                self._tell(_name(each), f"left: the file has no service '{_service(each)}'")
        chosen = [each for each in containers if services is None or _service(each) in services]
        for batch in dependents_first(chosen):
            steps = [(_name(each), partial(self._stop_and_remove, each, grace, volumes)) for each in batch]
            self._all("removed", steps)
        networks = self._networks(label)
        if model is not None:
            mine = {each.name for each in model.networks.values() if not each.external}
            theirs = {each.name for each in model.networks.values() if each.external}
            networks = [each for each in networks if each["Name"] not in theirs]
            networks += self._lent(project, mine & joined)
        self._all("removed", [self._network(each) for each in networks], shared=True)
        if volumes:
            names = {each["Name"] for each in self._volumes(label, identity.VOLUME)}
            if only:
                names &= mounted
            if model is not None:
                names -= {each.name for each in model.volumes.values() if each.external}
                mine = {each.name for each in model.volumes.values() if not each.external} & mounted
                names |= self._of_others(project, mine, asked)
            self._all("removed", [self._volume(each) for each in sorted(names)], shared=True)

    def _of_others(self, project: str, names: Collection[str], asked: Callable[[str], bool]) -> set[str]:
        """Return which volumes of other projects go, since these have `asked` for that; tell the others."""
        found = set[str]()
        for each in self._volumes(identity.PROJECT):
            name, owner = each["Name"], each["Labels"][identity.PROJECT]
            if name not in names or owner == project:
                continue
            if asked(name):
                found.add(name)
            else:
                why = f"it belongs to project '{owner}', whose `composecheck down -v` removes it"
                self._leave(f"volume {name}", why, failed=False)
        return found

    def _lent(self, project: str, names: Collection[str]) -> list[Listed]:
        """Return the networks of some names that other projects have made and that nobody is on."""
        return [
            each
            for each in self._networks(identity.PROJECT)
            if each["Name"] in names
            and each["Labels"][identity.PROJECT] != project
            and not self._list(partial(self._client.containers, all=True, filters={"network": each["Id"]}))
        ]

    def images(self, names: Collection[str]) -> None:
        """Remove images by name; one that is not there has been removed, one that is used stays."""
        steps = [(f"image {name}", partial(self._client.remove_image, name)) for name in names]
        self._all("removed", steps, shared=True)

    def of_these(
        self, containers: Collection[Listed], networks: Collection[Listed], volumes: Collection[str]
    ) -> None:
        """Remove things that have been chosen, as they are."""
        self._all(
            "removed", [(_name(each), partial(self._remove, each, volumes=True)) for each in containers]
        )
        self._all("removed", [self._network(each) for each in networks])
        self._all("removed", [self._volume(each) for each in volumes])

    def of_formers(self, formers: Collection[tuple[str, str]]) -> None:
        """Remove containers by name and id, and none of their volumes."""
        removing = self._client.remove_container
        self._all("removed", [(name, partial(removing, each, force=True)) for name, each in formers])

    def take(self, name: str, done: str, step: Callable[[], object]) -> None:
        """Take a step of another kind on something."""
        self._all(done, [(name, step)])

    def bring_back(self, name: str, restoring: Callable[[], bool]) -> None:
        """Take the step that brings a container back, which returns whether that is still there."""

        def step() -> None:
            if restoring():
                self.restored.append(name)
            else:
                raise NotFound("it is gone")

        self.take(name, "as before", step)

    def stopping(self, container: str, grace: float | None = None) -> Callable[[], object]:
        """Return what stops a container, with the grace that it was made with where none is given."""
        return partial(self._stop, container, grace)

    def give_up(self, why: str) -> None:
        """Note that the engine cannot be asked what there is."""
        self.blind = self.blind or why
        self.unreachable = True

    @property
    def result(self) -> Left:
        """What is left, for whoever asked for the removal."""
        return Left(
            self.left,
            self.unreachable,
            self.spared,
            tuple(self.kept),
            command(self.left),
            tuple(self.restored),
        )

    # What is there

    def containers(self, *labels: str) -> list[Listed]:
        """Return the containers with some labels, whatever their state."""
        filters = {"label": list(labels)}
        return self._list(lambda: self._client.containers(all=True, filters=filters))

    def _networks(self, label: str) -> list[Listed]:
        return self._list(lambda: self._client.networks(filters={"label": label}))

    def _volumes(self, *labels: str) -> list[Listed]:
        found = self._list(lambda: [self._client.volumes(filters={"label": list(labels)})])
        return (found[0]["Volumes"] or []) if found else []

    def _list(self, listing: Callable[[], Any]) -> list[Listed]:
        try:
            return list(self._workers.call(listing))
        except (DockerException, RequestException, SilentError) as error:
            self.give_up(said(error))
            return []

    # The steps

    def _network(self, network: Listed) -> Step:
        return f"network {network['Name']}", partial(self._client.remove_network, network["Id"])

    def _volume(self, name: str) -> Step:
        return f"volume {name}", partial(self._client.remove_volume, name)

    def _end(self, container: Listed, volumes: Collection[str]) -> None:
        """Remove a container of a run; it is asked to stop first only where it holds older data."""
        kept = [
            mount
            for mount in container.get("Mounts") or ()
            if mount.get("RW") and mount["Type"] in {"bind", "volume"} and mount.get("Name") not in volumes
        ]
        # An anonymous volume has its container's life, and a name of 64 digits, unless it is inherited.
        heir = identity.REPLACE in container["Labels"]
        older = [mount for mount in kept if heir or len(mount.get("Name") or "") != 64]
        if older and container["State"] == "running":
            self._try(_name(container), "stopped", self.stopping(container["Id"]))
        self._remove(container, volumes=True)

    def _stop_and_remove(self, container: Listed, grace: float | None, volumes: bool) -> None:
        if container["State"] not in {"created", "exited", "dead"}:
            self._try(_name(container), "stopped", self.stopping(container["Id"], grace))
        self._remove(container, volumes=volumes)

    def _stop(self, container: str, grace: float | None) -> None:
        if grace is None:
            found = self._client.inspect_container(container)["Config"].get("StopTimeout")
            grace = DEFAULT_GRACE if found is None else found
        patience = self._workers.patience
        if patience is None:
            self._client.stop(container, timeout=round(grace))
            return
        with patience.grace(grace + 1):
            self._client.stop(container, timeout=round(grace))

    def _remove(self, container: Listed, *, volumes: bool) -> None:
        self._client.remove_container(container["Id"], v=volumes, force=True)

    def _all(self, done: str, steps: Collection[Step], *, shared: bool = False) -> None:
        """Take steps side by side; what the engine does not answer is left."""
        answered = set[str]()

        def take(name: str, step: Callable[[], object]) -> None:
            self._try(name, done, step, shared=shared)
            answered.add(name)

        try:
            self._workers.each([partial(take, name, step) for name, step in steps])
        except SilentError as error:
            for name, _ in steps:
                if name not in answered:
                    self._fail(name, error)
                    self._given_up.add(name)  # an answer that comes after all contradicts nothing

    def _try(self, name: str, done: str, step: Callable[[], object], *, shared: bool = False) -> None:
        try:
            step()
        except NotFound:
            self._note_removed(name, done)
        except APIError as error:
            text = said(error)
            if error.status_code == 409 and "in progress" in text:
                self._note_removed(name, done)  # somebody else removes it at this moment
            elif error.status_code == 409 and name.startswith("image "):
                self._leave(name, text, failed=not shared)
            elif users := self._users(name, text):
                # As Compose does: a network goes with the last container on it, a volume too.
                self._leave(name, users, failed=not shared)
            else:
                self._fail(name, error)
        except (DockerException, RequestException) as error:
            self._fail(name, error)
        else:
            self._note_removed(name, done)
            self._tell(name, done)

    def _note_removed(self, name: str, done: str) -> None:
        if done == "removed":
            self.removed.add(name)

    def _users(self, name: str, text: str) -> str:
        """Return who uses a network or a volume that cannot be removed, "" where that is not the reason."""
        if "has active endpoints" in text:
            one, many, filters = "is on it", "are on it", {"network": name.removeprefix("network ")}
        elif "volume is in use" in text:
            one, many, filters = "uses it", "use it", {"volume": name.removeprefix("volume ")}
        else:
            return ""
        try:
            users = sorted(_name(each) for each in self._client.containers(all=True, filters=filters))
        except (DockerException, RequestException):
            users = []
        if len(users) > 1:
            return f"containers {', '.join(map(repr, users))} {many}"
        return f"container '{users[0]}' {one}" if users else f"another container {one}"

    def _fail(self, name: str, error: Exception) -> None:
        self.unreachable = self.unreachable or not isinstance(error, APIError)
        self._leave(name, said(error), failed=True)

    def _leave(self, name: str, why: str, *, failed: bool) -> None:
        if failed and name in self.left:
            return  # it could not even be stopped
        if failed:
            self.left[name] = why
        else:
            self.shared.add(name)
        self._tell(name, f"left: {why}")

    def _tell(self, name: str, text: str) -> None:
        with self._telling, suppress(Exception):  # whoever is told cannot keep us from it
            if name not in self._given_up:
                self._progress(name, text)


def command(names: Collection[str]) -> str:
    """Return the commands that remove some things, as they are named in `Removal.left`, and nothing else."""
    kinds = ("docker rm -f", "docker network rm", "docker volume rm", "docker image rm")
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    for name in names:
        kind, _, rest = name.rpartition(" ")
        if not kind or kind in ("network", "volume", "image"):
            found[f"docker {kind} rm" if kind else "docker rm -f"].append(rest)
    return " && ".join(f"{each} {' '.join(found[each])}" for each in found if found[each])


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
