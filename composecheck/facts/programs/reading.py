"""The text of a program that is built here: its manifests and its sources, as far as a limit goes."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from functools import cache

from composecheck.errors import SourceError
from composecheck.facts.folders import Listing, listing
from composecheck.facts.programs.parts import own, part
from composecheck.knowledge.libraries import ecosystems, package
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.programs.parts import Part
    from composecheck.knowledge.libraries import Ecosystem
    from composecheck.model.project import Service

_MOST_BYTES = 64_000
_MOST_FILES = 400
_MOST_FILES_OF_ALL = 2_000
_DEEPEST = 10  # a package of Java's lies seven below its manifest
# Files of a program that do not run when it starts.
_ASIDE = (
    r"(?i)(?:^|[._/-])(?:tests?|specs?|e2e|mocks?|__mocks__|bench\w*|examples?|stories|seeds?|seeders?|fixtures?)"
    r"(?:[._/-]|$)|\.d\.ts$|\.min\.js$|conftest\.py$|(?:^|/)test_"
)
_WORD = r"[@\w][\w./@-]*"
_VERSION = r"/v\d+$"  # a Go module's
_MADE = r"(?:^|/)(?:target|build|dist|out|publish|bin|libs)(?:/|$)|\.[jw]ar$"  # what a build leaves behind
_COMMENT = r"(?m)^[ \t]*(?:#|//).*$"


class Text(NamedTuple):
    """One file of a program, and the packages that it names: a manifest does, and what a source imports."""

    path: str
    text: str
    ecosystem: Ecosystem
    is_manifest: bool
    packages: frozenset[str]


class Program(NamedTuple):
    """What a service's image is built from; `whole` where all that is copied could be read.

    It `declares` its packages where a manifest, or the Dockerfile, says which ones there are.
    """

    ecosystems: tuple[Ecosystem, ...]
    packages: frozenset[str]
    sources: tuple[Text, ...]
    manifests: tuple[Text, ...]
    whole: bool
    declares: bool


class Programs:
    """The programs of a project, each folder and each file read when it is first asked for, and once."""

    __slots__ = ("_facts", "_left", "_makers", "_programs", "_roots", "_texts")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._left = _MOST_FILES_OF_ALL
        self._texts: dict[str, Text | None] = {}
        self._roots: dict[str, tuple[tuple[Text, ...], bool]] = {}
        self._programs: dict[object, Program] = {}
        self._makers: dict[str | None, Service] | None = None

    def program(self, service: Service) -> Program | None:
        """Return a service's program; None where nothing of it is at hand."""
        maker = self._maker(service)
        if maker is None or maker.build is None:
            return None
        connections = self._facts.connections
        copied = [*filter(connections.is_ours, connections.copied(maker))]
        roots = tuple(dict.fromkeys((*copied, *connections.mounted(service))))
        context = os.path.normpath(maker.build.context)
        key = (roots, context, self._installed(maker), part(self._facts, service))
        if key not in self._programs:
            self._programs[key] = self._read(*key)
        found = self._programs[key]
        return found if found.ecosystems else None

    def _maker(self, service: Service) -> Service | None:
        """Return the service that builds the image which a service runs: itself, or another of its image."""
        if service.build is not None or not service.image:
            return service
        if self._makers is None:
            built = [each for each in self._facts.services.values() if each.build is not None and each.image]
            self._makers = {each.image: each for each in built}
        return self._makers.get(service.image)

    def _read(self, roots: Sequence[str], context: str, installed: frozenset[str], run: Part) -> Program:
        found = [self._root(root) for root in roots]
        if not any(texts for texts, _ in found) and self._facts.connections.is_ours(context):
            # What it copies is made of what lies there.
            texts, whole = self._root(context)
            missing = [root for root in roots if not self._facts.project.disk.exists(root)]
            found = [(texts, whole and all(re.search(_MADE, each[len(context) :]) for each in missing))]
        every = {text.path: text for texts, _ in found for text in texts}
        own_texts = own([*every.values()], run)
        manifests = tuple(each for each in own_texts if each.is_manifest)
        sources = tuple(each for each in own_texts if not each.is_manifest)
        packages = installed.union(*(each.packages for each in own_texts if _counts(each)))
        kinds = dict.fromkeys(each.ecosystem for each in own_texts)
        whole = all(complete for _, complete in found)
        declares = any(each.packages for each in manifests) if manifests else bool(installed)
        return Program(tuple(kinds), packages, sources, manifests, whole, declares)

    def _root(self, path: str) -> tuple[tuple[Text, ...], bool]:
        if path not in self._roots:
            disk = self._facts.project.disk
            found = (
                Listing((path,), whole=True)
                if disk.is_file(path)
                else listing(disk, path, lambda name: _kind(name) is not None, _MOST_FILES, _DEEPEST)
            )
            texts = [self._text(each) for each in found.files if not re.search(_ASIDE, each[len(path) :])]
            read = tuple(each for each in texts if each is not None)
            whole = found.whole and disk.exists(path) and self._left > 0
            whole = whole and len(read) == len(texts) and all(len(each.text) < _MOST_BYTES for each in read)
            self._roots[path] = (read, whole)
        return self._roots[path]

    def _text(self, path: str) -> Text | None:
        if path not in self._texts:
            self._texts[path] = self._opened(path)
        return self._texts[path]

    def _opened(self, path: str) -> Text | None:
        kind = _kind(os.path.basename(path))
        if kind is None or self._left <= 0 or os.path.islink(path):
            return None
        self._left -= 1
        try:
            data = self._facts.project.disk.data(path, limit=_MOST_BYTES)
        except SourceError:
            return None
        text = data.decode(errors="replace")
        ecosystem, is_manifest = kind
        words = re.sub(_COMMENT, "", text) if is_manifest else "\n".join(_imported(ecosystem, text))
        return Text(path, text, ecosystem, is_manifest, frozenset(_packages(words)))

    def _installed(self, service: Service) -> frozenset[str]:
        """Return the packages that a Dockerfile itself installs."""
        built = self._facts.images.built(service)
        found: set[str] = set()
        for instruction in built.instructions if built is not None else ():
            if instruction.keyword == "RUN":
                text = instruction.text
                if any(each.installs and re.search(each.installs, text) for each in ecosystems()):
                    found.update(_packages(text))
        return frozenset(found)


def _counts(text: Text) -> bool:
    """Return whether a program has what a file of it names."""
    return not (text.is_manifest and text.ecosystem.imported)


def _packages(text: str) -> Iterator[str]:
    """Yield the words of a text that may be packages, as they are called here."""
    for word in re.findall(_WORD, text):
        name = package(word.rstrip("."))
        yield name
        if "@" in name[1:]:
            yield name[: name.index("@", 1)]
        if name.startswith(("github.com/", "go.mongodb.org/")):
            yield from _modules(name)


def _imported(ecosystem: Ecosystem, text: str) -> list[str]:
    """Return the packages that a source says it imports."""
    found: list[str] = re.findall(ecosystem.imports, text) if ecosystem.imports else []
    return found


def _modules(name: str) -> Iterator[str]:
    """Yield a Go module's name without its version, and those that it lies in."""
    parts = re.sub(_VERSION, "", name).split("/")
    yield from ("/".join(parts[:count]) for count in range(2, len(parts) + 1))


@cache
def _kind(name: str) -> tuple[Ecosystem, bool] | None:
    """Return the ecosystem that a file by its name belongs to, and whether it is a manifest."""
    for each in ecosystems():
        if re.match(_patterns(each.manifests), name):
            return each, True
        if name.endswith(each.sources) or (each.settings and re.match(_patterns(each.settings), name)):
            return each, False
    return None


@cache
def _patterns(names: tuple[str, ...]) -> str:
    return "|".join(map(translate, names))
