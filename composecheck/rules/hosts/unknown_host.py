"""A service is told to connect to a host that nobody in the project is.

## What it does
Reports a host in a URL, in a connection string, in a list such as `kafka:9092,kafka2:9092` or in a
variable such as `DB_HOST` that is no service, alias, container_name, hostname, link or extra host. It is
a note where the host may be a part that one need not have: the default of a variable, a web address in the
environment, an env file of several programs, a base in another file that the service extends.
Only names without a dot are judged: others, and addresses, may lie anywhere. So may every name for a
service in an external network or with a resolver of its own; there a name that is nearly a
service's is a note.

## Why is this bad?
The name cannot be resolved ("no such host"), and the service fails or tries forever.

## Example
```yaml
services:
  api:
    image: api:1
    depends_on:
      database: {condition: service_healthy}
    environment:
      DATABASE_URL: postgres://app@databse:5432/app  # unknown-host
      REDIS_HOST: redis  # unknown-host
  database:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
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
      database: {condition: service_healthy}
    environment:
      DATABASE_URL: postgres://app@database:5432/app
      REDIS_HOST: redis.example.org
  database:
    image: postgres:16
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data:
```
"""

from __future__ import annotations

import re

from composecheck.facts.names import container_name, resembling
from composecheck.facts.ports import COMMON, listens
from composecheck.facts.sources import is_runnable
from composecheck.findings.rule import Finding, Rule
from composecheck.knowledge import plain_name
from composecheck.named import TYPE_CHECKING
from composecheck.text.placeholders import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.findings.diagnostic import Confidence
    from composecheck.model.project import Project, Service

RULE = Rule(("warning", "note"), needs=("unknown host",), whole=True, lacks="host", since="0.1")

# How alike a mistyped name is to what was meant, where nothing else says that it is a host.
_NEAR = 0.8
# What stands where somebody is to write a host.
_PLACEHOLDERS = frozenset(
    """any bar baz change-me change_me changeme default disabled domain dummy enabled example fake false foo
    host hostname ignore ignored invalid ip localdomain mock n-a na name no none noop notused nowhere null off
    on placeholder sample self some tbd this todo true undefined unset unused user void x xx xxx xxxx yes
    """.split()  # noqa: SIM905 - words
)
_TEMPLATE = re.compile(r"(?:your|my|some|the|insert|replace|example|change|dummy|fake)[-_]")
# What variables call the software that holds data, which does not run in the same container.
_SOFTWARE = frozenset(
    """amqp broker cache cassandra clickhouse database db elastic elasticsearch es influxdb kafka mariadb
    memcache memcached mongo mongodb mysql nats opensearch pg postgres postgresql queue rabbit rabbitmq
    redis valkey zookeeper""".split()  # noqa: SIM905 - words
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each host that is nobody, once for each place that names it."""
    if _is_fragment(facts.whole):
        return
    reported: set[object] = set()
    for reference in facts.wiring.unknown:
        key = (reference.key, reference.host)
        if key in reported or _is_placeholder(reference.host) or not facts.sharing.is_used(reference):
            continue
        reported.add(key)
        confidence, meant = _judged(facts, reference)
        if confidence is not None:
            yield Finding(
                reference.place,
                f"service '{reference.service.name}' is told to connect to '{reference.address}' by"
                f" {reference.where}, but no service has the name '{reference.host}'",
                remedy=meant
                or _kin(facts, reference)
                or "name one of the services, or a host by its full name",
                service=reference.service.name,
                confidence=confidence,
            )


def _is_fragment(project: Project) -> bool:
    """Return whether what is given is only a part of a project, whose other files define more."""
    services = project.services
    return any(
        not is_runnable(service) or any(name not in services for name in service.depends_on)
        for service in services.values()
    )


def _is_placeholder(host: str) -> bool:
    return host in _PLACEHOLDERS or _TEMPLATE.match(host) is not None or is_placeholder(host)


def _judged(facts: Facts, reference: Reference) -> tuple[Confidence | None, str]:
    """Return how sure it is (None: not to be reported), and which name may be meant."""
    service = reference.service
    # A store connects to nobody: such a variable is idle there, or its own name.
    if reference.outward or (reference.form != "url" and _holds_data(facts, service)):
        return None, ""
    if reference.form == "name" and _is_own_name(reference):
        return None, ""
    meant = _meant(facts, reference)
    if facts.networks.foreign(service):
        owner = facts.networks.owner(service)
        networked = owner is not None and not owner.network_mode
        return ("possible" if networked and meant and reference.form != "name" else None), meant
    if reference.perhaps_outward and reference.web and not meant:
        return ("possible" if reference.port is not None else None), ""
    if not meant and not (_names_software(reference) if reference.form != "url" else _is_alone(reference)):
        return None, ""
    return "likely" if meant or not _is_optional(facts, reference) else "possible", meant


def _is_optional(facts: Facts, reference: Reference) -> bool:
    """Return whether the host may be somebody elsewhere, or a part that one need not have."""
    return (
        reference.is_default
        or reference.is_inherited
        or (reference.web and bool(reference.name) and not _kin(facts, reference))
        or facts.sharing.is_weak(reference)
        or _is_shared(facts.whole, reference.service)
        or _is_snippet(facts)
    )


def _is_snippet(facts: Facts) -> bool:
    """Return whether all services of a file ask for what is not in it: it shows how to add to another."""
    asking = {each.service.name for each in facts.wiring.unknown if facts.sharing.is_used(each)}
    return asking == facts.services.keys()


def _holds_data(facts: Facts, service: Service) -> bool:
    family = facts.images.family(service)
    return family is not None and family.kind in ("database", "cache", "search")


def _is_own_name(reference: Reference) -> bool:
    """Return whether a variable is named after the service itself, and so says what it calls itself."""
    words = re.split(r"[_.\-]+", reference.name.lower())
    own = "".join(words).removesuffix("name").removesuffix("host")
    image = plain_name(reference.service.image)
    names = (re.sub(r"[^a-z0-9]", "", each.lower()) for each in (reference.service.name, image))
    return bool(own) and any(name.endswith(own) for name in names)


def _meant(facts: Facts, reference: Reference) -> str:
    service = resembling(facts.whole, reference.host)
    if service is not None:
        name = container_name(facts.whole, service, 1)
        return f"use '{service.name}': Compose calls its container '{name}'"
    cutoff = 0.6 if reference.form == "url" and len(reference.host) > 3 else _NEAR
    return facts.host_meant(reference.host, cutoff)


def _is_alone(reference: Reference) -> bool:
    """Return whether a URL is what a value is; in a script of the command it may be text."""
    return bool(reference.name) or not any(char.isspace() for char in reference.value)


def _names_software(reference: Reference) -> bool:
    """Return whether a variable is named after software that holds data, or has a host and a port."""
    if not reference.name or reference.form == "pair":
        return bool(reference.name)
    words = re.split(r"[_.\-]+", reference.name.lower())
    words[-1] = re.sub(r"(?:host_?name|hosts?|addr(?:ess)?|servers?)$", "", words[-1])
    return not _SOFTWARE.isdisjoint(words)


def _is_shared(project: Project, service: Service) -> bool:
    """Return whether others may join a network of the service: it has a name for that."""
    return any(
        network.name != f"{project.name}_{key}"
        for key in service.networks or ("default",)
        if (network := project.networks.get(key)) is not None
    )


def _kin(facts: Facts, reference: Reference) -> str:
    """Return which service listens where the reference expects somebody."""
    port = reference.reached
    if port is None or port in COMMON or (reference.web and reference.port is None):
        return ""
    listening = [
        service.name
        for service in facts.services.values()
        if service is not reference.service and listens(facts, service, port)
    ]
    return f"did you mean '{listening[0]}', which listens on port {port}?" if len(listening) == 1 else ""
