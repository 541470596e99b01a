"""How sure it is that two services race of which nothing holds back the one until the other is ready."""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.facts import Edge, Facts
    from composecheck.facts.connections import Naming
    from composecheck.findings.diagnostic import Confidence
    from composecheck.knowledge import Family
    from composecheck.model.project import Service


class Risk(NamedTuple):
    """How sure it is that a dependent fails, and a clause that says why it is no more than possible."""

    confidence: Confidence
    because: str = ""


LIKELY = Risk("likely")
# The keys by which a service is told whom to ask.
_CONFIGURED = ("command", "configs", "entrypoint", "env_file", "environment", "secrets")
# Of these a service asks for what it works with, as a rule as soon as it starts.
_DATA = frozenset(("broker", "cache", "database", "object-store", "search"))
# What else says that data is held: words of names, and ports; of these schemes nobody knows what they carry.
_DATA_WORDS = (
    r"(?:^|[\W_\d])(?:db|rdbms|mq)(?:$|[\W_\d])|database|datasource|jdbc|sql|postgres|mongo|maria|oracle|redis"
    r"|valkey|memcache|cache|rabbit|amqp|kafka|bootstrap_servers|zookeeper|broker|queue|nats|pulsar|elastic"
    r"|opensearch|search|minio|(?:^|_)s3(?:$|_)|storage|etcd|consul|cassandra|clickhouse|influx|neo4j|ldap|store"
)
# What services are called that only look at others, or stand before them, when somebody asks.
_LOOKING = r"[a-z]admin$|console|exporter|insight|(?:^|[-_])ui(?:$|[-_])|viewer|(?:^|[-_]|ch)proxy"
_DATA_PORTS = frozenset((1433, 1521, 2181, 2379, 3306, 4222, 5432, 5672, 6379, 9042, 9092, 9200, 27017))
_ANY_SCHEMES = ("grpc", "grpcs", "tcp", "tls", "udp", "smtp", "smtps", "ftp", "sftp")
_WHEN: Mapping[Naming, str] = {
    "web": "perhaps it is asked only on request, by HTTP",
    "value": "perhaps it is asked only on request",
    "word": "perhaps it is not asked at all: a word in a file may mean something else",
    "unread": "perhaps it is not asked at all: not all of its files could be read",
}


def risk(facts: Facts, edge: Edge) -> Risk:
    """Return how sure it is that the services of an edge without a guard race."""
    from composecheck.facts.dependents import asking

    dependent, target = edge.service, edge.target
    asked = asking(facts, dependent, target)
    if (asked is not None and asked.asks == "once") or facts.ends(target):
        return LIKELY
    because = _not_asked(facts, dependent, target) or _asked_later(facts, dependent, target)
    return Risk("possible", because) if because else LIKELY


def _not_asked(facts: Facts, dependent: Service, target: Service) -> str:
    """Return why what a service is does not make it fail without another one, "" for no such reason."""
    family, other = facts.images.likely(dependent), facts.images.likely(target)
    if family is not None and family.kind == "proxy":
        return "until then a proxy has only an error to show"
    if _are_peers(facts, dependent, family, other):
        return "as members of one cluster they look for each other"
    names = (dependent.name, (dependent.image or "").partition("@")[0].rpartition("/")[2].partition(":")[0])
    if any(re.search(_LOOKING, name.lower()) for name in names) and not facts.ends(dependent):
        return "as its name has it, it asks when somebody does"
    built = facts.images.built(dependent)
    if built is not None and target.build is not None and built.base and built.base == target.image:
        return f"its image begins with that of '{target.name}': perhaps only the builds count"
    return ""


def _asked_later(facts: Facts, dependent: Service, target: Service) -> str:
    """Return why a service may not ask for another one as it starts, "" where it should."""
    naming = facts.connections.naming(dependent, target)
    other = facts.images.resembled(target)
    if naming == "nothing":
        own = facts.images.likely(dependent) is None and dependent.build is None
        if own and (_is_bare(dependent) or (other is not None and other.kind in _DATA)):
            return ""  # what an image of one's own brings along no file tells
        return f"but nothing in '{dependent.name}' names it: perhaps the order is all it needs"
    if naming == "command" or facts.ends(dependent) or _holds_data(facts, dependent, target, other):
        return ""
    return _WHEN[naming]


def _holds_data(facts: Facts, dependent: Service, target: Service, family: Family | None) -> bool:
    """Return whether a service seems to hold data: by its image or its name, or by how it is called."""
    if family is not None and family.kind != "runtime":
        return family.kind in _DATA
    if re.search(_DATA_WORDS, target.name.lower()):
        return True
    return any(
        (not each.web and each.scheme not in (None, *_ANY_SCHEMES))
        or each.reached in _DATA_PORTS
        or re.search(_DATA_WORDS, each.name.lower())
        for each in facts.connections.references(dependent, target)
    )


def _are_peers(facts: Facts, dependent: Service, family: Family | None, other: Family | None) -> bool:
    """Return whether both are servers of one family, and not one a client of the other's image."""
    if family is None or other is None or family.name != other.name or family.kind == "runtime":
        return False  # what is written in one language is not of one kind
    from composecheck.facts.dependents import runs_its_server

    return runs_its_server(facts, dependent, family)


def _is_bare(service: Service) -> bool:
    """Return whether a service is configured by its image alone, so that nothing here could name anybody."""
    return service.words().isdisjoint(_CONFIGURED) and not any(each.type == "bind" for each in service.mounts)
