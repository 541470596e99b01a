"""Whom the usual clients ask, by their words."""

from __future__ import annotations

import re

from composecheck.facts.commands.runs import UNKNOWN
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from composecheck.facts.commands.runs import Run
    from composecheck.text.source import Span

_URL = r"\b(https?|ldaps?|wss?)://(?:[^/@\s'\"]*@)?(\[[0-9A-Fa-f:.]+\]|[^/:?#\s'\"\\),;\]]+)(?::([^/?#\s'\"\\),;\]]*))?"
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "ldap": 389, "ldaps": 636}
_DEV_TCP = r"/dev/tcp/([^/\s'\"]+)/([^\s'\")]+)"
_ADDRESS = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][\w.-]*)(?::(\d+))?(/.*)?"
_NUMBER = r"\d+"


class Address(NamedTuple):
    """Whom a command asks. `port` None is the usual one; 0 is one that cannot be told."""

    host: str
    port: int | None
    place: Span
    sure: bool = True  # whether the word can be nothing but an address


class Options(NamedTuple):
    """A command's options with their values, and its other words."""

    given: Mapping[str, str]
    others: tuple[str, ...]

    def first(self, *names: str) -> str | None:
        """Return the value of the first of some options that is there."""
        return next((self.given[name] for name in names if name in self.given), None)

    def any(self, *names: str) -> bool:
        """Whether one of some options is there."""
        return any(name in self.given for name in names)


def options(words: Sequence[str], short: str, long: Sequence[str] = (), optional: str = "") -> Options:
    """Return a command's options: `short` letters and `long` names take a value.

    Those of `optional` take one only in the same word, as mysql's -p does.
    """
    given: dict[str, str] = {}
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            others.extend(rest)
        elif word.startswith("--"):
            name, has, value = word[2:].partition("=")
            given[name] = value if has else next(rest, "") if name in long else ""
        elif word.startswith("-") and len(word) > 1:
            for at, letter in enumerate(word[1:], 2):
                if letter in short:
                    given[letter] = word[at:].removeprefix("=") or next(rest, "")
                    break
                given[letter] = word[at:] if letter in optional else ""
                if letter in optional:
                    break
        else:
            others.append(word)
    return Options(given, tuple(others))


MYSQL = frozenset(("mysql", "mysqladmin", "mysqlshow", "mariadb", "mariadb-admin", "mariadb-show"))
POSTGRES = frozenset(("pg_isready", "psql"))
REDIS = frozenset(("redis-cli", "valkey-cli", "keydb-cli"))
_NC = frozenset(("nc", "ncat", "netcat", "telnet"))
_MONGO = frozenset(("mongo", "mongosh"))


def mysql_options(run: Run) -> Options:
    """Return the options of a client of MySQL or MariaDB."""
    return options(
        run.words[1:],
        "hPuSeDi",
        (
            "host",
            "port",
            "user",
            "socket",
            "execute",
            "database",
            "protocol",
            "defaults-file",
            "defaults-extra-file",
            "login-path",
            "connect-timeout",
        ),
        "p",
    )


# Of mysqladmin; each may be cut short (mysqladmin.cc of MySQL and MariaDB).
_ADMIN = tuple(
    """create debug drop extended-status flush-all-statistics flush-all-status flush-binary-log
    flush-client-statistics flush-engine-log flush-error-log flush-general-log flush-hosts
    flush-index-statistics flush-logs flush-privileges flush-relay-log flush-slow-log flush-ssl flush-status
    flush-table-statistics flush-tables flush-threads flush-user-resources flush-user-statistics kill
    old-password password ping processlist refresh reload shutdown start-all-slaves start-replica start-slave
    status stop-all-slaves stop-replica stop-slave variables version""".split()  # noqa: SIM905 - words
)
_OF_A_NAME = ("create", "drop", "kill", "old-password", "password")


def unknown_commands(run: Run) -> tuple[str, ...]:
    """Return the words that `mysqladmin` is given and that are none of its commands."""
    if run.name not in ("mysqladmin", "mariadb-admin"):
        return ()
    others = mysql_options(run).others
    if any(UNKNOWN in word or word in _OF_A_NAME for word in others):
        return ()
    return tuple(word for word in others if not any(each.startswith(word) for each in _ADMIN))


def mysql_host(run: Run) -> str | None:
    """Return the host that a client of MySQL or MariaDB asks by TCP, None where it takes the Unix socket.

    `localhost` is the socket to it; to one of MariaDB a port is TCP.
    """
    found = mysql_options(run)
    host, protocol = found.first("h", "host"), found.first("protocol")
    if found.any("S", "socket") or (protocol or "").lower() in ("socket", "pipe"):
        return None
    if (protocol or "").lower() == "tcp" or (run.name.startswith("mariadb") and found.any("P", "port")):
        return host or "localhost"
    return host if host and host.lower() != "localhost" else None


def postgres_host(run: Run, environment: Mapping[str, str | None]) -> str | None:
    """Return the host that a client of PostgreSQL asks by TCP, None where it takes the Unix socket."""
    found = postgres_options(run)
    host = found.first("h", "host")
    for text in (*filter(None, (found.first("d", "dbname"),)), *found.others[:1]):
        if match := re.search(r"\bhost(?:addr)?\s*=\s*(\S+)", text):
            host = match[1]
        elif match := re.match(r"postgres(?:ql)?://(?:[^/@]*@)?([^/:?]*)", text):
            host = match[1] or host
        elif UNKNOWN in text:
            host = host or UNKNOWN
    host = host or run.assigned.get("PGHOST") or environment.get("PGHOST")
    return host if host and not host.startswith(("/", "@", "%2")) else None


def postgres_options(run: Run) -> Options:
    """Return the options of a client of PostgreSQL."""
    short = "dhptU" if run.name == "pg_isready" else "cdfvoFRTLhpUP"
    long = ("host", "port", "dbname", "username", "timeout", "command", "file", "set", "variable", "output")
    return options(run.words[1:], short, long)


_CURL_LONG = tuple(
    """cacert cert connect-timeout cookie cookie-jar data data-binary data-raw header form key max-time output
    proxy referer request resolve retry retry-delay retry-max-time unix-socket user user-agent write-out
    connect-to interface max-redirs range upload-file url-query""".split()  # noqa: SIM905 - words
)
_WGET_LONG = tuple(
    """header output-document timeout tries user password user-agent method post-data body-data waitretry
    wait""".split()  # noqa: SIM905 - words
)


def addresses(run: Run) -> Iterator[Address]:
    """Yield whom a command asks, as far as its words tell."""
    reader = next((reader for names, reader in _READERS if run.name in names), None)
    if reader is not None:
        yield from reader(run)
    elif run.name not in _NO_CLIENTS:
        # Of any other command it is not known what it does with an address.
        sure = re.fullmatch(_TALKS, run.name) is not None
        for address in _found_in(run.words, run.place):
            yield address._replace(sure=sure)


def redis_options(run: Run) -> Options:
    """Return the options of a client of Redis or one of its kind."""
    return options(run.words[1:], "hpasnuriDd", ("user", "pass", "cacert", "cert", "key", "sni"))


# Options of a Redis server that its client does not take, and what it calls them.
_SERVERS_OWN = {
    **{"--requirepass": "-a", "--password": "-a", "--port": "-p", "--host": "-h", "--masterauth": ""},
    **{"--bind": "-h", "--appendonly": "", "--protected-mode": "", "--tls-port": "-p"},
}


def redis_server_option(run: Run) -> tuple[str, str] | None:
    """Return the first option of the server that a client of Redis is given, and the client's own for it.

    What stands behind a command is the command's.
    """
    if run.name not in REDIS:
        return None
    rest = iter(run.words[1:])
    for word in rest:
        if word in _SERVERS_OWN:
            return word, _SERVERS_OWN[word]
        if not word.startswith("-"):
            break
        if word in ("-h", "-p", "-a", "-n", "-u", "-r", "-i", "-s", "-D", "-d", "--user", "--pass"):
            next(rest, None)
    return None


def _of_nc(run: Run) -> Iterator[Address]:
    others = options(run.words[1:], "wipsqGxXTOI").others
    if len(others) > 1:
        yield Address(others[0], _port(others[1]), run.place)


def _of_redis(run: Run) -> Iterator[Address]:
    found = redis_options(run)
    if not found.any("u", "s"):
        yield Address(found.first("h") or "localhost", _given(found.first("p")), run.place)


def _of_mysql(run: Run) -> Iterator[Address]:
    host = mysql_host(run)
    if host is not None:
        yield Address(host, _given(mysql_options(run).first("P", "port")), run.place)
    elif not mysql_options(run).any("S", "socket"):
        yield Address("localhost", None, run.place)


def _of_postgres(run: Run) -> Iterator[Address]:
    host = postgres_host(run, {})
    yield Address(host or "localhost", _given(postgres_options(run).first("p", "port")), run.place)


def _of_mongo(run: Run) -> Iterator[Address]:
    found = options(run.words[1:], "uphf", ("host", "port", "eval", "username", "password", "file"))
    match = re.fullmatch(_ADDRESS, found.first("host", "h") or "")
    if match:
        yield Address(match[1], _given(match[2] or found.first("port")), run.place)


_TALKS = r"(?:python|node|php|ruby|perl|deno|bun|java|bash|zsh|https?|xh|grpcurl)[\d.]*|:|echo|/.*|"
# What has URLs among its words, and asks nobody.
_NO_CLIENTS = frozenset(("echo", "printf", "true", "test", "[", "[[", "grep", "sed", "awk", "export", "exit"))


def _of_web(run: Run) -> Iterator[Address]:
    curl = run.name == "curl"
    found = (
        options(run.words[1:], "oHXduAemwbcxETFKyYCrztQPU", _CURL_LONG)
        if curl
        else options(run.words[1:], "OTtUPoaiQ", _WGET_LONG)
    )
    if found.any("unix-socket", "abstract-unix-socket", "x", "proxy", "resolve", "connect-to"):
        return
    wanted = (*found.others, *filter(None, (found.given.get("url"),)))
    for word in wanted:
        if "://" in word:
            yield from _found_in((word,), run.place)
        elif match := re.fullmatch(_ADDRESS, word.partition("?")[0]):
            sure = match[2] is not None or match[3] is not None
            yield Address(match[1], int(match[2]) if match[2] else 80, run.place, sure)


def _found_in(words: Sequence[str], place: Span) -> Iterator[Address]:
    for word in words:
        if "://" in word:
            for match in re.finditer(_URL, word):
                port = match[3]
                yield Address(match[2], _port(port) if port else _DEFAULT_PORTS[match[1]], place)
        if "/dev/tcp/" in word:
            for match in re.finditer(_DEV_TCP, word):
                yield Address(match[1], _port(match[2]), place)


def _port(text: str) -> int:
    """Return a port's number, 0 where it cannot be told."""
    return int(text) if re.fullmatch(_NUMBER, text) and len(text) < 6 else 0


def _given(text: str | None) -> int | None:
    return _port(text) if text is not None else None


def is_known(host: str) -> bool:
    """Whether a host is a name or an address that does not hang on a variable."""
    return UNKNOWN not in host and re.fullmatch(_HOST, host) is not None


_HOST = r"\[?[0-9A-Fa-f:.]+\]?|[A-Za-z0-9_]([\w.-]*\w)?\.?"


_READERS: tuple[tuple[frozenset[str], Callable[[Run], Iterator[Address]]], ...] = (
    (frozenset(("curl", "wget")), _of_web),
    (_NC, _of_nc),
    (REDIS, _of_redis),
    (MYSQL, _of_mysql),
    (POSTGRES, _of_postgres),
    (_MONGO, _of_mongo),
)
