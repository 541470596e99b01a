"""Whether a database that a test asks through its Unix socket is known to answer by TCP as well, and where.

A variable, an option or a file that may change that, or how the client asks, is a doubt.
"""

from __future__ import annotations

import re

from composecheck.facts.answers import answer, usual_port, variables
from composecheck.facts.commands.clients import POSTGRES
from composecheck.facts.early import INIT_SCRIPTS
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.answers import Answer
    from composecheck.facts.commands.runs import Run
    from composecheck.knowledge import Family
    from composecheck.model.project import Service

_SERVERS = frozenset(("postgres", "mysqld", "mariadbd"))
# What the name of an option, or a part of it, may have to do with where and to whom a server answers.
_TELLING = (
    r"listen|por|bind|skip|net|sec|ssl|tls|sock|conf|hba|ident|include|default|data.?dir|init|admin|proxy|plugin"
    r"|proto|gss|krb|auth"
)
_USUAL = (
    r"--(?:skip-(?:name-resolve|host-cache|log-bin|character-set-client-handshake)|innodb-.*|init-connect"
    r"|default-(?:authentication-plugin|time-zone|storage-engine)|explicit-defaults-for-timestamp)"
)
# Variables that the servers or their clients read, beside those that name a user, a password or a database.
_READ = (
    r"PG(?!(?:DATA|USER|PASSWORD|DATABASE|TZ)$)[A-Z]+"
    r"|(?:MYSQL|MARIADB)_(?:TCP_PORT|UNIX_PORT|HOME|GROUP_SUFFIX|INITDB_.*)|MYSQLD_.*|LIBMYSQL.*"
)
_ROOT_HOST = r"(?:MYSQL|MARIADB)_ROOT_HOST"
_HOLDING = r"(?i)^/etc(?:/|$)|/(?:etc|conf|config|certs?|tls|ssl)(?:/|$)|\.(?:conf|cnf)$|\.conf\.|conf\.d"
# What a Dockerfile may add without a change to how the server listens.
_PLAIN = frozenset(("FROM", "ARG", "ENV", "LABEL", "MAINTAINER", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL"))


class Listening(NamedTuple):
    """Where a server listens: on `port`, None for the usual one. `doubts` are what may say otherwise."""

    port: int | None
    doubts: tuple[str, ...]

    def options(self, client: str) -> tuple[str, ...]:
        """Return the options by which a client asks there."""
        port = "-p" if client in POSTGRES else "-P"
        return ("-h", "127.0.0.1", *((port, str(self.port)) if self.port is not None else ()))


def listening(facts: Facts, service: Service, family: Family, run: Run) -> Listening:
    """Return where a service listens that a command asks through the socket."""
    found = answer(facts, service, family)
    doubts = (
        *(f"'{name}'" for name in found.doubts),
        *found.changed,
        *(("a variable of the file",) if found.may_vary else ()),
        *(("the address that it listens on",) if found.host is not None else ()),
        *_variables(facts, service),
        *_command(service.command or (), found),
        *_surroundings(facts, service),
        *(f"'{name}' of the test" for name in run.assigned),
    )
    port = found.port if found.port != usual_port(family) else None
    return Listening(port, tuple(dict.fromkeys(doubts)))


def _variables(facts: Facts, service: Service) -> Iterator[str]:
    for name, value in variables(facts, service).items():
        written = service.place("environment", name).text if service.says("environment", name) else ""
        if name == "POSTGRES_INITDB_ARGS":
            doubtful = (
                value is None or "$" in written or re.search(r"(?:^|\s)(?:-c|--set)", value) is not None
            )
        elif re.fullmatch(_ROOT_HOST, name):
            doubtful = value != "%"
        else:
            doubtful = re.fullmatch(_READ, name) is not None
        if doubtful:
            yield f"'{name}'"
    disk = facts.project.disk
    for entry in service.env_file:
        if not entry.required and not disk.is_file(entry.path or ""):
            yield "an 'env_file' that is not there"


def _command(words: Sequence[str], found: Answer) -> Iterator[str]:
    """Yield the words of a command that may change how the server listens, and whatever is not a server's."""
    rest = list(words)
    if rest and not rest[0].startswith("-") and rest.pop(0) not in _SERVERS:
        yield "its command"
    while rest:
        word = rest.pop(0)
        if word in ("-c", "-p", "--port") and rest:
            word = f"{'--' if word == '-c' else f'{word}='}{rest.pop(0)}"
        name, _, value = word.partition("=")
        option = re.sub("_", "-", name.strip().lower())
        if name in ("-p", "--port"):
            doubtful = value != str(found.port)
        elif option.startswith("--"):
            doubtful = re.search(_TELLING, option) is not None and re.fullmatch(_USUAL, option) is None
        else:
            doubtful = option.startswith("-") and re.fullmatch(r"-[nbd]?\d*", option) is None
        if doubtful:
            yield f"'{name}'" if name.startswith("--") else f"'{name[:2]}'"


def _surroundings(facts: Facts, service: Service) -> Iterator[str]:
    """Yield what is mounted, built or shared that may change how a server listens, or who answers there."""
    if (service.network_mode or "bridge") not in ("bridge", "default", "none"):
        yield "'network_mode'"
    disk = facts.project.disk
    for mount in service.mounts:
        source = mount.source or ""
        names = disk.names(source) if mount.type == "bind" and disk.is_folder(source) else ()
        if re.search(_HOLDING, mount.target) or any(re.search(_HOLDING, name) for name in names):
            yield f"what is mounted at '{mount.target}'"
    if any(re.search(_HOLDING, grant.target or "") for grant in service.secrets):
        yield "its secrets"
    built = facts.images.built(service)
    if service.build is not None and built is None:
        yield "its Dockerfile"
    for instruction in built.instructions if built is not None else ():
        copied = instruction.keyword in ("COPY", "ADD") and INIT_SCRIPTS in instruction.text
        if instruction.keyword not in _PLAIN and not copied:
            yield "its Dockerfile"
