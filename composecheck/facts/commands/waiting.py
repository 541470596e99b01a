"""Whether a service waits by itself until another one is there: its command, and the scripts that it runs."""

from __future__ import annotations

import re

from composecheck.facts.commands import started
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.commands.waits import Wait
    from composecheck.model.project import Service

_HINTS = (
    "wait",
    "dockerize",
    "until",
    "while",
    "for",
    "retry",
    "ready",
    "mysqladmin",
    "mariadb-admin",
    "cub",
)


def own_wait(facts: Facts, service: Service, target: Service) -> Wait | None:
    """Return how a service's command waits for another one, None where it does not."""
    argv, _ = started(facts, service)
    # Most commands wait for nothing, and need no closer look.
    if not any(hint in word for word in argv for hint in _HINTS):
        return None
    from composecheck.facts.commands.waits import Hosts, waits_for
    from composecheck.facts.names import MACHINE
    from composecheck.facts.ports import published
    from composecheck.text.addresses import ITSELF, LOOPBACK

    machine = re.escape(MACHINE)
    hosts = Hosts(
        facts.names.reaching(service, target),
        _image_names(target),
        beside=ITSELF if facts.networks.share(service, target) else "",
        machine=f"{machine}|{LOOPBACK}" if service.network_mode == "host" else machine,
        published=published(target),
    )
    return waits_for(hosts, argv, service.environment)


def _image_names(target: Service) -> Iterator[str]:
    """Yield what the dependency's image is commonly called: "postgres" for postgres:16-alpine."""
    if target.image:
        name = target.image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        if name:
            yield name
