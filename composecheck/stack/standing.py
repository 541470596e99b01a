"""What stands of a project, whoever started it: chosen by service, stopped, started again, waited for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter

from composecheck.errors import UsageError
from composecheck.facts import Facts
from composecheck.named import TYPE_CHECKING
from composecheck.stack.failure import failure
from composecheck.stack.secrets import masked, secrets_in
from composecheck.start import Run, drive, select
from composecheck.start import Settings as StartSettings
from composecheck.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from composecheck.engine.protocol import Progress, Session, Status
    from composecheck.event import Event
    from composecheck.model.project import Project, Service


def chosen(
    session: Session,
    project: str,
    names: Collection[str] = (),
    model: Project | None = None,
    *,
    one_off: bool = False,
) -> list[Status]:
    """Return the containers of a project that stand, those of some services where these are named.

    With `one_off` those that `run` made come along where no service is named. Raises UsageError for a
    project that does not stand, and for a service that neither stands nor is in the file's `model`.
    """
    standing = list(session.standing(project))
    if not standing:
        raise UsageError(f"project '{project}' does not stand: the engine has no container of it")
    if not names:
        return [each for each in standing if one_off or not each.once]
    there = {each.service for each in standing}
    known = there | ({*model.services, *model.disabled} if model is not None else set())
    for name in names:
        require_known(name, known)
    for name in names:
        if name not in there:
            raise UsageError(lacking(project, [name]))
    return [each for each in standing if each.service in names and not each.once]


def require_known(name: str, known: Collection[str]) -> None:
    """Raise UsageError for a service that is none of those that are known."""
    if name not in known:
        from composecheck.text.spelling import did_you_mean

        meant = did_you_mean(name, known, loosely=True)
        raise UsageError(f"no such service: '{name}'" + (f"; {meant}" if meant else ""))


def lacking(project: str, names: Sequence[str]) -> str:
    """Return that some services do not stand, and what makes them."""
    listed = " and ".join([", ".join(f"'{name}'" for name in names[:-1]), f"'{names[-1]}'"][len(names) < 2 :])
    what, has = ("services", "have") if len(names) > 1 else ("service", "has")
    return f"{what} {listed} of project '{project}' {has} no container; `composecheck up` makes it"


def dependents_first(standing: Collection[Status]) -> Iterator[list[Status]]:
    """Yield batches of containers, each before what its labels say that it depends on."""
    there = {each.service for each in standing}
    order: TopologicalSorter[str] = TopologicalSorter()
    for each in standing:
        order.add(each.service)
        for need in there.intersection(each.needs):
            order.add(need, each.service)
    order.prepare()
    while order.is_active():
        names = order.get_ready()
        yield [each for each in standing if each.service in names]
        order.done(*names)


def stop(
    session: Session, standing: Collection[Status], grace: float | None = None, *, progress: Progress
) -> None:
    """Stop containers, dependents first, and side by side what does not depend on each other.

    `grace` is in place of what each was made with.
    """

    def end(container: Status) -> None:
        progress(container.name, "stopping")
        session.stop(container.id, grace)
        progress(container.name, "stopped")

    for batch in dependents_first(standing):
        running = [each for each in batch if each.runs]
        with ThreadPoolExecutor(max(1, len(running))) as threads:
            list(threads.map(end, running))


def kill(session: Session, standing: Collection[Status], signal: str, *, progress: Progress) -> int:
    """Send containers that run a signal; return how many there were."""
    sent = 0
    for each in standing:
        if each.runs and session.kill(each.id, signal):
            progress(each.name, "killed" if signal == "SIGKILL" else f"sent {signal}")
            sent += 1
    return sent


def restarted_with(project: Project, names: Collection[str]) -> tuple[str, ...]:
    """Return some services and those that are restarted with them (`depends_on`, `restart: true`)."""
    found = set(names)
    while more := {
        service.name
        for service in project.services.values()
        if service.name not in found
        and any(edge.service in found and edge.restart for edge in service.depends_on.values())
    }:
        found |= more
    return tuple(name for name in project.services if name in found)


def goals(model: Project | None, standing: Collection[Status]) -> dict[str, str]:
    """Return what makes the services of a file ready, as `Goal.kind` has it; none where no file says so."""
    images = {each.service: each.brings for each in standing if not each.once}
    if model is None:
        return {}
    try:
        names = select(model)
    except UsageError:  # a file with errors, which is no obstacle here
        return {}
    run = Run(Facts(model).told(images), names, images)
    return {name: run.goal(name).kind for name in names}


def as_it_stands(
    project: Project, names: Sequence[str], standing: Collection[Status], coming: Collection[str] = ()
) -> tuple[Project, tuple[str, ...]]:
    """Return a project with as many containers as stand, and the services that are meant.

    Those that are named have to stand, and by no name all that the file enables; what they depend on and
    does not stand is left out. Raises UsageError for what does not stand.
    """
    numbers: dict[str, int] = dict.fromkeys(coming, 1)
    for each in standing:
        if not each.once and each.service not in coming:
            numbers[each.service] = numbers.get(each.service, 0) + 1
    wanted = select(project, names)
    meant = names or [name for name in wanted if project.services[name].replicas]
    absent = [name for name in meant if name not in numbers]
    if absent:
        raise UsageError(lacking(project.name, absent))
    services: dict[str, Service] = dict(project.services)
    for name in wanted:
        edges = services[name].depends_on
        if name in numbers:
            services[name] = services[name].replace(
                scale=numbers[name],
                replicas=numbers[name],
                depends_on={key: edge for key, edge in edges.items() if edge.service in numbers},
            )
    here = project._replace(services=services)
    return here, select(here, [name for name in wanted if name in numbers])


def wait(
    session: Session,
    project: Project,
    services: Sequence[str],
    *,
    timeout: float | None,
    soft_wait: float,
    starting: Collection[str] = (),
    coming: Collection[str] = (),
    until: Callable[[Event], bool] = lambda _: False,
) -> Iterator[Event]:
    """Yield the Events of what stands until it is ready, by the goals and probes of an `up`; or `until` one.

    Nothing is created, and only what is in `starting` is started. Raises UsageError for what does not stand,
    NotReadyError and DeadlineError as `up` does, and EngineError.
    """
    standing = session.standing(project.name)
    if not standing and not coming:
        raise UsageError(f"project '{project.name}' does not stand; `composecheck up` starts it")
    here, names = as_it_stands(project, services, standing, coming)
    secrets = secrets_in(project)
    with masked(secrets):
        engine, deadline = session.adopt(here, names, starting=starting, coming=coming, timeout=timeout)
    images = {name: session.image(here.services[name]) for name in names}
    run = Run(Facts(here).told(images), names, images, StartSettings(soft_wait=soft_wait))
    events: list[Event] = []
    for event in drive(engine, run, deadline):
        events.append(event._replace(text=visible(secrets.mask(event.text))))
        yield events[-1]
        if until(event):
            return
    if run.outcome != "ready":
        raise failure(run, events, session, secrets, timeout=timeout)


def one(
    session: Session, project: str, service: str, number: int | None = None, model: Project | None = None
) -> Status:
    """Return a container of a service that runs, the first or that with a number; UsageError for none."""
    found = chosen(session, project, [service], model)
    for each in found:
        if each.runs and number in (None, each.number):
            return each
    if number is not None and number not in {each.number for each in found}:
        numbers = ", ".join(str(each.number) for each in found)
        raise UsageError(f"service '{service}' has no container {number} (there is {numbers})")
    each = next(each for each in found if number in (None, each.number))
    how = f" (exit code {each.exit_code})" if each.exit_code is not None else ""
    raise UsageError(f"container '{each.name}' does not run: it is {each.state}{how}")
