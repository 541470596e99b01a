"""What is present in a project, so that only the rules that have something to look at are imported."""

from __future__ import annotations

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.model.project import Healthcheck, Project, Service


def present(facts: Facts, *, hosts: bool) -> set[str]:
    """Return what is in a project: its keys, those of its services, the conditions they wait for, ...

    With `hosts`, also what kinds of hosts the services name, and what their Dockerfiles show.
    """
    present = _outside_services(facts.project)
    present.update(_of_texts(facts.project))
    if facts.budget is not None:
        present.add("budget")
    services, volumes = facts.defined("services").keys(), facts.defined("volumes")
    for service in facts.services.values():
        present.update(service.words())
        if service.depends_on:
            present.add("depends_on")
            present.update(dependency.condition for dependency in service.depends_on.values())
            if not services >= service.depends_on.keys():
                present.add("dependency on nobody")
            if any(dependency.retry is not None for dependency in service.depends_on.values()):
                present.add("x-retry")
        present.update(_of_values(service, volumes))
        present.update(_of_environment(service.environment))
        for attachment in service.networks.values():
            present.update(attachment.words())
        if service.healthcheck is not None:
            present.update(service.healthcheck.words())
            present.update(_of_test(service.healthcheck))
        if service.build is not None:
            present.update(service.build.words())
            if hosts and _is_built_for_shell(facts, service):
                present.add("shell syntax")
    mounted = {mount.source for service in facts.services.values() for mount in service.mounts}
    if not mounted >= facts.project.volumes.keys():
        present.add("volume without a mount")
    if hosts and not present.isdisjoint(("environment", "command", "entrypoint")):
        present.update(_hosts(facts))
    return present


def _of_texts(project: Project) -> Iterator[str]:
    """Yield what the files' texts show that rarely stands in one."""
    for source in (*project.files, *project.included):
        text = source.text
        for word, marks in _MARKS.items():
            if any(mark in text for mark in marks):
                yield word
        if "://" in text and _has_odd_value(text, project.environment):
            yield "odd value in a URL"


def _of_values(service: Service, volumes: Container[str]) -> Iterator[str]:
    """Yield what is remarkable about the values of a service's keys."""
    if not service.image and service.build is None:
        yield "no image or build"
    if service.image and not _is_plain(service.image):
        yield "odd image"
    if service.image and service.image.rpartition("/")[2].partition(":")[2] in ("", "latest"):
        yield "open version"
    if service.own_restart_policy is not None and service.own_restart_policy.text not in _POLICIES:
        yield "odd restart"
    if service.replicas != 1:
        yield "several replicas" if service.replicas else "no replicas"
    yield from _of_ports(service)
    yield from _of_mounts(service, volumes)
    if service.says("networks"):
        yield "networks of its own"
    if any(service.says(key) and _is_for_shell(service.text(key)) for key in _COMMANDS):
        yield "shell syntax"
    if service.ports and any(map(_may_name_port, service.command or ())):
        yield "port in a command"


def _of_ports(service: Service) -> Iterator[str]:
    for port in service.ports:
        if port.published is None:
            yield "port of no number"
        elif port.published[0] != port.published[1]:
            yield "range of ports"


def _of_mounts(service: Service, volumes: Container[str]) -> Iterator[str]:
    for mount in service.mounts:
        yield f"{mount.type} mount"
        if mount.type == "bind" and service.build is not None:
            yield "build under a mount"
        if mount.type == "volume" and service.build is not None:
            yield "build with a volume"
        if mount.read_only:
            yield "read-only mount"
        if mount.type == "volume" and mount.source and mount.source not in volumes:
            yield "mount of no volume"
        if mount.target[:1] not in ("/", "$"):
            yield "relative target"
    if len(service.mounts) > 1:
        yield "several mounts"


def _of_environment(variables: Mapping[str, str | None]) -> Iterator[str]:
    """Yield what is remarkable about a service's variables."""
    names = [name for name in variables if name.startswith(_OF_STORES)]
    if names:
        yield "variable of a store"
        if not _USUAL.issuperset(names):
            yield "odd variable of a store"
    if any(value and value[0] in "\"'" for value in variables.values()):
        yield "quoted value"
    if any(name[-4:].upper() == "PORT" for name in variables):
        yield "port in a variable"


def _has_odd_value(text: str, values: Mapping[str, str]) -> bool:
    """Whether a variable before an `@` has, or falls back on, a value that a URL may not hold."""
    at = text.find("@")
    while at >= 0:
        if "@" in text[at + 1 : at + _LONGEST].partition("/")[0].partition("\n")[0]:
            return True
        begin = text.rfind("$", max(at - _LONGEST, 0), at)
        name, _, default = text[begin + 1 : at].strip("{}").partition("-") if begin >= 0 else ("", "", "")
        if not _ODD.isdisjoint(values.get(name.rstrip(":"), "") + default):
            return True
        at = text.find("@", at + 1)
    return False


def _of_test(healthcheck: Healthcheck) -> Iterator[str]:
    """Yield what is remarkable about the test of a healthcheck."""
    test = healthcheck.test or ()
    if healthcheck.disable or test[:1] not in (("CMD",), ("CMD-SHELL",), ("NONE",)):
        yield "odd test"
    if "$" in healthcheck.text("test"):
        yield "variable in a test"
    text = " ".join(test)
    if "wget" in text and "localhost" in text:
        yield "wget of localhost"


def _is_built_for_shell(facts: Facts, service: Service) -> bool:
    """Whether an operator is a word of what a Dockerfile has its image start with."""
    built = facts.images.built(service) if service.name in facts.project.services else None
    words = (*(built.entrypoint or ()), *(built.command or ())) if built is not None else ()
    return any(word in _ALONE for word in words)


def _may_name_port(word: str) -> bool:
    return "port" in word or (":" in word and word[-1:].isdigit())


def _is_for_shell(command: str) -> bool:
    """Whether a command may have what only a shell reads, as it is written."""
    return not _OPERATORS.isdisjoint(command) or any(mark in command for mark in _SHELLS)


def _hosts(facts: Facts) -> Iterator[str]:
    """Yield what kinds of hosts services name, in their environment and their commands."""
    wiring = facts.wiring
    if wiring.local:
        yield "loopback host"
    if wiring.unknown:
        yield "unknown host"
    if wiring.used:
        yield "service's host"
        if any(map(_has_odd_port, wiring.used)):
            yield "odd port"
    if wiring.apart:
        yield "host out of reach"


def _has_odd_port(reference: Reference) -> bool:
    """Whether a port is written that is not the one which the scheme means."""
    from composecheck.facts.references import SCHEMES

    port = reference.port
    return port is not None and (reference.scheme is None or port != SCHEMES.get(reference.scheme))


def _is_plain(image: str) -> bool:
    """Whether an image is plainly well written, as most are: words of lower-case letters and digits."""
    name, colon, tag = image.partition(":")
    words = name.replace("/", ".").replace("-", ".").split(".")
    if colon:
        words += tag.replace("_", ".").replace("-", ".").split(".")
    letters = "".join(words)
    return (
        len(image) < 64
        and all(words)
        and letters.isascii()
        and letters.isalnum()
        and letters == letters.lower()
    )


def _outside_services(project: Project) -> set[str]:
    present = {f"top-level {key}" for key in project.words()}
    default = project.networks.get("default") if len(project.networks) == 1 else None
    if default is not None and default.implied:
        present.discard("top-level networks")  # the one that nobody wrote
    if project.disabled:
        present.add("left out")
    if len(project.files) + len(project.included) > 1:
        present.add("several files")
    for network in project.networks.values():
        present.update(network.words() & {"external", "internal", "ipam"})
    if any(resource.says("external") for resource in (*project.secrets.values(), *project.configs.values())):
        present.add("external")
    return present


_COMMANDS = ("command", "entrypoint")
_OPERATORS = frozenset("&|;<>")
_SHELLS = ("sh ", "sh,", 'sh"', "sh'", "sh\n")
_ALONE = frozenset(("&&", "||", "|", ";", ">", ">>", "2>&1"))
# How the variables begin that images of stores read.
_OF_STORES = (
    "POSTGRES",
    "MYSQL_",
    "MARIADB_",
    "MONGO",
    "REDIS_",
    "MINIO_",
    "ELASTIC_",
    "RABBITMQ_",
    "ORACLE_",
)
# Those that they all are given.
_USUAL = frozenset(
    """POSTGRES_DB POSTGRES_PASSWORD POSTGRES_USER MYSQL_DATABASE MYSQL_PASSWORD MYSQL_ROOT_PASSWORD
    MYSQL_USER MARIADB_DATABASE MARIADB_PASSWORD MARIADB_ROOT_PASSWORD MARIADB_USER""".split()  # noqa: SIM905 - words
)
# What in a user or a password ends it, in a URL, and how far before its end a variable begins at most.
_ODD = frozenset("@/?#%:")
_LONGEST = 200
# By what a text shows that it has something of a kind.
_MARKS = {
    "advertised address": (
        "KAFKA_ADVERTISED",
        "KAFKA_CFG_ADVERTISED",
        "advertise-kafka-addr",
        "replSet",
        "rs.initiate",
    ),
    "path of a secret": ("/run/secret",),
}
# Most restart policies.
_POLICIES = ("no", "always", "on-failure", "unless-stopped")
