"""Whether a service waits by itself until another one is there: its command, and the scripts that it runs."""

from __future__ import annotations

import re

from composecheck.facts.commands import started
from composecheck.facts.commands.calls import packaged, scripts_among
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.facts import Facts
    from composecheck.facts.commands.files import Files
    from composecheck.facts.commands.waits import Process, Wait
    from composecheck.model.project import Service
    from composecheck.text.source import Span

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


def process_of(facts: Facts, service: Service) -> Process | None:
    """Return what a service's container runs, None where that surely waits for nothing."""
    argv, _ = started(facts, service)
    files = facts.files(service)
    # Most commands wait for nothing, and need no closer look.
    hinted = any(hint in word for word in argv for hint in _HINTS)
    if not hinted and facts.call(service) is None and packaged(argv, files) is None:
        return None
    from composecheck.facts.commands.waits import Process

    environment = {**_built_in(facts, service), **service.environment}
    return Process(argv, environment, files, _lacking(facts, service, argv, files))


def _lacking(facts: Facts, service: Service, argv: Sequence[str], files: Files | None) -> frozenset[str]:
    """Return the commands of a service, and of the script that it starts with, that are not there."""
    family = facts.images.known(service)
    if family is None or not family.absent:
        return frozenset()
    from composecheck.facts.tools import lacking

    return lacking(facts, service, [*argv, *scripts_among(argv, files)])


def own_wait(facts: Facts, service: Service, target: Service) -> Wait | None:
    """Return how a service's command waits for another one, None where it does not."""
    process = facts.process(service)
    if process is None:
        return None
    from composecheck.facts.commands.hosts import Hosts
    from composecheck.facts.names import MACHINE
    from composecheck.facts.ports import published
    from composecheck.knowledge import plain_name
    from composecheck.text.addresses import ITSELF, LOOPBACK

    family = facts.images.likely(target)
    machine = re.escape(MACHINE)
    hosts = Hosts(
        facts.names.reaching(service, target),
        filter(None, (plain_name(target.image),)),
        beside=ITSELF if facts.networks.share(service, target) else "",
        machine=f"{machine}|{LOOPBACK}" if service.network_mode == "host" else machine,
        published=published(target),
        kind=family.kind if family is not None else "",
    )
    return process.waits_for(hosts)


def _built_in(facts: Facts, service: Service) -> dict[str, str | None]:
    """Return the variables that a service's Dockerfile sets, as far as it says their values plainly."""
    image = facts.images.built(service)
    values = image.environment if image is not None else {}
    plain = {name: (value or "").strip("\"'") for name, value in values.items()}
    return {name: text for name, text in plain.items() if "$" not in text}


def runs_again(facts: Facts, service: Service) -> Span | None:
    """Return the place of an endless loop that starts a service's program again whenever it ends.

    There is none where something else is done before, which fails but once.
    """
    call = facts.call(service)
    if call is None:
        return None
    from composecheck.facts.commands.endings import sure
    from composecheck.facts.commands.loops import is_endless
    from composecheck.facts.commands.syntax import Command, Loop, walk
    from composecheck.facts.commands.waits import is_work

    _, key = started(facts, service)
    for statement in sure(call.script.body):
        if isinstance(statement, Loop) and is_endless(statement):
            runs = any(isinstance(part, Command) and is_work(part) for part in walk(statement.body))
            return service.key_place(key) if runs else None
        strict = (
            isinstance(statement, Command) and statement.words[:1] == ("set",) and "-e" in statement.words
        )
        if strict or (isinstance(statement, Command) and is_work(statement)):
            return None
    return None
