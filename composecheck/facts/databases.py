"""What a database is set up with at its first start, and what services ask it for."""

from __future__ import annotations

import re

from composecheck.facts.commands import written
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.knowledge import Family
    from composecheck.model.project import Service
    from composecheck.text.source import Span

# There without anybody's making them.
_SYSTEM = frozenset(
    ("information_schema", "mysql", "performance_schema", "postgres", "sys", "template0", "template1")
)
_URL = (
    r"(?i)(?:postgres(?:ql)?|postgis|pgsql|psql|ecto|mysql2?|mariadb|cockroachdb)[\w+:]*://(?:[^\s/]*@)?"
    r"([\w.-]+(?::\d+)?)/([\w-]+)(?=[?\s\"']|$)"
)
_OWN = ("POSTGRES_", "MYSQL_", "MARIADB_")
_HOSTS = ("HOSTNAME", "HOST_NAME", "HOST", "ADDRESS", "ADDR", "SERVER")
_NAMES = ("NAME", "DATABASE", "DB", "DBNAME", "DB_NAME", "DATABASE_NAME")
_CREATING = (
    r"(?i)create\s*database|createdb|db[:_-](?:create|setup|prepare|init)|ecto\.(?:create|setup)|_DATABASES\b"
)


class Made(NamedTuple):
    """The database that a service makes at its first start, "" for none, and the place that says so."""

    name: str
    place: Span


class Asked(NamedTuple):
    """The database that a service asks for, and the place that says so."""

    name: str
    place: Span


def made(facts: Facts, service: Service) -> Made | None:
    """Return the only database that a service makes; None where something else may make others.

    Where no variable names one, PostgreSQL's image calls it like its user, and MySQL's makes none.
    """
    family = facts.images.family(service)
    if family is None or service.env_file or service.entrypoint is not None or service.configs:
        return None
    names = [name for name in family.secrets if name.endswith(("_DB", "_DATABASE"))]
    name = next((name for name in names if service.environment.get(name)), None)
    if not names or not _serves_alone(facts, service, family):
        return None
    if name is not None:
        return Made(service.environment[name] or "", service.place("environment", name))
    own = {each for each in service.environment if each.startswith(_OWN)}
    if not own or not own.isdisjoint(names):
        return None
    if "POSTGRES_DB" not in names:
        return Made("", service.place("image"))
    user = service.environment.get("POSTGRES_USER", "postgres")
    return Made(user, service.place("image")) if user else None


def _serves_alone(facts: Facts, service: Service, family: Family) -> bool:
    """Whether a server runs as its image brings it, and no scripts or earlier data bring more databases."""
    from composecheck.facts.storage import may_serve

    return not _makes_more(service) and may_serve(facts, service, family)


def _makes_more(service: Service) -> bool:
    from composecheck.facts.early import INIT_SCRIPTS

    if any(mount.target.startswith(INIT_SCRIPTS) or mount.type == "bind" for mount in service.mounts):
        return True
    texts = (*written(service), *service.environment)
    return any(re.search(_CREATING, text) for text in texts)


def asked(reference: Reference) -> Asked | None:
    """Return the database that a reference asks for, None where it names none."""
    if reference.form == "url" and reference.scheme is not None:
        urls = re.finditer(_URL, reference.value)
        name = next((url[2] for url in urls if url[1].lower() == reference.address), None)
        return Asked(name, reference.place) if name is not None else None
    if reference.form != "name":
        return None
    variables = reference.service.environment
    for ending in _HOSTS:
        if reference.name.upper().endswith(ending):
            before = reference.name[: -len(ending)]
            names = [before + end for end in _NAMES if variables.get(before + end)]
            if len(names) == 1 and re.fullmatch(r"[\w-]+", variables[names[0]] or ""):
                return Asked(variables[names[0]] or "", reference.service.place("environment", names[0]))
            return None
    return None


def is_there(name: str, one: Made) -> bool:
    """Return whether a database of a name is there once the server has started."""
    return name == one.name or name in _SYSTEM


def creates(facts: Facts) -> bool:
    """Return whether a command of any service makes databases."""
    return any(re.search(_CREATING, text) for each in facts.services.values() for text in written(each))
