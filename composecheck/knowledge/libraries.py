"""What is known of the libraries by which programs ask servers: facts with their sources, one entry a client.

An ecosystem is a language with its package manager. Its entry stands in `clients/`, in a file of its name;
the schema is `clients.schema.json`. Which families of images speak a protocol stands in `protocols.json`.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    # How a program gets along without its server: it tries again, asks when it needs it, or asks once.
    Way = Literal["retries", "demand", "once"]

_FOLDER = os.path.join(os.path.dirname(__file__), "clients")
_PROTOCOLS = "protocols.json"


class Call(NamedTuple):
    """What a program has where it asks: `text`, a regular expression, and how it `asks` by that.

    With `tries` it only looks whether the server is there, and may go on without. It counts in a file that
    `has` a text, and not in one where the program's text says `unless`. Every match has one of the `words`.
    """

    text: str
    asks: Way
    tries: bool = False
    has: str = ""
    unless: str = ""
    words: tuple[str, ...] = ()

    def may_be_in(self, text: str) -> bool:
        """Whether a text has one of the words without which the expression matches nothing; that is fast."""
        return not self.words or any(word in text for word in self.words)


class Client(NamedTuple):
    """A library, by the `packages` that it or what stands on it comes in, and the protocols that it speaks.

    `asks` is what it does by itself, None where the program's calls alone tell; it gives up after `limit`
    seconds (None: never, as far as is known). Where it is there, those `instead` of which it is used are
    not looked at.
    """

    name: str
    packages: frozenset[str]
    on: frozenset[str]
    asks: Way | None = None
    limit: float | None = None
    calls: tuple[Call, ...] = ()
    instead: tuple[str, ...] = ()


class Starting(NamedTuple):
    """A command at the start that asks servers of some protocols, whatever the program does later."""

    text: str
    on: frozenset[str]
    asks: Way


class Ecosystem(NamedTuple):
    """A language: how its manifests and settings are called, how sources end, what is known there.

    `installs` is what a Dockerfile runs to have a package, and `imports` how a source names one. Programs
    with one of the packages in `serves` work on somebody's request, those with "*" as a rule. With `imported`
    a program has only what its sources import, whatever a manifest names.
    """

    name: str
    manifests: tuple[str, ...]
    sources: tuple[str, ...]
    settings: tuple[str, ...]
    installs: str
    imports: str
    imported: bool
    serves: frozenset[str]
    clients: tuple[Client, ...]
    commands: tuple[Starting, ...]


class Protocol(NamedTuple):
    """What the families of images speak whose servers the same clients ask; `words` tell of it in a text."""

    name: str
    families: frozenset[str]
    words: str


@cache
def ecosystems() -> tuple[Ecosystem, ...]:
    """Return the ecosystems that come with composecheck."""
    names = sorted(name for name in os.listdir(_FOLDER) if name.endswith(".json") and name != _PROTOCOLS)
    return tuple(_ecosystem(name.removesuffix(".json"), _read(name)) for name in names)


@cache
def protocols() -> Mapping[str, Protocol]:
    """Return the protocols, by the names of the families that speak them."""
    entries = _read(_PROTOCOLS).items()
    found = (Protocol(name, frozenset(each["families"]), each["words"]) for name, each in entries)
    return {family: protocol for protocol in found for family in protocol.families}


def package(word: str) -> str:
    """Return how a package is called here, however a manifest writes it."""
    return word.lower().replace("_", "-")


def words_of(expression: str) -> tuple[str, ...]:
    """Return words of which every match of an expression has one, none where that cannot be told."""
    if "(?i" in expression:
        return ()
    plain = re.sub(r"\\.[*+?]?|\[[^\]]*\][*+?]?|\{[^}]*\}", " ", expression)
    while (outer := re.sub(r"\([^()]*\)[*+?]?", " ", plain)) != plain:
        plain = outer
    found = [re.findall(r"[A-Za-z_]{3,}(?![*?])", way) for way in plain.split("|")]
    return tuple(max(words, key=len) for words in found) if all(found) else ()


def _read(name: str) -> dict[str, Any]:
    with open(os.path.join(_FOLDER, name), "rb") as file:
        entries: dict[str, Any] = json.load(file)
    return entries


def _ecosystem(name: str, entry: Mapping[str, Any]) -> Ecosystem:
    return Ecosystem(
        name=name,
        manifests=tuple(entry["manifests"]),
        sources=tuple(entry["sources"]),
        settings=tuple(entry.get("settings", ())),
        installs=entry.get("installs", ""),
        imports=entry.get("imports", ""),
        imported=entry.get("imported", False),
        serves=frozenset(entry["serves"]),
        clients=tuple(_client(key, each) for key, each in entry["clients"].items()),
        commands=tuple(
            Starting(each["text"], frozenset(each["on"]), each["asks"]) for each in entry["commands"]
        ),
    )


def _client(name: str, entry: Mapping[str, Any]) -> Client:
    return Client(
        name=name,
        packages=frozenset(map(package, entry.get("packages", (name,)))),
        on=frozenset(entry["on"]),
        asks=entry.get("asks"),
        limit=entry.get("for"),
        calls=tuple(Call(**each, words=words_of(each["text"])) for each in entry.get("calls", ())),
        instead=tuple(entry.get("instead", ())),
    )
