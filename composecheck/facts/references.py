"""What services call each other by: the hosts in their environment and commands, and who these are.

A host is read from URLs, from connection strings (`Host=db;Port=5432`, `user@tcp(db:3306)`), from
pairs (`kafka:9092`) and from variables that are named after a host (`DB_HOST`). Only what could be
a name within the project is kept: no addresses, no full domain names, nothing with a template in it.
"""

from __future__ import annotations

import re
from functools import cache

from composecheck.facts.names import Holder, given_hosts
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Literal

    from composecheck.facts.names import Directory
    from composecheck.facts.networks import Networks
    from composecheck.model.project import Project, Service
    from composecheck.text.source import Span

    Form = Literal["url", "pair", "name"]

Path = tuple[str, str | int]

# The port that a scheme means where none is written (IANA, or the software's own clients); 0: none.
SCHEMES: Mapping[str, int] = {
    "amqp": 5672,
    "amqps": 5671,
    "bolt": 7687,
    "cassandra": 9042,
    "clickhouse": 9000,
    "cockroachdb": 26257,
    "ecto": 5432,
    "elasticsearch": 9200,
    "etcd": 2379,
    "ftp": 21,
    "grpc": 0,
    "grpcs": 0,
    "http": 80,
    "https": 443,
    "influxdb": 8086,
    "kafka": 9092,
    "ldap": 389,
    "ldaps": 636,
    "mariadb": 3306,
    "memcached": 11211,
    "mongodb": 27017,
    "mqtt": 1883,
    "mqtts": 8883,
    "mssql": 1433,
    "mysql": 3306,
    "mysql2": 3306,
    "nats": 4222,
    "neo4j": 7687,
    "oracle": 1521,
    "pgsql": 5432,
    "postgis": 5432,
    "postgres": 5432,
    "postgresql": 5432,
    "psql": 5432,
    "pulsar": 6650,
    "redis": 6379,
    "rediss": 6379,
    "sentinel": 26379,
    "sftp": 22,
    "smtp": 0,
    "smtps": 0,
    "sqlserver": 1433,
    "stomp": 61613,
    "tcp": 0,
    "tls": 0,
    "udp": 0,
    "valkey": 6379,
    "ws": 80,
    "wss": 443,
    "zk": 2181,
    "zookeeper": 2181,
}
# Of these a browser, or a person, may be the one who follows the URL.
WEB = frozenset(("http", "https", "ws", "wss"))
_CONNECTION = "dsn"  # stands for the scheme of a connection string

# One URL and nothing else, as most are: its scheme, the host and the port.
_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.:-]*)://(?:[^\s/?#@;\"'`|<>(){}\\,]*@)?"
    r"([A-Za-z0-9_][A-Za-z0-9_.-]*)(?::(\d{1,5}))?(?:[/?][^\s\"'`|<>(){}\\,@:]*)?",
    re.ASCII,
).fullmatch
# The others `re` compiles for the first value that they are to be held against.
_ONE_WORD = r"[^\s\"'`|<>(){}\\]+"
_NAME = r"(?=[^a-z]*[a-z])[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_BEFORE = r"[A-Za-z][A-Za-z0-9+.:-]*\Z"
_SPACES = r"[\s\"'`|<>(){}]+|,(?=[A-Za-z][\w+.-]*://)"
_END = r"[/?#;]"
_LIST = r"[,;\s]+"
_SERVER_IS = (
    r"(?ai)(?:^|[;\s])(?:host|server|data source|addr|address)\s*=\s*"
    r"(?:tcp:)?([\w.-]+)(?:[,:](\d{1,5}))?(?=$|[;\s])"
)
_PORT_IS = r"(?ai)(?:^|[;\s])port\s*=\s*(\d{1,5})(?=$|[;\s])"
_GO_DSN = r"(?a)@tcp\(([\w.-]+)(?::(\d{1,5}))?\)"

# A host that somebody else fills in: http://minio{1...4}/data, http://{{ host }}.
_TEMPLATED = r"://[^\s/\"'{]*\{[^\s}]*\}[^\s/\"']*"

# A variable's default, up to a host in it.
_FALLBACK = r"\$\{\w+:?-[^}]*?(?<!\w)"

# How a variable's name ends that holds a host, in lower case.
_HOST_KEYS = (
    "host",
    "hosts",
    "hostname",
    "host_name",
    "addr",
    "address",
    "addresses",
    "server",
    "servers",
    "broker",
    "brokers",
    "broker_list",
    "endpoint",
    "endpoints",
    "nodes",
    "url",
    "uri",
    "zookeeper_connect",
    "sentinels",
    "seeds",
    "contact_points",
)
# What such a variable is not about: what a service listens on, calls itself, lets in or tells others.
_NOT_HOST_KEY = (
    r"listen|bind|advertis|v_?host|cluster_?host|virtual|letsencrypt|allow|deny|trusted|whitelist|origin|cors|public|external"
    r"|root_?host|mail_?from|no_?proxy|image|version|(?:^|_)tag(?:$|_)|_user|user_|e?mail_address"
    r"|^(?:\w*[_.])?(?:virtual|node|own|self|my|local)[_.]?(?:host|hostname|host_name|addr|address)s?$"
    r"|^(?:host|hostname|server|address|addr|url|uri|endpoint|nodes)$"
)
# Variables with URLs that a browser follows, or that are names: they are no connection.
_OUTWARD = (
    r"public|react_app|vite_|vue_app|gatsby_|expo_|storybook|origin|cors|allow|redirect|callback|issuer"
    r"|external|advertis|listener|homepage|trusted|csrf|cookie|domain|no_?proxy|https?_proxy|all_proxy"
    r"|virtual|letsencrypt|audience|browser|nextauth|client_url|frontend_url|_link(?:$|_)|xmlns|schema_?location"
    r"|namespace|webhook_url|logout|login_url|share_url|iss$"
)
_HALF_OUTWARD = r"(?:base|site|root|app|web|ui|home|main|self|own|domain|path)_?ur[li]$|^url$|^host$"


class Reference(NamedTuple):
    """A host that a service calls another by, and where that is written.

    `path` leads to the value below the service: ("environment", "DB_HOST"), ("command", 2). `host` is in
    lower case. `port_variable` holds the port, where it is a variable of its own. `scheme` is None
    without one.
    """

    service: Service
    path: Path
    host: str
    port: int | None = None
    scheme: str | None = None
    form: Form = "url"
    port_variable: str | None = None
    holders: Sequence[Holder] = ()

    @property
    def name(self) -> str:
        """The variable, "" for a word of the command."""
        return _variable(self.path)

    @property
    def value(self) -> str:
        """The whole value of the variable, or the word."""
        key, name = self.path
        values: Any = getattr(self.service, key)
        return values[name] or ""

    @property
    def targets(self) -> tuple[Service, ...]:
        """The services that have the name."""
        return tuple(holder.service for holder in self.holders)

    @property
    def place(self) -> Span:
        """The value; in one of several lines, the line that names the host."""
        return _line(self.service.place(*self.path), self.address, self.host)

    @property
    def key(self) -> tuple[str, int, int]:
        """What is the same for all services that are given one written value, by an anchor or an env file."""
        span = self.service.place(*self.path)
        return span.source.path, span.line, span.column

    @property
    def of_env_file(self) -> bool:
        """Whether an env file gives it: of a file for several services each takes what it needs."""
        return _comes_by(self.service, self.path, "env_file")

    @property
    def is_inherited(self) -> bool:
        """Whether another file gives it that the service extends: that one is a base for more than this."""
        if self.place.source.real == self.service.key_place().source.real:
            return False
        return any(_comes_by(self.service, path, "extends") for path in (self.path, self.path[:1]))

    @property
    def is_default(self) -> bool:
        """Whether the host is what a variable falls back on: `${API_URL:-http://api}`."""
        text = self.service.text(*self.path).lower()
        return "${" in text and re.search(_FALLBACK + re.escape(self.host), text) is not None

    @property
    def port_of_env_file(self) -> bool:
        """Whether an env file gives the variable that holds the port."""
        variable = self.port_variable
        return variable is not None and _comes_by(self.service, ("environment", variable), "env_file")

    @property
    def port_place(self) -> Span:
        """Where the port is written."""
        if self.port_variable is None:
            return self.place
        return self.service.place("environment", self.port_variable)

    @property
    def address(self) -> str:
        """The host, and the port where one is written: never what else is in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def where(self) -> str:
        """Where it stands, in words: "'DB_URL'" or "its command"."""
        return f"'{self.name}'" if self.name else "its command"

    @property
    def reached(self) -> int | None:
        """The port that is connected to: the one written, or the one that the scheme means."""
        return self.port if self.port is not None else SCHEMES.get(self.scheme or "") or None

    @property
    def web(self) -> bool:
        """Whether a browser could be the one who follows it."""
        return self.scheme in WEB

    @property
    def outward(self) -> bool:
        """Whether the variable's name says that it is for those outside, or no connection at all."""
        return _outward(self.name)

    @property
    def for_browsers(self) -> bool:
        """Whether it is a URL of the web that is for those outside, and not for the service."""
        return self.web and self.outward

    @property
    def perhaps_outward(self) -> bool:
        """Whether it may be for those outside: the service's own URL."""
        return self.outward or _perhaps_outward(self.name)


class Wiring:
    """All references of a project, by what their hosts are.

    `used` are those to other services of the project, these being their `targets`; `local` those to the
    container itself, by a loopback name; `unknown` those to names that nobody in it has. Of those that
    are used `apart` are in no network in which the name is known.
    """

    __slots__ = (
        "_names",
        "_networks",
        "_published",
        "_targets",
        "apart",
        "local",
        "project",
        "unknown",
        "used",
    )

    def __init__(self, project: Project, names: Directory, networks: Networks) -> None:
        """`project` holds all services, those that profiles leave out, too."""
        self.project = project
        self._names = names
        self._networks = networks
        self._published: frozenset[str] | None = None
        self._targets: dict[str, set[str]] | None = None
        self.used: list[Reference] = []
        self.apart: list[Reference] = []
        self.local: list[Reference] = []
        self.unknown: list[Reference] = []
        for service in project.services.values():
            self._read(service)

    def _read(self, service: Service) -> None:
        references = _written(service, self._names)
        if not references:
            return
        owner = self._networks.owner(service)
        given = given_hosts(service)
        if owner is not None and owner is not service:
            given |= given_hosts(owner)
        ours = self._networks.joined(owner) if owner is not None and not owner.network_mode else frozenset()
        for each in references:
            if given and each.host in given:
                target = self.project.services.get(given[each.host])
                if target is not None:
                    self.used.append(each._replace(holders=[Holder(target, None)]))
            elif each.holders:
                self._use(each, owner, ours)
            elif is_loopback(each.host):
                self.local.append(each)
            else:
                self.unknown.append(each)

    def targets_of(self, service: Service) -> set[str]:
        """Return the names of the services that a service calls."""
        if self._targets is None:
            self._targets = {}
            for reference in self.used:
                names = self._targets.setdefault(reference.service.name, set())
                names.update(target.name for target in reference.targets)
        return self._targets.get(service.name, set())

    def publishes(self, variable: str) -> bool:
        """Return whether the files say by a variable as what port of the host one is published.

        Such a variable of an env file is for Compose: of that file the service takes the host's name.
        """
        if self._published is None:
            from composecheck.facts.ports import publishing_variables

            self._published = publishing_variables(self.project.services.values())
        return variable in self._published

    def _use(self, reference: Reference, owner: Service | None, ours: frozenset[str]) -> None:
        """Take in a reference to a service, unless that is the user itself."""
        service, within = reference.service, False
        for holder in reference.holders:
            if holder.service is service or holder.service is owner:
                return
            networks = holder.networks
            within = within or networks is ours or (networks is not None and not ours.isdisjoint(networks))
        self.used.append(reference)
        if not within:
            self.apart.append(reference)


def _comes_by(service: Service, path: Sequence[str | int], kind: str) -> bool:
    origin = service.origin(*path)
    while origin is not None:
        if origin.kind == kind:
            return True
        origin = origin.before
    return False


def _written(service: Service, names: Directory) -> list[Reference]:
    """Return the hosts that a service's environment and command name."""
    references: list[Reference] = []
    variables = service.environment
    for name, value in variables.items():
        if value:
            path: Path = ("environment", name)
            if ":" in value or "=" in value:
                references += _with_marks(service, path, value, names)
            elif is_host_key(name):
                references += _bare(service, name, value, names)
    for key, words in (("entrypoint", service.entrypoint), ("command", service.command)):
        for number, word in enumerate(words or ()):
            if ":" in word:
                references += _with_marks(service, (key, number), word, names)
    return references


def _with_marks(service: Service, path: Path, value: str, names: Directory) -> Iterable[Reference]:
    if "://" not in value:
        return _pairs(service, path, value if _variable(path) else value.rpartition("=")[2], names)
    plain = _URL(value)
    if plain is None or not (scheme := _scheme(plain[1])):
        return _urls(service, path, value, names)
    host, port = plain[2].lower(), plain[3]
    if names.holders(host) or is_loopback(host) or ("." not in host and re.fullmatch(_NAME, host)):
        number = int(port) if port else None
        if number is None or number < 65536:
            return (Reference(service, path, host, number, scheme, "url", None, names.holders(host)),)
    return ()


def _urls(service: Service, path: Path, value: str, names: Directory) -> Iterator[Reference]:
    if "{" in value:
        value = re.sub(_TEMPLATED, "://", value)
    for piece in re.split(_SPACES, value) if not _plain(value) else (value,):
        before, mark, rest = piece.partition("://")
        if not mark:
            continue
        written = re.search(_BEFORE, before)
        scheme = _scheme(written[0]) if written is not None else ""
        end = re.search(_END, rest)
        authority = rest[: end.start()] if end is not None else rest
        if "@" in authority:
            authority = authority.rpartition("@")[2]
        elif end is not None and "@" in rest and scheme not in WEB:
            continue  # a password with a slash in it: what is the host, nobody knows
        if scheme or ":" in authority:
            for one in authority.split(","):
                host, port = _host(one, names)
                if host and (scheme or names.holders(host) or is_loopback(host)):
                    yield Reference(
                        service, path, host, port, scheme or None, "url", None, names.holders(host)
                    )


def _plain(value: str) -> bool:
    """Return whether a value is one URL and nothing else, as most are."""
    return "," not in value and value.count("://") == 1 and re.fullmatch(_ONE_WORD, value) is not None


@cache
def _scheme(text: str) -> str:
    """Return the part of a scheme that says what is spoken: of "jdbc:mysql", "postgresql+asyncpg"."""
    return next((part for part in re.split(r"[+:]", text.lower()) if part in SCHEMES), "")


def _pairs(service: Service, path: Path, value: str, names: Directory) -> Iterator[Reference]:
    """Yield the hosts of `kafka:9092,kafka2:9092`, or of a connection string, if that is what a value is."""
    variable = _variable(path)
    if variable and ("=" in value or "tcp(" in value):
        yield from _connection(service, path, value, names)
        return
    pieces = re.split(_LIST, value.strip()) if "," in value or " " in value or ";" in value else (value,)
    authorities = []
    for piece in pieces:
        host, port = _host(piece.rpartition("@")[2].partition("/")[0], names)
        if not host or port is None:
            return
        authorities.append((host, port))
    for host, port in authorities:
        if not variable or is_host_key(variable) or names.holders(host) or is_loopback(host):
            yield Reference(service, path, host, port, None, "pair", None, names.holders(host))


def _connection(service: Service, path: Path, value: str, names: Directory) -> Iterator[Reference]:
    match = ("tcp(" in value and re.search(_GO_DSN, value)) or re.search(_SERVER_IS, value)
    if match is not None:
        port = match[2] or ((apart := re.search(_PORT_IS, value)) and apart[1])
        host, number = _host(f"{match[1]}:{port}" if port else match[1], names)
        if host:
            yield Reference(service, path, host, number, _CONNECTION, "url", None, names.holders(host))


def _bare(service: Service, name: str, value: str, names: Directory) -> Iterator[Reference]:
    """Yield the hosts of a variable that is named after one: its value is a name, or several."""
    variable = _port_variable(name, service.environment)
    port = int(service.environment[variable] or 0) if variable is not None else None
    for piece in re.split(_LIST, value.strip()):
        host, _ = _host(piece, names)
        if host:
            path = ("environment", name)
            yield Reference(service, path, host, port, None, "name", variable, names.holders(host))


def _port_variable(name: str, variables: Mapping[str, str | None]) -> str | None:
    """Return the variable with the port of a host: DB_PORT for DB_HOST."""
    for ending in ("HOSTNAME", "HOST_NAME", "HOST", "ADDRESS", "ADDR", "SERVER"):
        for end, port in ((ending, "PORT"), (ending.lower(), "port"), (ending.capitalize(), "Port")):
            if name.endswith(end):
                variable = name.removesuffix(end) + port
                return variable if _is_port(variables.get(variable) or "") else None
    return None


def _variable(path: Path) -> str:
    """Return the variable that a path leads to, "" for a word of the command."""
    key, name = path
    return str(name) if key == "environment" else ""


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536


def _host(text: str, names: Directory) -> tuple[str, int | None]:
    """Return the host and port of an authority; "" where it is no name that a service could have."""
    text = text.lower()
    if text.startswith("[::1]"):
        host, port = "::1", text[6:]
    else:
        host, _, port = text.rstrip("]\\").partition(":")
    if port and not _is_port(port):
        return "", None
    if (
        re.fullmatch(_NAME, host) is None
        and not is_loopback(host)
        and not ("." in host and names.holders(host))
    ):
        return "", None
    return host, int(port) if port else None


@cache
def is_host_key(key: str) -> bool:
    """Return whether a variable's name says that it holds the host of another."""
    low = key.lower()
    return low.endswith(_HOST_KEYS) and re.search(_NOT_HOST_KEY, low) is None


@cache
def _outward(key: str) -> bool:
    return bool(re.search(_OUTWARD, key.lower()))


@cache
def _perhaps_outward(key: str) -> bool:
    return bool(re.search(_HALF_OUTWARD, key.lower()))


def _line(span: Span, *wanted: str) -> Span:
    """Return the line of a place that holds a text, if it has several."""
    if span.line == span.end_line:
        return span
    for text in wanted:
        for number in range(span.line, span.end_line + 1):
            line = span.source.line(number)
            at = line.lower().find(text)
            if at >= 0:
                return span._replace(
                    line=number, column=at + 1, end_line=number, end_column=at + 1 + len(text)
                )
    return span
