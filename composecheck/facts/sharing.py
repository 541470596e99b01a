"""Whose the values are that several services are given at once: each of them uses what it knows."""

from __future__ import annotations

import re

from composecheck.knowledge import STORES
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

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
        """Return whether a service may use a value: no store uses what its own software does not know."""
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

    def passed_over(self, service: Service, target: Service) -> str:
        """Return the variable by which alone a service names another one, and which it seems not to read.

        So it is where several programs are given its value, and nothing in the service's own sources has its
        name; "" where something else says more. A library may read some by itself.
        """
        connections = self._facts.connections
        references = list(connections.references(service, target))
        names = dict.fromkeys(each.name for each in references)
        if not names or any(not name or re.search(_BY_THEMSELVES, name) for name in names):
            return ""
        if not all(self._is_for_several(each) for each in references):
            return ""
        if connections.named_in_files(service, target) or connections.mentions(service, names) is not False:
            return ""
        return next(iter(names))

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


def program(service: Service) -> object:
    """Return what tells the software of services apart: several workers run the same."""
    build = service.build
    if build is None:
        return service.image
    return build.context, build.dockerfile, build.target
