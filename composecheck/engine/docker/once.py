"""A one-off container of a service, as `docker compose run` makes it."""

from __future__ import annotations

import time
from functools import partial

from composecheck import identity
from composecheck.engine.docker import mounts
from composecheck.engine.docker.body import References, container_request
from composecheck.engine.docker.rewiring import connect
from composecheck.engine.moby import images
from composecheck.engine.moby.connection import proxies
from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from composecheck.engine.moby.daemon import Daemon
    from composecheck.engine.protocol import Status
    from composecheck.model.project import Project, Service


def create_once(
    daemon: Daemon,
    project: Project,
    service: Service,
    slug: str,
    standing: Collection[Status],
    *,
    removed: bool,
) -> str:
    """Create the container and return its id; `standing` are those whose namespaces it may share.

    On its networks it is found by its own name alone, lest it is asked in place of the service.
    """
    client = daemon.client
    image = images.inspect(client, identity.image_name(project, service))
    if image is None:
        raise images.absent(project, service)
    first = partial(_first, standing)
    labels = identity.container_labels(
        project, service, 1, str(image["Id"]), identity.service_hash(project, service, first)
    )
    del labels[identity.NUMBER]
    labels |= {identity.ONEOFF: "True", identity.SLUG: slug, identity.DEPENDS_ON: ""}
    request = container_request(
        project,
        service,
        1,
        labels=labels,
        proxies=proxies(daemon.url),
        references=References(first, partial(_names, standing)),
        all_networks_at_once=daemon.speaks("1.44"),
    )
    request.body.update(AttachStdin=service.stdin_open, StdinOnce=service.stdin_open)
    request.body["HostConfig"]["AutoRemove"] = removed
    for end in request.body["NetworkingConfig"]["EndpointsConfig"].values():
        end["Aliases"] = [request.name]
    made = str(client.create_container_from_config(request.body, request.name, request.platform)["Id"])
    for more in request.more_networks:
        connect(client, made, more._replace(settings=more.settings | {"Aliases": [request.name]}))
    for file in mounts.copied_files(project, service):
        client.put_archive(made, "/", mounts.archive(file, time.time()))
    return made


def _names(standing: Collection[Status], service: str) -> list[str]:
    return [each.name for each in standing if each.service == service and not each.once]


def _first(standing: Collection[Status], service: str) -> str:
    found = [each.id for each in standing if each.service == service and not each.once]
    if not found:
        raise EngineError(f"service '{service}', which it needs, has no container")
    return found[0]
