"""Tests of healthchecks that the temporary server of a database's first start answers, too."""

from __future__ import annotations

from composecheck.facts.commands.clients import (
    MYSQL,
    POSTGRES,
    mysql_host,
    mysql_options,
    postgres_host,
    unknown_commands,
)
from composecheck.facts.guards import awaits_health
from composecheck.model.project import DEFAULT_INTERVAL
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.facts.commands.runs import Run
    from composecheck.facts.healthtest import Test
    from composecheck.knowledge import Family
    from composecheck.model.project import Dependency, Service
    from composecheck.text.source import Span

# Where images with a temporary server look for scripts that it is to run.
INIT_SCRIPTS = "/docker-entrypoint-initdb.d"
# What may stand beside the question and does not change what it tells.
_BESIDE = frozenset(
    """exit true false : echo printf grep wc tr sed awk cat timeout su gosu su-exec sudo env exec sh bash ash
    dash [ test [[ sleep""".split()  # noqa: SIM905 - words
)
# How who waits for a health goes on asking by himself.
_PATIENT = ("image-retry", "image-wait", "wrapper", "x-retry")


class Early(NamedTuple):
    """A command of a test that asks through the socket, of what family, and where somebody waits for it.

    `sure` is False where nothing but the command says what the image is.
    """

    run: Run
    family: Family
    waiting: Span | None
    sure: bool


def early(facts: Facts, test: Test) -> Early | None:
    """Return what a temporary server answers of a test; None where it does not."""
    if not any(tool in test.text for tool in ("pg_isready", "psql", "mysql", "mariadb")):
        return None
    service = test.service
    family, sure = _family(facts, test)
    if family is None or not family.temporary_server:
        return None
    run = _by_socket(test, family)
    built = facts.images.built(service)
    if run is None or (built is not None and "PGHOST" in built.environment):
        return None
    return Early(run, family, facts.awaited.get(service.name), sure)


def often_hit(facts: Facts, service: Service, found: Early) -> bool:
    """Whether a test that is asked now and then is likely to be asked while the temporary server runs.

    Without scripts to run it is there for a part of the usual first start, which only a test at short
    intervals meets; with scripts it may be there for as long as a first start takes at most.
    """
    usual, slow = found.family.first_boot or (0.0, DEFAULT_INTERVAL)
    longest = slow if _has_scripts(facts, service) else 2 * usual
    return _interval(facts, service) <= longest


def is_outlasted(facts: Facts, service: Service) -> bool:
    """Whether all who wait for a service's health ask for it until it answers as well.

    Nobody counts who is only started again: until then it has failed.
    """
    entries = [
        (each, entry)
        for each in facts.services.values()
        if (entry := each.depends_on.get(service.name)) is not None and awaits_health(entry)
    ]
    return bool(entries) and all(_asks_again(facts, each, entry, service) for each, entry in entries)


def _asks_again(facts: Facts, dependent: Service, entry: Dependency, service: Service) -> bool:
    from composecheck.facts.patience import patience

    guard = patience(facts, dependent, entry, service)
    if guard is not None and guard.kind in _PATIENT and guard.holds and not guard.goes_on:
        return True
    asked = facts.asking.asked(dependent, service) if dependent.build is not None else None
    return asked is not None and asked.asks == "retries"


def _interval(facts: Facts, service: Service) -> float:
    stated = facts.images.stated_healthcheck(service)
    own = service.healthcheck
    given = own if own is not None and own.interval is not None else stated
    if given is None or given == "unknown":
        return DEFAULT_INTERVAL
    usual = DEFAULT_INTERVAL if given.interval is None else given.interval
    return min(usual, given.start_interval or usual) if given.start_period else usual


def _has_scripts(facts: Facts, service: Service) -> bool:
    """Whether scripts for the first start are mounted into a service, or built into its image."""
    disk = facts.project.disk
    for mount in service.mounts:
        if mount.target.startswith(INIT_SCRIPTS):
            source = mount.source or ""
            empty = mount.type == "bind" and disk.is_folder(source) and not disk.names(source)
            if not empty:
                return True
    if any((grant.target or "").startswith(INIT_SCRIPTS) for grant in (*service.configs, *service.secrets)):
        return True
    built = facts.images.built(service)
    return built is not None and any(INIT_SCRIPTS in each.text for each in built.instructions)


def is_patient(facts: Facts, service: Service, family: Family) -> bool:
    """Whether a healthcheck lasts for all of a first start without the temporary server's answers.

    How long scripts take, nobody knows.
    """
    from composecheck.facts.schedule import probing

    if service.healthcheck is None or family.first_boot is None or _has_scripts(facts, service):
        return False
    return probing(service.healthcheck).refused >= family.first_boot[1]


def before_it_listens(facts: Facts, test: Test) -> Run | None:
    """Return the one command of a test that is known to succeed before its service answers others."""
    runs = [run for run in test.runs if not run.nested]
    family = facts.images.store(test.service) if runs else None
    if family is None or not family.early:
        return None
    for run in runs:
        words = [run.name, *(word for word in run.words[1:] if not word.startswith("-"))]
        if " ".join(words[:2]) not in family.early and run.name not in _BESIDE:
            return None
    return next((run for run in runs if run.name not in _BESIDE), None)


def pings_without_user(run: Run, test: Test) -> bool:
    """Return whether a command succeeds although it is refused: `mysqladmin ping` through the socket.

    By TCP it is answered by the server alone that others reach, which is as much as most need.
    """
    if run.name not in ("mysqladmin", "mariadb-admin"):
        return False
    options = mysql_options(run)
    if unknown_commands(run):
        return False
    if "ping" not in options.others or "MYSQL_PWD" in {**test.service.environment, **run.assigned}:
        return False
    if options.any("u", "user", "p", "password", "defaults-file", "defaults-extra-file", "login-path"):
        return False
    return mysql_host(run) is None


def _family(facts: Facts, test: Test) -> tuple[Family | None, bool]:
    """Return the family of a test's image by its name or its base, else by the family's own tool in the test.

    Variables that only the family's images read make that as sure as a name does.
    """
    family = facts.images.store(test.service)
    if family is not None and (family.certain or family.temporary_server):
        return family, True
    for run in test.runs:
        if run.name in MYSQL or run.name in POSTGRES:
            for found in facts.images.knowledge.with_tool(run.name):
                if found.temporary_server:
                    own = {*found.secrets, *(name for group in found.required for name in group)}
                    return found, not own.isdisjoint(test.service.environment)
    return None, False


def _by_socket(test: Test, family: Family) -> Run | None:
    """Return the command that asks through the socket, None where anything else is asked as well."""
    asking = None
    for run in test.runs:
        if run.name in MYSQL:
            options = mysql_options(run)
            port = family.name.startswith("mariadb") and options.any("P", "port")
            if mysql_host(run) is not None or port or options.any("V", "version", "help"):
                return None
            if unknown_commands(run):
                return None
        elif run.name in POSTGRES:
            if postgres_host(run, test.service.environment) is not None:
                return None
        elif run.name in _BESIDE and not {"-f", "-e", "-s"}.intersection(run.words[1:2]):
            continue
        else:
            return None
        asking = asking or run
    return asking
