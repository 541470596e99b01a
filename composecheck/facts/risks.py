"""How sure it is that two services race of which nothing holds back the one until the other is ready."""

from __future__ import annotations

import re

from composecheck.facts.commands import started
from composecheck.facts.ownership import is_product, is_told_what_to_do, owners
from composecheck.knowledge import STORES, plain_name, split
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from composecheck.facts import Edge, Facts
    from composecheck.facts.connections import Naming
    from composecheck.findings.diagnostic import Confidence
    from composecheck.knowledge import Family
    from composecheck.model.project import Service
    from composecheck.text.source import Span


class Risk(NamedTuple):
    """How sure it is that a dependent fails, and a clause that says why it is no more than possible.

    What `shows` that it does is a clause, with the line of its program where there is one.
    """

    confidence: Confidence
    because: str = ""
    shows: str = ""
    place: Span | None = None


LIKELY = Risk("likely")
UNTOLD = "nothing tells what its image does until then"
# The keys by which a service is told whom to ask.
_CONFIGURED = ("command", "configs", "entrypoint", "env_file", "environment", "secrets")
# What else says that data is held: words of names, and ports; of these schemes nobody knows what they carry.
_DATA_WORDS = (
    r"(?:^|[\W_\d])(?:db|rdbms|mq)(?:$|[\W_\d])|database|datasource|jdbc|sql|postgres|mongo|maria|oracle|redis"
    r"|valkey|memcache|cache|rabbit|amqp|kafka|bootstrap_servers|zookeeper|broker|queue|nats|pulsar|elastic"
    r"|opensearch|search|minio|(?:^|_)s3(?:$|_)|storage|etcd|consul|cassandra|clickhouse|influx|neo4j|ldap|store"
)
# What services are called that only look at others, or stand before them, when somebody asks.
_LOOKING = r"[a-z]admin$|console|dashboard|exporter|insight|(?:^|[-_])ui(?:$|[-_])|viewer|(?:^|[-_]|ch)proxy"
# An option of a program that asks again by itself.
_ASKS_AGAIN = (
    r"--?(?:[a-z]+-)*retr(?:y|ies)(?:-(?:limit|max|count|times|attempts|interval|delay))?(?:=(?!0\b).*)?"
)
# A variable that says so, by its name less what it is about; its value is a number above 0, or a yes.
_TRIES_AGAIN = (
    r"(.+?)_(?:(?:MAX|NUM(?:BER_OF)?)_)?RETR(?:Y|IES)"
    r"(?:_?(?:MAX|LIMIT|COUNT|TIMES|ATTEMPTS|NUM(?:BER)?|INTERVAL|DELAY|ENABLED))*"
)
_WAITS = r"(?:.*_)?WAIT_?FOR_(.+)"
# https://docs.spring.io/spring-cloud-stream/reference/spring-cloud-stream/binding-service-properties.html
_BINDER = r"SPRING_CLOUD_STREAM_(?:KAFKA|RABBIT)_(?:STREAMS_)?BINDER_(?:BROKERS|NODES|ADMINADDRESSES)"
_AT_START = r"CONNECT(?:ION)?|START(?:UP)?|BOOT|INIT"
_DATABASE = r"(?:^|_)(?:DB|DATABASE|DATASOURCE|SQL|JDBC)(?:_|$)"
_DATA_PORTS = frozenset((1433, 1521, 2181, 2379, 3306, 4222, 5432, 5672, 6379, 9042, 9092, 9200, 27017))
_PUBLIC = frozenset(("docker.io", "gcr.io", "ghcr.io", "mcr.microsoft.com", "public.ecr.aws", "quay.io"))
_ANY_SCHEMES = ("grpc", "grpcs", "tcp", "tls", "udp", "smtp", "smtps", "ftp", "sftp")
_WHEN: Mapping[Naming, str] = {
    "web": "perhaps it is asked only on request, by HTTP",
    "value": "perhaps it is asked only on request",
    "word": "perhaps it is not asked at all: a word in a file may mean something else",
    "unread": "perhaps it is not asked at all: not all of its files could be read",
}


def risk(facts: Facts, edge: Edge) -> Risk:
    """Return how sure it is that the services of an edge without a guard race."""
    dependent, target = edge.service, edge.target
    naming, job = facts.connections.naming, facts.ends(target)
    if not job and (told := _told_by(facts, dependent, target)):
        return Risk("possible", told)
    if asks_once(facts, dependent, target) and naming(dependent, target) != "nothing":
        return LIKELY
    product = is_product(facts, dependent) and not (
        naming(dependent, target) == "command" and is_told_what_to_do(facts, dependent)
    )
    if job and not product:
        return LIKELY
    because = _not_asked(facts, dependent, target) or (
        UNTOLD if product else _asked_later(facts, dependent, target)
    )
    return Risk("possible", because) if because else _by_program(facts, dependent, target)


def asks_once(facts: Facts, dependent: Service, target: Service) -> bool:
    """Return whether a dependent's image is known to ask once, as it starts."""
    from composecheck.facts.dependents import asking

    asked = asking(facts, dependent, target)
    return asked is not None and asked.asks == "once"


def of_program(facts: Facts, dependent: Service, target: Service) -> Risk:
    """Return how sure it is by a dependent's variables, and by its program where that is built here."""
    told = _told_by(facts, dependent, target)
    return Risk("possible", told) if told else _by_program(facts, dependent, target)


def _by_program(facts: Facts, dependent: Service, target: Service) -> Risk:
    asked = facts.asking.asked(dependent, target)
    if asked is None:
        return LIKELY
    if asked.asks == "once":
        return LIKELY._replace(place=asked.place, shows=asked.because)
    return Risk("possible", asked.because)


def _not_asked(facts: Facts, dependent: Service, target: Service) -> str:
    """Return why what a service is does not make it fail without another one, "" for no such reason."""
    if dependent.build is None and not split(dependent.image or "")[0].strip(":/-"):
        return "which image it is only a variable tells that is not set"
    family, other = facts.images.likely(dependent), facts.images.likely(target)
    if family is None or family.kind == "runtime":
        family = facts.running(dependent) or family
    if family is not None and family.kind == "proxy":
        return "until then a proxy has only an error to show"
    asking = next((word for word in started(facts, dependent)[0] if re.fullmatch(_ASKS_AGAIN, word)), "")
    if asking:
        return f"its command is told to ask again ('{asking.partition('=')[0]}')"
    if _is_sentinel_of(facts, dependent, target):
        return "a Sentinel goes on looking for its primary"
    return _by_looks(facts, dependent, target) or _of_one_kind(facts, dependent, target, family, other)


def _is_sentinel_of(facts: Facts, dependent: Service, target: Service) -> bool:
    """Return whether a service looks whether another one, a Redis or what speaks as one, is there."""
    words = (plain_name(dependent.image), *started(facts, dependent)[0])
    return "sentinel" in re.findall(r"[a-z]+", " ".join(words).lower()) and (
        re.search("redis|valkey", f"{plain_name(target.image)} {target.name}") is not None
    )


def _told_by(facts: Facts, dependent: Service, target: Service) -> str:
    """Return which variable has a service wait for another one or ask it again, as a clause, "" for none."""
    family = facts.images.resembled(target)
    binder = next((name for name in dependent.environment if re.fullmatch(_BINDER, name.upper())), "")
    if binder and family is not None and family.kind == "broker":
        interval = dependent.environment.get("SPRING_CLOUD_STREAM_BINDINGRETRYINTERVAL")
        return f"the binder that '{binder}' is for tries again by itself" if interval != "0" else ""
    for name, value in dependent.environment.items():
        if value is None or not re.fullmatch(r"(?i)0*[1-9]\d*|true|yes|on", value):
            continue
        found = re.fullmatch(_TRIES_AGAIN, name.upper())
        found = found or re.fullmatch(_WAITS, name.upper())
        if found is not None and _is_about(facts, found[1], target):
            return f"its variable '{name}' has it ask again"
    return ""


def _is_about(facts: Facts, words: str, target: Service) -> bool:
    """Return whether words of a variable's name mean a service: its name, its software, or any connection."""
    family = facts.images.resembled(target)
    names = [target.name.upper().replace("-", "_"), *([family.name.upper()] if family is not None else ())]
    if any(name in words for name in names):
        return True
    if re.search(_DATABASE, words):
        return family is None or family.kind == "database"
    return re.fullmatch(_AT_START, words) is not None


def _by_looks(facts: Facts, dependent: Service, target: Service) -> str:
    """Return why what a service of one's own looks like does not make it fail, "" for no such reason."""
    names = (dependent.name, plain_name(dependent.image))
    if any(re.search(_LOOKING, name.lower()) for name in names) and not facts.ends(dependent):
        return "as its name has it, it asks when somebody does"
    if facts.images.likely(dependent) is not None or dependent.build is not None:
        return ""
    from composecheck.facts.dependents import seeming_of

    seeming = seeming_of(facts, dependent, target)
    return f"by its mounts it is a '{seeming.name}', which gets along until then" if seeming else ""


def _of_one_kind(
    facts: Facts, dependent: Service, target: Service, family: Family | None, other: Family | None
) -> str:
    """Return why two that belong together do not fail without each other, "" for no such reason."""
    if _are_peers(facts, dependent, family, other):
        return "as members of one cluster they look for each other"
    shown = not _is_bare(dependent) and not facts.ends(dependent)
    if shown and _of_one_product(facts, dependent, target, family, other):
        return "as parts of one product they look for each other"
    return ""


def _asked_later(facts: Facts, dependent: Service, target: Service) -> str:
    """Return why a service may not ask for another one as it starts, "" where it should."""
    naming = facts.connections.naming(dependent, target)
    other = facts.images.resembled(target)
    if naming == "nothing":
        own = facts.images.likely(dependent) is None and dependent.build is None
        stores = other is not None and other.kind in STORES
        if own and (_is_bare(dependent) or (stores and _waits_beside(facts, dependent, target))):
            return ""  # what an image of one's own brings along no file tells
        return f"but nothing in '{dependent.name}' names it: perhaps the order is all it needs"
    if naming == "value" and (unused := facts.sharing.why_unused(dependent, target)):
        return unused
    if naming in ("value", "unread") and _waits_for_another(facts, dependent, target, other):
        return "perhaps it works only with what its command waits for"
    if naming == "command" or facts.ends(dependent) or _holds_data(facts, dependent, target, other):
        return ""
    return _WHEN[naming]


def _holds_data(facts: Facts, dependent: Service, target: Service, family: Family | None) -> bool:
    """Return whether a service seems to hold data: by its image or its name, or by how it is called.

    What stands before one that does is called as that one is; and an application of one's own that is asked
    by URLs of the web is called after what it is for: a shop's `store`, a `search`.
    """
    if family is not None and family.kind not in ("runtime", "proxy"):
        return family.kind in STORES
    called = not (family is not None and family.kind == "proxy") and not (
        target.build is not None and facts.connections.naming(dependent, target) == "web"
    )
    if called and re.search(_DATA_WORDS, target.name.lower()):
        return True
    return any(
        (not each.web and each.scheme not in (None, *_ANY_SCHEMES))
        or each.reached in _DATA_PORTS
        or (called and re.search(_DATA_WORDS, each.name.lower()))
        for each in facts.connections.references(dependent, target)
    )


def _waits_for_another(facts: Facts, dependent: Service, target: Service, family: Family | None) -> bool:
    """Return whether a job waits for another one than this cache or broker, in its command."""
    if family is None or family.kind not in ("cache", "broker"):
        return False
    words = " ".join((dependent.name, *started(facts, dependent)[0]))
    if not facts.ends(dependent) and not re.search("migrat", words):
        return False
    return _waits_beside(facts, dependent, target)


def _waits_beside(facts: Facts, dependent: Service, target: Service) -> bool:
    """Return whether a service's command waits for another one that it depends on."""
    others = (entry for entry in dependent.depends_on.values() if entry.service != target.name)
    return any(facts.guard(dependent, entry).kind == "wrapper" for entry in others)


def _of_one_product(
    facts: Facts, dependent: Service, target: Service, family: Family | None, other: Family | None
) -> bool:
    """Return whether both images are of one publisher, who is not the project itself; neither holds data."""
    if dependent.build is not None or target.build is not None:
        return False
    owner = _publisher(dependent.image)
    same = split(dependent.image or "")[0] == split(target.image or "")[0]  # a client that is there as well
    if not owner or same or owner != _publisher(target.image):
        return False
    kinds = {each.kind for each in (family, other, facts.images.resembled(target)) if each is not None}
    if not STORES.isdisjoint(kinds):
        return False
    return owners(dependent.image or "") not in facts.builders


def _publisher(image: str | None) -> str:
    """Return who has an image on a public registry, "" for nobody that can be told."""
    parts = owners(image or "")
    if parts and ("." in parts[0] or ":" in parts[0] or parts[0] == "localhost"):
        return "/".join(parts) if parts[0] in _PUBLIC and len(parts) > 1 else ""
    return "/".join(parts) if parts not in ((), ("library",)) and "$" not in parts[0] else ""


def _are_peers(facts: Facts, dependent: Service, family: Family | None, other: Family | None) -> bool:
    """Return whether both are servers of one family, and not one a client of the other's image."""
    if family is None or other is None or family.name != other.name or family.kind == "runtime":
        return False  # what is written in one language is not of one kind
    from composecheck.facts.dependents import runs_its_server

    return runs_its_server(facts, dependent, family)


def _is_bare(service: Service) -> bool:
    """Return whether a service is configured by its image alone, so that nothing here could name anybody."""
    return service.words().isdisjoint(_CONFIGURED) and not service.mounts
