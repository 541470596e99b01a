"""A one-off container of a service: `docker compose run`, started when the service's conditions hold."""

from __future__ import annotations

import secrets as random

from composecheck import identity
from composecheck.engine.protocol import Renewal
from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING
from composecheck.stack import Stack
from composecheck.stack.secrets import masked, secrets_in
from composecheck.stack.standing import wait
from composecheck.start import select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from composecheck.engine.protocol import Progress, Session
    from composecheck.event import Event
    from composecheck.model.project import Project, Service
    from composecheck.settings import Settings


def once(
    project: Project,
    name: str,
    *,
    command: Sequence[str],
    entrypoint: Sequence[str] | None,
    environment: Sequence[str],
    user: str,
    folder: str,
    container: str | None,
    ports: bool,
    tty: bool,
    reads: bool,
) -> tuple[Service, str]:
    """Return a service as its one-off container is to be, and what tells that from others.

    As with Compose it has no ports of the service but where that is asked for, is never restarted, and with
    an entrypoint of its own it has no command but its own.
    """
    select(project, [name])
    service = project.services[name]
    if service.provider is not None:
        raise UsageError(f"service '{name}' is run by a provider, and has no container")
    slug = random.token_hex(32)
    given = dict(text.partition("=")[::2] for text in environment)
    changed = service.replace(
        container_name=container or identity.once_name(project, service, slug),
        environment={**service.environment, **given},
        restart_policy=None,
        depends_on={},
        tty=tty,
        stdin_open=reads,
    )
    if command or entrypoint is not None:
        changed = changed.replace(command=tuple(command))
    if entrypoint is not None:
        changed = changed.replace(entrypoint=tuple(entrypoint))
    if not ports:
        changed = changed.replace(ports=())
    if user:
        changed = changed.replace(user=user)
    if folder:
        changed = changed.replace(working_dir=folder)
    return changed, slug


def prepared(
    session: Session,
    project: Project,
    service: Service,
    slug: str,
    settings: Settings,
    *,
    alone: bool,
    timeout: float | None,
    soft_wait: float,
    on_progress: Progress,
    on_event: Callable[[Event], object],
    removed: bool,
) -> str:
    """Return the id of the one-off container, made where what its service depends on is as that asks for.

    What that is not yet is started, as by `up`, but `alone`. The engine removes the container at its end
    where it is to be `removed`. Raises NotReadyError, and what else `up` raises.
    """
    name = service.name
    edges = project.services[name].depends_on
    needs = [edge for edge in edges if edge in project.services]
    if needs and not alone:
        stack = Stack.of(project, settings, engine=session)
        stack.up(needs, timeout=timeout, soft_wait=soft_wait, on_progress=on_progress, on_event=on_event)
    with masked(secrets_in(project)):
        _supply(session, project, service, on_progress)
    if needs and not alone:
        until = wait(
            session,
            project,
            [name],
            timeout=timeout,
            soft_wait=soft_wait,
            coming=[name],
            until=lambda event: event.kind == "released" and event.service == name,
        )
        for _ in until:
            pass
    on_progress(service.container_name or name, "created")
    return session.create_once(project, service, slug, removed=removed)


def _supply(session: Session, project: Project, service: Service, progress: Progress) -> None:
    """Get the image, the networks and the volumes of a service; its containers that stand are left alone."""
    standing = [e for e in session.standing(project.name) if e.service == service.name and not e.once]
    ran = {each.id for each in standing if each.runs}
    own = project.services[service.name].replace(scale=len(standing), replicas=len(standing))
    one = project._replace(services=project.services | {service.name: own})
    renewal = Renewal(frozenset([service.name]), "never", "never")
    done = False
    session.begin(one, [service.name], progress, renewal)
    try:
        session.preflight(one, [service.name], progress, lambda text: progress(service.name, text))
        session.prepare(one, [service.name], progress, None)
        done = True
    finally:
        if not done:
            session.undo(progress)
        session.settle(stands=done)
    if any(each.id in ran and not each.runs for each in session.standing(project.name)):
        progress(service.name, "started again, as a network of it was made anew")
        for _ in wait(session, project, [service.name], timeout=None, soft_wait=0.0, starting=[service.name]):
            pass
