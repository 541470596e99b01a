"""What stood before a run and gives way to it: stopped and set aside, then removed or brought back."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial

from docker.errors import NotFound

from composecheck.engine.moby.marker import Retired
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from typing import Any

    import docker

    from composecheck.engine.docker.standing import Standing
    from composecheck.engine.moby.marker import Marker
    from composecheck.engine.moby.removal import Removal


class Formers:
    """Has the containers that stood give way to a run, each once, on whatever thread; its record has them.

    A former keeps its writable layer and its name's owner until the run has come to a good end: that is what
    it is brought back with where the run fails. `grace` is the time at stop in place of each one's own.
    """

    def __init__(self, client: docker.APIClient, run: Marker, grace: float | None) -> None:
        self._client = client
        self._run = run
        self._grace = grace
        self._locks: dict[str, threading.Lock] = {}
        self._locking = threading.Lock()
        self.stopped = set[str]()  # the ids of those that this run has stopped itself

    def retire(self, former: Standing, successor: str = "") -> None:
        """Stop a container and give its name away; `successor` is the id of the one that gets it."""
        with self._alone(former.id):
            known = self._run.retired.get(former.id)
            if known is not None and known.goes:
                return
            aside = f"{(successor or former.id)[:12]}_{former.name}"
            ran = former.runs if known is None else known.ran
            self._run.retires(Retired(former.id, former.name, former.service, aside, ran, goes=True))
            with suppress(NotFound):  # somebody was faster
                self._stop(former)
                self._client.rename(former.id, aside)
            self._run.beat()

    def pause(self, former: Standing) -> None:
        """Stop a container that is started again later on, by this run."""
        with self._alone(former.id):
            if former.id in self._run.retired or not former.runs:
                return
            self._run.retires(Retired(former.id, former.name, former.service, "", ran=True, goes=False))
            with suppress(NotFound):
                self._stop(former)
            self._run.beat()

    def _stop(self, former: Standing) -> None:
        self.stopped.add(former.id)
        if former.runs:
            self._client.stop(former.id, timeout=None if self._grace is None else round(self._grace))

    def _alone(self, container: str) -> threading.Lock:
        with self._locking:
            return self._locks.setdefault(container, threading.Lock())


def discharge(removal: Removal, retired: Iterable[Retired]) -> None:
    """Remove what has given way for good; its anonymous volumes are its successor's, or nobody's."""
    removal.of_formers([(each.aside or each.name, each.id) for each in retired if each.goes])


def restore(
    removal: Removal, client: docker.APIClient, retired: Iterable[Retired], spare: Collection[str]
) -> None:
    """Bring back what has given way, in that order, but for services that others use."""
    back = [each for each in retired if each.service not in spare]
    ran = {each.id for each in back if each.ran}
    for each in back:
        removal.bring_back(each.name, partial(_restore, client, each, ran))


def _restore(client: docker.APIClient, former: Retired, ran: Collection[str]) -> bool:
    """Bring a container back; return whether it is still there."""
    try:
        if former.aside and client.inspect_container(former.id)["Name"] != f"/{former.name}":
            client.rename(former.id, former.name)
        if former.ran:
            _start(client, former.id, ran)
    except NotFound as error:
        if former.id[:12] in str(error.explanation) or "No such container" in str(error.explanation):
            return False
        raise
    return True


def _start(client: docker.APIClient, container: str, ran: Collection[str]) -> None:
    """Start a container, and before it those of some others whose namespaces it shares."""
    host = client.inspect_container(container)["HostConfig"]
    for kind in ("NetworkMode", "PidMode", "IpcMode"):
        sort, _, owner = str(host.get(kind) or "").partition(":")
        if sort == "container" and owner in ran:
            with suppress(NotFound):  # the start tells of it
                _start(client, owner, ran)
    client.start(container)


def stale(
    retired: Iterable[Retired], there: Callable[[str], dict[str, Any] | None]
) -> tuple[Sequence[Retired], Sequence[Retired]]:
    """Return which formers of a run that was killed are to go, and which are to be brought back.

    One goes whose name another container has. `there` inspects a container by its name.
    """
    go: list[Retired] = []
    back: list[Retired] = []
    for each in retired:
        successor = there(each.name)
        (go if each.goes and successor is not None and successor["Id"] != each.id else back).append(each)
    return go, back
