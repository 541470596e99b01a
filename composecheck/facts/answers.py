"""Where a service of a known family answers, as far as its configuration here tells.

The variables and options that may move a port, or ask for TLS, stand with the family. Of any other whose
name says that it may, and of files that are mounted in place of a configuration, nobody knows: a doubt.
"""

from __future__ import annotations

import re

from composecheck.facts.commands.jobs import SERVING
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.facts import Facts
    from composecheck.knowledge import Family, Probing, Setting
    from composecheck.model.project import Project, Service
    from composecheck.text.source import Span

# What in a variable's name may say that it changes where or how a server answers.
_TELLING = (
    r"(?i)(?<!ex)(?<!im)(?<!sup)(?<!re)(?<!trans)port|listen|addr|bind|tls|ssl|https|sasl|auth|scheme"
    r"|proto|secur|cert|sock|prefix|base_?path|context|opts|args|flags|conf|cfg"
    r"|(?:^|server|http|web|listen|network|jetty)[_.]*host$"
)
# And in a word of a command.
_SPECIAL = (
    r"(?i)port|pass|tls|ssl|sasl|sock|listen|bind|addr|host|auth|acl|conf|cert|secur|prefix|sentinel|://"
    r"|defaults-|\.(?:cnf|ini|toml|ya?ml|json|properties|xml|hcl)$|^-p|sh$|[;&|$]"
)
_CONFIGURATION = r"(?i)^/etc(?:/|$)|/(?:etc|conf|config|certs?|tls|ssl)(?:/|$)" + (
    r"|\.(?:conf|cnf|cfg|ini|toml|ya?ml|json|properties|xml|hcl|env|acl)$"
)
_ADDRESS = r"(?i)(?:([a-z][\w+.-]*)://)?(\[[0-9a-f:.]+\]|[^:/\s]*)(?::(\d{1,5}))?/?"
_ANY = frozenset(("", "0.0.0.0", "::", "[::]", "*", "0"))  # noqa: S104 - to compare with
_LOCAL = "_local_"  # what Elasticsearch and OpenSearch call the loopback addresses
_OFF = frozenset(("", "0", "false", "no", "off", "none", "disabled", "disable", "n", "f", "/", "http"))
_BEFORE_VARIABLE = r"""([\w.-]+)["'\s,=]+\$"""
# What the entrypoint of many an image takes for its server, and which clients are called as their server is.
_TO_SERVE = frozenset(
    ("agent", "run", "serve", "server", "standalone", "start", "start-dev", "start-single-node")
)
_CLIENTS = frozenset(("mariadb", "mongo", "mysql"))
# Of listeners: whom no client talks to, and what needs more than a connection.
_INNER = r"(?i)controller|broker_?to|raft"
_OPEN = r"(?i)plaintext|http|tcp"


class Answer(NamedTuple):
    """Where a service answers: on `port` (None: that of its image), and on `host` (None: on every address).

    `doubts` are the variables and options that may say something else, and `changed` what stands in place of
    what the image brings: both are for a person to look up. It is `locked`
    where it asks for a password. What `may_vary` hangs on a variable of the
    file's own, which may have another value elsewhere, or on a file that is laid over it.
    """

    port: int | None = None
    host: str | None = None
    doubts: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    may_vary: bool = False
    locked: bool = False

    @property
    def certain(self) -> bool:
        """Whether there is nothing that only a person could look up."""
        return not (self.doubts or self.changed or self.may_vary)


def answer(facts: Facts, service: Service, family: Family) -> Answer:
    """Return where a service of a family answers."""
    reading = _Reading(facts.project, service, family)
    if service.env_file and service.name in facts.project.disabled:
        reading.doubts.append("env_file")  # those of a service that profiles leave out are not read
    for name, value in variables(facts, service).items():
        reading.variable(name, value)
    reading.command(service.command or ())
    reading.listeners()
    return Answer(
        reading.port,
        reading.host,
        tuple(dict.fromkeys(reading.doubts)),
        tuple(_changed(facts, service)),
        reading.may_vary,
        reading.locked,
    )


def usual_port(family: Family) -> int | None:
    """Return the port that a family's healthcheck asks: one that is in its test, else the family's first."""
    test = " ".join(family.healthcheck.test) if family.healthcheck is not None else ""
    named = (port for port in family.ports if re.search(rf"(?<!\d){port}(?!\d)", test))
    return next(named, family.ports[0] if family.ports else None)


def test_at(probing: Probing, family: Family, found: Answer) -> Probing | None:
    """Return a family's healthcheck as it is where a service answers; None where it cannot be said."""
    test = probing.test
    usual = usual_port(family)
    if found.locked and probing.locked:
        test = tuple(word.replace("{port}", str(found.port or usual)) for word in probing.locked)
    elif found.port is not None and found.port != usual:
        if probing.elsewhere:
            test = tuple(word.replace("{port}", str(found.port)) for word in probing.elsewhere)
        else:
            test = tuple(re.sub(rf"(?<![\d.]){usual}(?![\d.])", str(found.port), word) for word in test)
            if test == probing.test:
                return None
    if found.host is not None:
        at = test
        # Who listens on the loopback alone is not found by the container's own name.
        old = "$$HOSTNAME" if found.host == "127.0.0.1" else "127.0.0.1"
        test = tuple(word.replace(old, found.host) for word in at)
        if test == at and found.host != "127.0.0.1":
            return None
    return probing._replace(test=test)


def variables(facts: Facts, service: Service) -> dict[str, str | None]:
    """Return a service's variables over those that its Dockerfile sets."""
    built = facts.images.built(service)
    return (built.environment if built is not None else {}) | service.environment


def _changed(facts: Facts, service: Service) -> Iterator[str]:
    """Yield what stands in place of what the image brings: an entrypoint, configuration files."""
    built = facts.images.built(service)
    if facts.images.has_entrypoint(service):
        yield "its entrypoint"
    if built is not None and built.command is not None and service.command is None:
        yield "its Dockerfile's command"
    disk, words = facts.project.disk, service.command or ()
    for mount in service.mounts:
        named = mount.target in words and disk.is_file(mount.source or "")
        configures = mount.type not in ("volume", "tmpfs") and re.search(_CONFIGURATION, mount.target)
        if named or configures:
            yield f"what is mounted at '{mount.target}'"
    if service.configs:
        yield "its configs"
    if service.says("volumes_from"):
        yield "what 'volumes_from' mounts"


class _Reading:
    """What the settings of one service say, read one by one."""

    def __init__(self, project: Project, service: Service, family: Family) -> None:
        self._project = project
        self._service = service
        self._family = family
        self._given: dict[Setting, tuple[str, str]] = {}
        self.port: int | None = None
        self.host: str | None = None
        self.doubts: list[str] = []
        self.may_vary = False
        self.locked = False

    def variable(self, name: str, value: str | None) -> None:
        """Read a variable; None is one whose value only the shell has that starts it."""
        setting = _setting(self._family.settings, name)
        if setting is None:
            if re.search(_TELLING, name):
                self.doubts.append(name)
        elif setting != "harmless":
            if value is None:
                self.doubts.append(name)
            else:
                self._read(name, setting, value)
                if self._service.says("environment", name):
                    place = self._service.place("environment", name)
                    self.may_vary |= "$" in place.text or self._may_be_left_out(place)

    def command(self, words: Sequence[str]) -> None:
        """Read the options of a command."""
        if words:
            if not self._serves(words[0]):
                self.doubts.append(words[0])
            place = self._service.place("command")
            self.may_vary |= self._varies(place.text) or self._may_be_left_out(place)
        self._options(words)

    def _may_be_left_out(self, place: Span) -> bool:
        """Whether a place is in a file that is laid over the one where the service's healthcheck would be."""
        return self._project.is_laid_over(place, self._service.key_place())

    def _serves(self, word: str) -> bool:
        """Whether the first word of a command is an option or the server: no client, nothing else."""
        name, family = word.rpartition("/")[2], self._family
        if word.startswith("-") or name in SERVING or word in _TO_SERVE or word in family.settings:
            return True
        of_its_own = any(part in name for part in re.split(r"\W", family.name) if len(part) > 2)
        return of_its_own and name not in (family.tools - {family.name}) | _CLIENTS

    def _varies(self, text: str) -> bool:
        """Whether a command hangs on a variable of the file in more than what makes no difference."""
        before = re.findall(_BEFORE_VARIABLE, text)
        return len(before) != text.count("$") or any(
            _setting(self._family.settings, name) not in ("harmless", "password") for name in before
        )

    def _options(self, words: Sequence[str]) -> None:
        rest = list(words)
        while rest:
            word = rest.pop(0)
            name, equals, value = word.partition("=")
            setting = _setting(self._family.settings, name)
            if setting is None:
                if re.search(_SPECIAL, word):
                    self.doubts.append(name)
                continue
            if not equals and name.startswith("-") and rest and not rest[0].startswith("-"):
                value = rest.pop(0)
            elif not equals:
                value = "true" if setting in ("switch", "needed") else ""
            if setting in ("port", "host", "address") and not value:
                self.doubts.append(name)  # nothing is no address, where a variable would be as good as unset
                continue
            if setting != "harmless":
                self._read(name, setting, value)

    def _read(self, name: str, setting: Setting, value: str) -> None:
        value = value.strip()
        if setting in ("switch", "needed"):
            if (value.lower() in _OFF) == (setting == "needed"):
                self.doubts.append(name)
        elif setting == "password":
            self.locked = bool(value)
        elif setting == "options":
            self._options(value.split())
        elif setting in ("listeners", "advertised", "protocols"):
            self._given[setting] = name, value
        elif setting == "port" or value.isdecimal():
            self._at(name, value)
        else:
            match = re.fullmatch(_ADDRESS, value)
            if match is None or not value or (match[1] or "http").lower().endswith("s"):
                self.doubts.append(name)
                return
            self._on(name, match[2])
            if match[3]:
                self._at(name, match[3])

    def _at(self, name: str, number: str) -> None:
        if number.isdecimal() and 0 < int(number) < 65536:
            self.port = int(number)
        else:
            self.doubts.append(name)

    def _on(self, name: str, host: str) -> None:
        if _is_loopback(host) and host.strip("[]") != "::1":  # of which 127.0.0.1 is no part
            self.host = host if host.startswith("127.") else "127.0.0.1"
        elif self._is_own(host):
            self.host = host
        elif host not in _ANY:
            self.doubts.append(name)

    def _is_own(self, host: str) -> bool:
        """Whether a host is a name of the service's that in its container means one address."""
        service = self._service
        return (
            host in (service.name, service.container_name, service.hostname)
            and len(service.networks) < 2
            and service.network_mode is None
            and service.replicas == 1
        )

    def listeners(self) -> None:
        """Choose one of the listeners: that of the usual port, else the first that needs no more than TCP."""
        key, text = self._given.get("listeners") or ("", "")
        advertised, told = self._given.get("advertised") or ("", "")
        derived = not key
        key, text = (advertised, told) if derived else (key, text)
        if not key:
            return
        protocols = dict(_pairs(self._given.get("protocols", ("", ""))[1]))
        usual = usual_port(self._family)
        open_ones = [each for each in _addresses(text, protocols) if derived or self._takes(each[1])]
        for name, host, port in sorted(open_ones, key=lambda each: each[2] != usual):
            # A client of it goes on to where it is told to.
            where = next((other for at, other, _ in _addresses(told, protocols) if at == name), None)
            if where is not None and not _is_loopback(where) and not self._is_own(where):
                continue
            if not derived:
                self._on(key, host)
            self.port = port
            return
        self.doubts.append(key)

    def _takes(self, host: str) -> bool:
        return host in _ANY or _is_loopback(host) or self._is_own(host)


def _is_loopback(host: str) -> bool:
    return host == _LOCAL or is_loopback(host)


def _setting(settings: Mapping[str, Setting], name: str) -> Setting | None:
    """Return what is known of a variable or an option: by its name, else by the longest beginning of it."""
    found = settings.get(name)
    if found is None and name.startswith("--"):
        found = settings.get(name.replace("_", "-"))
    if found is not None:
        return found
    beginnings = [key for key in settings if key.endswith("*") and name.startswith(key[:-1])]
    return settings[max(beginnings, key=len)] if beginnings else None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for each in text.split(","):
        name, colon, protocol = each.strip().partition(":")
        if colon:
            yield name, protocol


def _addresses(text: str, protocols: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
    """Yield the listeners that a client may talk to without more: name, host and port."""
    for each in text.split(","):
        match = re.fullmatch(_ADDRESS, each.strip())
        if match is None or not match[3] or re.search(_INNER, match[1] or ""):
            continue
        name = match[1] or "tcp"
        if re.fullmatch(_OPEN, protocols.get(name, name)):
            yield name, match[2], int(match[3])
