"""Whose the values are that several services are given at once: each of them uses what it knows."""

from __future__ import annotations

import re

from composecheck.facts.references import SCHEMES
from composecheck.knowledge import STORES
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

# What ends the name of a variable that chooses among software, and software that no scheme is called by.
_CHOICES = frozenset(("provider", "driver", "type", "backend", "engine", "kind"))
_SOFTWARE = SCHEMES.keys() | {
    "elastic",
    "meilisearch",
    "minio",
    "mongo",
    "opensearch",
    "postgre",
    "rabbitmq",
    "s3",
}
# Images of these kinds connect to nobody, but by variables that are named after them.
_PASSIVE = STORES | {"proxy"}
# Variables that frameworks and clients look for, though no source of their user names them.
_BY_THEMSELVES = (
    r"__|^(?:SPRING|QUARKUS|MICRONAUT|DATASOURCES|DATABASE|DB|REDIS|CACHE|CELERY|RAILS|DJANGO|LARAVEL|PG|MYSQL|AWS|OTEL"
    r"|CONFIG_FORCE|MP)(?:_?URLS?$|_?URI$|HOST$|_)|_EMULATOR_HOST$"
)


class Sharing:
    """Which services may use the hosts that an env file, or an anchor, gives to several."""

    __slots__ = ("_facts", "_users")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._users: dict[object, dict[str, Reference]] | None = None

    def is_used(self, reference: Reference) -> bool:
        """Return whether a service may use a value: no store uses what its own software does not know.

        Nobody uses that of which he is told to take another one.
        """
        if choice(reference):
            return False
        if not reference.of_env_file and len(self._given(reference)) == 1:
            return True
        family = self._facts.images.family(reference.service)
        return family is None or family.kind not in _PASSIVE or _knows(family, reference.name)

    def is_weak(self, reference: Reference) -> bool:
        """Return whether an env file gives a value to several programs, of which perhaps only one uses it."""
        if not reference.of_env_file:
            return False
        users = {program(each.service) for each in self._given(reference).values() if self.is_used(each)}
        return len(users) > 1

    def why_unused(self, service: Service, target: Service) -> str:
        """Return why a service seems to make no use of the variables that name another one, "" where it may.

        It is told to take something else; or several programs are given what alone names that one, and
        nothing in the service's own sources has the variable's name. A library may read some by itself.
        """
        connections = self._facts.connections
        references = list(connections.references(service, target))
        names = dict.fromkeys(each.name for each in references)
        if not all(names) or not names or connections.named_in_files(service, target):
            return ""
        choices = [choice(each) for each in references]
        if all(choices):
            return f"'{choices[0]}' chooses something else"
        if any(re.search(_BY_THEMSELVES, name) for name in names):
            return ""
        if not all(self._is_for_several(each) for each in references):
            return ""
        if connections.mentions(service, names) is not False:
            return ""
        return f"others are given '{next(iter(names))}' too, and nothing in its sources reads that"

    def _is_for_several(self, reference: Reference) -> bool:
        """Return whether several programs are given a value."""
        return len({program(each.service) for each in self._given(reference).values()}) > 1

    def _given(self, reference: Reference) -> Mapping[str, Reference]:
        """Return by their names the services that are given the value."""
        if self._users is None:
            self._users = {}
            wiring = self._facts.wiring
            for each in (*wiring.used, *wiring.unknown, *wiring.local):
                self._users.setdefault(each.key, {})[each.service.name] = each
        return self._users.get(reference.key, {})


def _knows(family: Family, variable: str) -> bool:
    """Return whether a variable is named after the software: KAFKA_ZOOKEEPER_CONNECT in Kafka."""
    words = re.split(r"[_.\-]+", variable.lower())
    return words[0] in re.split(r"[^a-z0-9]+", family.name)


def choice(reference: Reference) -> str:
    """Return the variable by which a service is told to use something else than a value is for, "" for none.

    Beside CACHE_REDIS_HOST it is CACHE_TYPE=memory.
    """
    parts = _parts(reference.name)
    for name, value in reference.service.environment.items():
        *before, last = _parts(name)
        size = len(before)
        if last in _CHOICES and value and size and parts[:size] == before and len(parts) > size + 1:
            software, chosen = parts[size], re.sub(r"[^a-z0-9]", "", value.lower())
            if software in _SOFTWARE and software not in chosen and chosen not in software:
                return name
    return ""


def _parts(variable: str) -> list[str]:
    return [part for part in re.split(r"[^a-z0-9]+", variable.lower()) if part]


def program(service: Service) -> object:
    """Return what tells the software of services apart: several workers run the same."""
    build = service.build
    if build is None:
        return service.image
    return build.context, build.dockerfile, build.target
