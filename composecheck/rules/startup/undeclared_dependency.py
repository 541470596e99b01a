"""A service connects to another that it does not depend on.

## What it does
Reports a URL, connection string or host variable with the name of a database, cache, broker, search
engine or object store of the project that the service does not depend on, not even by way of
others. A service that tries again (a restart policy, `x-retry`, a command that waits) is left
alone. A page over others (an admin's, a proxy, monitoring) connects when it is asked to, as who speaks
HTTP mostly does; of a value that several services are given some may make no use, and a job that ends
uses little else than a database: these are notes, as it is where the program that is built here tries
again, or connects on demand. A variable that only names hosts (to let in, to leave out of a proxy, for
browsers) makes no connection.

## Why is this bad?
Compose starts both at once, and `up` with the name of the one does not start the other: who comes
first is chance.

## Example
```yaml
services:
  api:
    image: api:1
    environment:
      DATABASE_URL: postgres://app@db:5432/app  # undeclared-dependency
  db:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```

## Use instead
```yaml
services:
  api:
    image: api:1
    depends_on:
      db: {condition: service_healthy}
    environment:
      DATABASE_URL: postgres://app@db:5432/app
  db:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.facts.commands import written
from composecheck.findings.diagnostic import Related
from composecheck.findings.rule import Finding, Rule
from composecheck.knowledge import STORES
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.findings.diagnostic import Confidence
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

RULE = Rule(("warning", "note"), needs=("service's host",), since="0.1")

# Kinds of services that connect only when somebody asks for something, and what others of them are called.
_LAZY = frozenset(("admin", "observability", "proxy", *STORES))
# Variables that name hosts to let in, to leave alone or to tell others; and those that name whom to look at.
_ONLY_NAMED = r"allow|trust|white_?list|deny|bypass|exclud|domains?$|firewall|subnet|csp_|public|external"
_LOOKED_AT = r"targets?$|monitor|scrape|probe"
_OWN_STORE = "database|(?:^|_)db(?:_|$)|storage"
_LAZY_WORDS = (
    "admin",
    "backup",
    "bouncer",
    "commander",
    "console",
    "dashboard",
    "explorer",
    "exporter",
    "express",
    "insight",
    "manager",
    "pgpool",
    "proxy",
    "-ui",
    "ui-",
    "viewer",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each pair of services of which one uses the other, at its first use."""
    reach: _Reach | None = None
    reported: set[object] = set()
    sharers: dict[object, dict[str, Service]] = {}
    data = _data(facts)
    jobs = {edge.target.name for edge in facts.edges if edge.waits_for_completion} if data else set()
    for reference in facts.wiring.used if data else ():
        user, target = reference.service, reference.holders[0].service
        pair = (user.name, target.name)
        if target.name not in data or pair in reported or not _may_lack(facts, reference):
            continue
        confidence = _confidence(facts, reference, data[target.name])
        if confidence is None:
            continue
        sharers = sharers or _sharers(facts)
        if _is_shared(reference, target, sharers[reference.key]) or (
            (user.name in jobs or facts.is_job(user)) and data[target.name].kind != "database"
        ):
            confidence = "possible"
        line = (reference.key, target.name)
        if confidence == "possible" and line in reported:
            continue
        reach = reach or _Reach(facts.services)
        if reach.reaches(user.name, target.name) or reach.reaches(target.name, user.name):
            continue
        if facts.guard_of_use(reference).holds:
            continue
        if confidence == "likely":
            confidence = _risk(facts, user, target)
        reported |= {pair, line}
        yield _finding(facts, reference, target, confidence)


def _risk(facts: Facts, user: Service, target: Service) -> Confidence:
    """Return how sure it is that a service fails without another one, by what is known of its program."""
    from composecheck.facts.ownership import is_product
    from composecheck.facts.risks import asks_once, of_program

    if is_product(facts, user) and not asks_once(facts, user, target):
        return "possible"
    return of_program(facts, user, target).confidence


def _may_lack(facts: Facts, reference: Reference) -> bool:
    """Return whether a dependency on what a reference names would have to be written down."""
    user, target, disabled = reference.service, reference.holders[0].service, facts.project.disabled
    if target.name in user.depends_on or len(reference.holders) != 1 or reference.for_browsers:
        return False
    if (reference.web or reference.form != "url") and re.search(_ONLY_NAMED, reference.name.lower()):
        return False
    if not (user.replicas and target.replicas) or not facts.sharing.is_used(reference):
        return False
    if target.name in disabled and (user.name not in disabled or not facts.can_both_be_active(user, target)):
        return False
    return user.name not in disabled or not user.says("env_file")


def _sharers(facts: Facts) -> dict[object, dict[str, Service]]:
    """Return by the places of values which services are given them."""
    sharers: dict[object, dict[str, Service]] = {}
    for reference in facts.wiring.used:
        sharers.setdefault(reference.key, {})[reference.service.name] = reference.service
    return sharers


def _is_shared(reference: Reference, target: Service, sharers: dict[str, Service]) -> bool:
    """Return whether a value is given to several services, and this one may make no use of it.

    An anchor's is, where another one depends on what it names; a file's in any case.
    """
    others = [user for name, user in sharers.items() if name != reference.service.name]
    return bool(others) and (reference.of_env_file or any(target.name in user.depends_on for user in others))


def _data(facts: Facts) -> dict[str, Family]:
    """Return the services that hold data, by what is known of their images or those they begin with."""
    services = facts.services.items()
    families = {name: family for name, service in services if (family := facts.images.family(service))}
    built = {
        target.name: target
        for reference in facts.wiring.used
        if reference.scheme is not None and not reference.web
        for target in reference.targets
        if target.build is not None
    }
    families.update((name, base) for name, service in built.items() if (base := facts.images.base(service)))
    return {name: family for name, family in families.items() if family.kind in STORES}


def _confidence(facts: Facts, reference: Reference, family: Family) -> Confidence | None:
    """Return how sure it is that the dependency is missing; None where nothing says that there is one."""
    user = reference.service
    client = facts.images.likely(user)
    if user.provider is not None or (client is not None and client.name == family.name):
        return None  # members of a cluster find each other
    port = reference.reached
    if port is not None and port not in family.ports:
        return "possible" if reference.form == "url" else None
    looks = reference.form != "url" and re.search(_LOOKED_AT, reference.name.lower()) is not None
    later = reference.web or looks or _is_argument(reference) or _is_lazy(reference, client, family)
    return "possible" if later else "likely"


def _is_lazy(reference: Reference, client: Family | None, family: Family) -> bool:
    """Return whether a service connects only when somebody asks it for something."""
    user = reference.service
    names = (user.name, (user.image or "").rpartition("/")[2])
    if any(word in name for word in _LAZY_WORDS for name in names):
        return True
    if client is not None and client.kind == "observability" and family.kind == "database":
        # What it looks at may come later; what it keeps its own data in may not.
        return re.search(_OWN_STORE, reference.name.lower()) is None
    return client is not None and client.kind in _LAZY


def _is_argument(reference: Reference) -> bool:
    """Return whether the command says itself what it does with a variable: perhaps it only writes it down."""
    user = reference.service
    return bool(reference.name) and any(
        f"${reference.name}" in word or f"${{{reference.name}" in word for word in written(user)
    )


class _Reach:
    """Which services depend on which, also by way of others: as sets of bits, each made once."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._bit = {name: 1 << number for number, name in enumerate(services)}
        self._below: dict[str, int] = {}
        for start in services:
            self._follow(services, start)

    def reaches(self, dependent: str, dependency: str) -> bool:
        """Return whether a service depends on another."""
        return bool(self._below[dependent] & self._bit[dependency])

    def _follow(self, services: Mapping[str, Service], start: str) -> None:
        """Add a service and what it depends on, without recursion: chains may be long.

        In a circle, which is a fault of its own, some of it may be missed.
        """
        open_: list[str] = [start]
        entered: set[str] = set()
        while open_:
            name = open_[-1]
            if name in self._below:
                open_.pop()
                continue
            others = [other for other in services[name].depends_on if other in services]
            if name not in entered:
                entered.add(name)
                missing = [other for other in others if other not in self._below and other not in entered]
                if missing:
                    open_ += missing
                    continue
            below = 0
            for other in others:
                below |= self._bit[other] | self._below.get(other, 0)
            self._below[name] = below
            open_.pop()


def _finding(facts: Facts, reference: Reference, target: Service, confidence: Confidence) -> Finding:
    from composecheck.remedies import waiting

    user = reference.service
    advice = waiting.for_health(facts, user, target)
    return Finding(
        reference.place,
        f"service '{user.name}' connects to '{target.name}' by {reference.where}, but does not depend on it",
        remedy=advice.text,
        service=user.name,
        related=(Related(target.key_place(), f"'{target.name}' starts at the same time"),),
        confidence=confidence,
        awaits=advice.awaits,
    )
