"""What runs have left whose process is gone: what of it may be removed, and what is somebody's by now."""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from docker.errors import NotFound

from composecheck import identity
from composecheck.engine.docker.formers import discharge, restore, stale
from composecheck.engine.moby.history import History, moment
from composecheck.engine.moby.marker import Broken, Record, Turn, TurnTakenError, records
from composecheck.engine.moby.removal import Removal, command
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import docker

    from composecheck.engine.moby.workers import Workers


class Remains(NamedTuple):
    """What the engine still has of some runs of one project: containers as they are inspected."""

    containers: list[dict[str, Any]]
    networks: list[dict[str, Any]]
    volumes: list[str]

    @property
    def names(self) -> list[str]:
        """The names of all of it."""
        return [
            *(each["Name"].lstrip("/") for each in self.containers),
            *(f"network {each['Name']}" for each in self.networks),
            *(f"volume {each}" for each in self.volumes),
        ]


class Sweep:
    """What an `up` of one project makes of the things that ended runs have left on its engine.

    Nothing is removed that somebody else may have had: what a killed `up` had started is left to the
    next `up` of its project, as Compose would go on with it, and what was to go with its process goes
    only where there is no sign of anybody since. A volume goes only where the engine's own record of
    events reaches back to the run's end, and nobody has mounted it. What stays is told, once, with the
    command that removes it. `notice` gets such lines, `progress` each thing that is removed.
    """

    def __init__(
        self,
        client: docker.APIClient,
        workers: Workers,
        engine: str,
        progress: Callable[[str, str], object],
        notice: Callable[[str], object],
    ) -> None:
        self._client = client
        self._workers = workers
        self._engine = engine
        self._progress = progress
        self._notice = notice

    def of(self, project: str, own: str) -> None:
        """Look at the runs of a project, and at those of others that were to go with their process.

        `own` is the run that asks; it has its project's turn.
        """
        found = list(records(self._engine))
        for broken in found:
            if isinstance(broken, Broken):
                self._tell_broken(broken)
        runs = sorted((each for each in found if isinstance(each, Record)), key=attrgetter("project"))
        for name, group in groupby(runs, key=attrgetter("project")):
            known = [record for record in group if record.run != own]
            if any(record.is_user for record in known):
                continue  # whoever is the last to end sees to it
            if name == project:
                self._of_project(known, own=True)
            elif any(record.is_to_go for record in known):
                try:
                    turn = Turn(self._engine, name, None)
                except TurnTakenError:
                    continue
                try:
                    self._of_project([r for r in known if r.state != "starting"], own=False)
                finally:
                    turn.end()

    def _of_project(self, known: list[Record], *, own: bool) -> None:
        ended = [record for record in known if not record.live]
        to_go = [record for record in ended if record.is_to_go]
        started = [record for record in ended if record.state == "starting"]
        done = [record for record in ended if record.state == "standing"]  # to stand is what it is to do
        stands = any(record.state == "standing" for record in known)
        if to_go and self._to_go(to_go, self._remains(to_go), own=own, stands=stands):
            done += to_go
        if started and own and self._started(started, self._remains(started)):
            done += started
        for record in done:
            self._end_formers(record)
            record.path.unlink(missing_ok=True)

    def _end_formers(self, record: Record) -> None:
        """Remove what had given way to a run, where its successor stands; bring back the rest."""
        if not record.retired:
            return
        here = [each for each in record.retired if self._find(each.id)]
        go, back = (here, []) if record.state == "standing" else stale(here, self._find)
        removal = Removal(self._client, self._workers, self._progress)
        discharge(removal, go)
        restore(removal, self._client, back, ())
        for name in removal.restored:
            why = "is back as it was before an `up` that was killed"
            self._notice(f"project {record.project}: container '{name}' {why}")

    def _find(self, container: str) -> dict[str, Any] | None:
        """Return a container by its name or id, None where there is none."""
        try:
            return dict(self._client.inspect_container(container))
        except NotFound:
            return None

    def _started(self, runs: list[Record], remains: Remains) -> bool:
        """Remove what never ran of a killed `up`, and leave the rest to the one that goes on with it."""
        if self._gone(runs, remains):
            if remains.names:
                self._stays(runs[0], remains.names, "its `up` was killed, and somebody has gone on with it")
            return True
        history = History(self._client, max(record.end for record in runs))
        by_id: dict[str, dict[str, Any] | None] = {each["Id"]: each for each in remains.containers}
        held = {hand.container for hand in history.hands(by_id, undone=False)}
        never = [
            each
            for each in remains.containers
            if not _started(each)
            # Its former comes back, and the rename was our own.
            and (_replaces(each) or (each["Id"] not in held and history.complete))
        ]
        stays = [each for each in remains.containers if each not in never]
        gone = self._remove(runs, remains._replace(containers=never), own=True, history=history)
        rest = remains._replace(containers=stays)
        kept = [name for name in rest.names if name not in gone.removed]
        if kept:
            self._stays(runs[0], kept, "a killed `up` had made it, and somebody may have used it since")
        return not gone.left and not gone.blind

    def _to_go(self, runs: list[Record], remains: Remains, *, own: bool, stands: bool) -> bool:
        """Remove what was to go with its process, unless somebody else has or may have had it since.

        `stands` says that another `up` took it over, and ended well.
        """
        if not remains.names:
            return True
        history = History(self._client, max(record.end for record in runs))
        sign = "an `up` has taken it over" if stands else next(self._signs(runs, remains, history), "")
        if sign:
            self._stays(runs[0], remains.names, f"{_how(runs)}, and since then {sign}")
            return True
        if not history.complete and any(_ran_on(each, history) for each in remains.containers):
            self._stays(
                runs[0],
                remains.names,
                f"{_how(runs)}, and the engine has forgotten whether somebody has used it since",
            )
            return own  # where the project goes on with it
        gone = self._remove(runs, remains, own=own, history=history)
        kept = [name for name in remains.names if name not in gone.removed and name not in gone.left]
        if kept:
            self._stays(runs[0], kept, f"{_how(runs)}, and somebody may have used it since")
        return not gone.left and not gone.blind

    def _remove(self, runs: list[Record], remains: Remains, *, own: bool, history: History) -> Removal:
        """Remove containers, the networks that nobody is on then, and the volumes that nobody has had."""
        told: list[str] = []

        def progress(name: str, text: str) -> None:
            if not told:
                told.append(name)
                ended = "could not remove" if runs[0].state == "ending" else "left that was killed"
                self._progress(f"project {runs[0].project}", f"removing what a run {ended}")
            self._progress(name, text)

        removal = Removal(self._client, self._workers, progress)
        removal.of_these([_listed(each) for each in remains.containers], (), ())
        removal.of_these((), [each for each in remains.networks if not self._on("network", each["Name"])], ())
        if remains.volumes:
            used = (
                set() if own else {name for each in remains.containers for name in _ran_with(each, history)}
            )
            free = [
                name for name in remains.volumes if name not in used and self._is_free(name, runs, history)
            ]
            removal.of_these((), (), free)
        return removal

    def _is_free(self, volume: str, runs: list[Record], history: History) -> bool:
        """Return whether it is proven that nobody but these runs' own containers ever had a volume."""
        ours = {container for record in runs for container in record.containers}
        return (
            history.complete
            and not self._on("volume", volume)
            and all(event.container in ours for event in history.mounts(volume))
        )

    def _signs(self, runs: list[Record], remains: Remains, history: History) -> Iterator[str]:
        """Yield what says that somebody else has had what some runs left."""
        undone = any(record.state in ("ending", "passed") for record in runs)
        if self._gone(runs, remains):
            yield "a container of it was removed"
        for each in self._strangers(runs, remains, history):
            yield f"{each['Names'][0].lstrip('/')} uses it"
        known: dict[str, dict[str, Any] | None] = {
            container: None for record in runs for container in record.containers
        }
        known |= {each["Id"]: each for each in remains.containers}
        yield from (hand.text for hand in history.hands(known, undone=undone))
        networks = {each["Name"] for each in remains.networks}
        volumes = {*remains.volumes, *(name for each in remains.containers for name in _volumes(each))}
        yield from history.visits(known, networks, volumes)

    @staticmethod
    def _gone(runs: list[Record], remains: Remains) -> bool:
        """Return whether a container that some runs made is not there any more, and not by their own hand."""
        there = {each["Id"] for each in remains.containers}
        return any(record.containers - there for record in runs if record.state not in ("ending", "passed"))

    def _strangers(self, runs: list[Record], remains: Remains, history: History) -> Iterable[dict[str, Any]]:
        """Yield the containers of others that came into the project since, or that use what is in it."""
        ours = {record.run for record in runs}
        label = f"{identity.PROJECT}={runs[0].project}"
        for each in self._client.containers(all=True, filters={"label": label}):
            # A list of containers knows whole seconds only.
            if each["Labels"].get(identity.RUN) not in ours and each["Created"] >= int(history.end):
                yield each
        for kind, names in (("network", [n["Name"] for n in remains.networks]), ("volume", remains.volumes)):
            for name in names:
                yield from (e for e in self._on(kind, name) if e["Labels"].get(identity.RUN) not in ours)

    def _on(self, kind: str, name: str) -> list[dict[str, Any]]:
        """Return the containers that are on a network or mount a volume, whatever their state."""
        return list(self._client.containers(all=True, filters={kind: name}))

    def _remains(self, runs: list[Record]) -> Remains:
        containers, networks, volumes = list[Any](), list[Any](), list[Any]()
        for record in runs:
            filters = {"label": f"{identity.RUN}={record.run}"}
            containers += self._client.containers(all=True, filters=filters)
            networks += self._client.networks(filters=filters)
            volumes += self._client.volumes(filters=filters)["Volumes"] or ()
        inspected = list[dict[str, Any]]()
        for each in containers:
            with suppress(NotFound):  # gone meanwhile
                inspected.append(self._client.inspect_container(each["Id"]))
        return Remains(inspected, networks, [each["Name"] for each in volumes])

    def _stays(self, run: Record, names: list[str], why: str) -> None:
        verb = "stays" if len(names) == 1 else "stay"
        volumes = [name for name in names if name.startswith("volume ")]
        remedies = [f"`composecheck down -p {run.project}`"] if names != volumes else []
        remedies += [f"`{command(volumes)}` (its data)"] if volumes else []
        text = f"project {run.project}: {', '.join(names)} {verb}: {why}; to be rid of it: "
        self._notice(text + " and ".join(remedies))

    def _tell_broken(self, broken: Broken) -> None:
        """Tell of a file that says nothing, and what the engine has that bears its name."""
        if broken.newer:
            self._notice(
                f"{broken.path}: the record of a run {broken.why}, which only a newer composecheck reads"
            )
            return
        filters = {"label": f"{identity.RUN}={broken.run}"}
        found = [
            *(c["Names"][0].lstrip("/") for c in self._client.containers(all=True, filters=filters)),
            *(f"network {n['Name']}" for n in self._client.networks(filters=filters)),
            *(f"volume {v['Name']}" for v in self._client.volumes(filters=filters)["Volumes"] or ()),
        ]
        text = f"{broken.path}: the record of a run {broken.why}"
        if found:
            whose = f"{', '.join(found)} {'is' if len(found) == 1 else 'are'}"
            text += f", so that nobody can tell whose {whose} by now; `rm {broken.path}` forgets it"
        elif not broken.path.is_dir():
            text += ", and the engine has nothing of it"
            broken.path.unlink(missing_ok=True)
        self._notice(text)


def _how(runs: list[Record]) -> str:
    return "its run could not remove it" if runs[0].state == "ending" else "its run was killed"


def _replaces(container: dict[str, Any]) -> bool:
    return identity.REPLACE in container["Config"]["Labels"]


def _started(container: dict[str, Any]) -> bool:
    return moment(container["State"]["StartedAt"]) > 0


def _ran_with(container: dict[str, Any], history: History) -> list[str]:
    """Return the volumes of a container that ran on after its run had ended."""
    return _volumes(container) if _ran_on(container, history) else []


def _volumes(container: dict[str, Any]) -> list[str]:
    return [mount["Name"] for mount in container["Mounts"] if mount.get("Name")]


def _ran_on(container: dict[str, Any], history: History) -> bool:
    state = container["State"]
    return _started(container) and (state["Running"] or moment(state["FinishedAt"]) > history.end)


def _name(container: dict[str, Any]) -> str:
    return str(container["Name"]).lstrip("/")


def _listed(container: dict[str, Any]) -> dict[str, Any]:
    """Return an inspected container as a list of containers has it, as far as a removal asks."""
    return {"Id": container["Id"], "Names": [container["Name"]]}
