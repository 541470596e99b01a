"""The end of what runs made, and of a whole project."""

from __future__ import annotations

from composecheck import identity
from composecheck.engine.docker.formers import restore
from composecheck.engine.docker.rewiring import clear, unwire
from composecheck.engine.moby.connection import SILENT
from composecheck.engine.moby.marker import Record, Wishes, records
from composecheck.engine.moby.workers import SilentError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import docker

    from composecheck.engine.docker.engine import DockerEngine
    from composecheck.engine.moby.marker import Marker
    from composecheck.engine.moby.removal import Removal, Step
    from composecheck.engine.moby.runs import Runs
    from composecheck.engine.moby.workers import Workers
    from composecheck.engine.protocol import Left
    from composecheck.model.project import Project


def undo(
    removal: Removal,
    client: docker.APIClient,
    workers: Workers,
    runs: Runs,
    ending: Collection[Marker],
    *,
    engine: DockerEngine | None,
    everything: bool,
) -> Left:
    """Remove what the runs that are `ending` made, and bring back what gave way to them.

    Of the containers that stood, `engine` restarted some.

    `everything` says that these are all runs of their session, which ends with them.
    """
    others = runs.others(ending)
    # Whoever was killed while this one lived has left it to us as well.
    passed = [record for record in others if record.is_to_go]
    waiting = _is_waiting(workers)
    spare = {n for each in others if each.is_user or each.state == "standing" for n in each.services}
    rewired = [each for run in ending for each in run.rewired]
    clear(client, removal, rewired)
    removal.of_runs(
        runs.project,
        [*(run.run for run in ending), *(record.run for record in passed)],
        made={container for run in ending for container in run.containers} if everything else (),
        spare=spare,
        restarted=list(_restarted(engine, removal)) if engine is not None else (),
    )
    if engine is not None:
        engine.containers.restarted.clear()
    unwire(client, removal, rewired)
    for retired in (*(run.retired.values() for run in ending), *(record.retired for record in passed)):
        restore(removal, client, retired, spare)
    # What the engine has not answered to may be there yet.
    why = removal.blind or (SILENT if waiting else "")
    for run in ending:
        run.forget(lambda name: name not in removal.left and (not why or name in removal.removed))
        removal.left.update({name: why for name in run.made if name not in removal.left})
    if not removal.left:
        runs.conclude(ending, others, spared=removal.spared)
    return removal.result._replace(unreachable=removal.unreachable or bool(why))


def _is_waiting(workers: Workers) -> bool:
    """Wait for the requests that are under way; return whether some go on."""
    try:
        if workers.patience is not None:
            workers.settle(workers.patience)
    except SilentError:
        return True
    return False


def _restarted(engine: DockerEngine, removal: Removal) -> Iterator[Step]:
    """Yield what stops the containers that stood before, and that a start has restarted."""
    for container in engine.containers.restarted:
        key = engine.containers.key(container)
        if key is not None:
            service = engine.project.services[key[0]]
            yield identity.container_name(engine.project, service, key[1]), removal.stopping(container)


def take_down(
    removal: Removal,
    engine: str,
    project: str,
    *,
    volumes: bool,
    grace: float | None,
    services: Collection[str] | None,
    asked: Collection[str],
    model: Project | None,
) -> Left:
    """Take a project down by its labels, whoever started it, on an engine by its id."""
    wishes = Wishes(engine)
    removal.of_project(
        project,
        volumes=volumes,
        grace=grace,
        services=services,
        only=asked,
        model=model,
        asked=wishes.has,
    )
    for name in removal.removed | removal.shared:
        volume = name.removeprefix("volume ")
        if volume != name:
            (wishes.forget if name in removal.removed else wishes.note)(volume)
    if removal.blind:
        removal.left.setdefault(f"what there is of project '{project}'", removal.blind)
    if not removal.left:  # nobody has to see to it any more
        for record in records(engine):
            if isinstance(record, Record) and record.project == project and not record.live:
                record.path.unlink(missing_ok=True)
    return removal.result
