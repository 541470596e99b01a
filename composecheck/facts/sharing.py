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
