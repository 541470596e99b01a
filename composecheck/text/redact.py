"""Secrets out of texts: by the name of a key, by a value that is known, by the form of a URL."""

from __future__ import annotations

import re
from typing import Protocol

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MASK = "***"

# A word of the key says that its value is secret; its last word may say that it only points at one.
_WORD = (
    r"password|passwd|passphrase|pwd|pass|secret|token|api_?key|access_?key|private_?key"
    r"|secret_?key|credentials?"
)
_RUN_ON = r"password|passwd|secret|token|apikey|accesskey|privatekey|secretkey"
_KEY = re.compile(rf"(?:^|[_.\-])(?:{_WORD})s?(?:$|[_.\-\d])|(?:{_RUN_ON})$", re.IGNORECASE)
_POINTER = re.compile(
    r"[_.\-](?:file|path|dir|url|ttl|expir\w*|name|id|length|policy|hash_?algorithm)$", re.IGNORECASE
)
# `key: value` and `KEY=value`, then `--flag value`, in a list too.
_PAIR = re.compile(r"""(?<!--)(\b[\w.\-]+)["']?[ \t]*([:=])[ \t]*(?:[&!]\S+[ \t]+)?""")
_FLAG = re.compile(r"""--([\w\-]+)["']?[ ,=]+["']?(?!-)([^\s"',]+)""")
_URL = re.compile(r"://[^\s/:@'\"]*:(?!\d+/)([^\s@'\"]+)@")
# What stands where a value would, and is none: a variable, an alias, a block's head, a comment.
_NO_VALUE = tuple("$*|>#")
# Values that stand for a secret, or that everybody would try first. Hiding them wherever they
# occur would hide the names of services and images, and protect nothing.
_GUESSABLE = frozenset(
    "admin changeme default dummy example false guest mariadb mongo mongodb mysql none null password "  # noqa: SIM905 - words
    "postgres postgresql rabbitmq redis root secret test testing true user".split()
)
_SHORTEST = 4
# `secrets` itself is a key of Compose, and lists names; a shell's working directories are in every path.
_NO_SECRET = frozenset(("secrets", "PWD", "OLDPWD"))


def is_secret(key: str) -> bool:
    """Return whether a key's name says that its value is a secret."""
    return key not in _NO_SECRET and bool(_KEY.search(key)) and not _POINTER.search(key)


class _Environment(Protocol):
    @property
    def environment(self) -> Mapping[str, str | None]: ...


class _Secret(Protocol):
    @property
    def content(self) -> str | None: ...
    @property
    def environment(self) -> str | None: ...


class _Project(Protocol):
    @property
    def services(self) -> Mapping[str, _Environment]: ...
    @property
    def environment(self) -> Mapping[str, str]: ...
    @property
    def secrets(self) -> Mapping[str, _Secret]: ...


def secrets_of(project: _Project) -> frozenset[str]:
    """Return the values of a project's `secrets`, and of keys whose names say that they are secret."""
    found = set(_secret_values(project.environment))
    for secret in project.secrets.values():
        value = secret.content
        if value is None and secret.environment is not None:
            value = project.environment.get(secret.environment)
        if value and len(value.strip()) >= _SHORTEST:
            found.add(value.strip())
    for service in project.services.values():
        found.update(_secret_values(service.environment))
    # A service's name is in every message, and whoever uses it as a password hides nothing.
    return frozenset(found - project.services.keys())


def _secret_values(environment: Mapping[str, str | None]) -> Iterator[str]:
    for key, value in environment.items():
        if value and len(value) >= _SHORTEST and value.lower() not in _GUESSABLE and is_secret(key):
            yield value


def visible(text: str) -> str:
    """Return a text without what would steer a terminal; line ends stay."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text with the given values, and the passwords in its URLs, hidden."""
    # The longest first: one secret may be the beginning of another.
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _URL.sub(lambda match: match[0].replace(f":{match[1]}@", f":{MASK}@"), text)


def secret_ranges(line: str, secrets: Iterable[str] = ()) -> tuple[tuple[int, int], ...]:
    """Return where a line of a file shows secrets, as (start, end) of its characters, in order.

    Secret are the values of keys whose names say so, passwords in URLs, and the given values.
    A variable (`${DB_PASSWORD}`) is only a name, and stays.
    """
    ranges = {match.span(1) for match in _URL.finditer(line)}
    ranges.update(match.span(2) for match in _FLAG.finditer(line) if is_secret(match[1]))
    for match in _PAIR.finditer(line):
        start = match.end()
        if is_secret(match[1]) and line[start:] and not line.startswith(_NO_VALUE, start):
            ranges.add(_value(line, start, quoted_before=line[match.start() - 1 : match.start()]))
    for secret in secrets:
        at = line.find(secret)
        while at >= 0:
            ranges.add((at, at + len(secret)))
            at = line.find(secret, at + len(secret))
    return tuple(_united(sorted(ranges)))


def _value(line: str, start: int, *, quoted_before: str) -> tuple[int, int]:
    """Return the range of the value that begins at `start`: rather too much than too little."""
    quote = line[start] if line[start] in "\"'" else ""
    if quote:
        end = line.find(quote, start + 1)
        return start + 1, end if end > 0 else len(line)
    if quoted_before in ("'", '"') and quoted_before:
        # "KEY=value" in a list: the quote stands before the key.
        end = line.find(quoted_before, start)
        return start, end if end > 0 else len(line)
    if line[start] in "[{":
        return start, len(line.rstrip())
    before = line[:start]
    flow = before.count("{") > before.count("}") or before.count("[") > before.count("]")
    end = min(
        (at for at in (line.find(mark, start) for mark in ([",", "}", "]"] if flow else [" #"])) if at > 0),
        default=len(line),
    )
    return start, start + len(line[start:end].rstrip())


def _united(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted ranges, those that touch or overlap as one."""
    start, end = 0, 0
    for first, last in ranges:
        if first > end:
            if end > start:
                yield start, end
            start = first
        end = max(end, last)
    if end > start:
        yield start, end
