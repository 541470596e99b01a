"""What is known of the images that real stacks use: facts with their sources, one entry a family.

A family is a piece of software and the images it comes in. Its entry stands in `families/`, in the
file of its kind; the schema is `knowledge.schema.json`, and a configuration adds entries of the same
form, which beat those here for the images that they name. A fact that not all tags share stands under
`variants`: every variant whose pattern matches the whole tag gives its facts over those before it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from math import ceil

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, Literal

    Asks = Literal["waits", "retries", "demand", "never", "once"]
    Setting = Literal[
        "port", "host", "address", "listeners", "advertised", "protocols",
        "password", "switch", "needed", "options", "harmless",
    ]  # fmt: skip

# Registries and folders that hold the same images as Docker Hub's official ones.
_OFFICIAL = (
    "docker.io/library/",
    "index.docker.io/library/",
    "registry-1.docker.io/library/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "library/",
)
# What stands in the name of an image that only comes with a server, or works with it.
_BESIDE = frozenset(
    """adapter admin agent api app backup bot bridge cli client commander connect connector console consumer
    controller dashboard demo example exporter express frontend gateway handler importer indexer ingest
    ingestor init initializer keeper listener loader manager mem metrics migrate migrations monitor operator
    pool pooler processor producer proxy publisher reader registry replicator rest sample scraper seed service
    services setup sidecar sink source streams subscriber sync test tests tool tools ui viewer web worker
    writer""".split()  # noqa: SIM905 - words
)
# Last parts of images' names that say nothing of what they are.
_PLAIN = frozenset(
    """backend base cc connect connectors console hub included recipes runtime server standalone static ui
    video wiki""".split()  # noqa: SIM905 - words
)
# Kinds of what others keep something in, and ask for it.
STORES = frozenset(("broker", "cache", "database", "object-store", "search"))
# How long what keeps data may take on a slow machine, in seconds, to be ready on those of an earlier start.
_RECOVERY = 90.0
_LONGEST_TAG = 128  # of the distribution specification: no pattern need look at more
_HUB = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "mirror.gcr.io/")


class Probing(NamedTuple):
    """A healthcheck that works: `test` as a Compose file writes it (`$$` for a dollar), Compose durations.

    `elsewhere` is the test of a server that listens on another port, `{port}` in its place; where there is
    none, the number of the family's port in `test` is the one to change. `locked` is the test of one that
    asks for a password, `{port}` for its port: where there is none, `test` does not need it.
    """

    test: tuple[str, ...]
    interval: str = "2s"
    timeout: str = "5s"
    start_period: str | None = None
    retries: int = 30
    elsewhere: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()


class Page(NamedTuple):
    """A page, with all below it, that an image serves on `port`, and there alone.

    It does so only where the variable `needs` says yes, or an `option` of the command is given; and nothing
    is known of it where one of the variables `unless` is set.
    """

    path: str
    port: int
    needs: str = ""
    option: str = ""
    unless: tuple[str, ...] = ()


class Asking(NamedTuple):
    """How an image gets along at its start with a dependency that is none of its own.

    `on` are families' names and kinds of the dependency, empty for any. It `asks` so: its entrypoint
    "waits" before it starts the program, the program itself "retries", connects on "demand" or "never",
    or asks "once". It gives up after `limit` seconds (None: never), which a `variable` may set in units of
    `unit` seconds, `endless` being the value for never. All of it holds only `when` each of these variables,
    "" for one that is not set, matches as a whole (a name with a dash is an option of the command); and with
    a command of one's own only where that is a `program` of these, or for "*" behind the image's own
    entrypoint.
    """

    asks: Asks
    on: frozenset[str] = frozenset()
    limit: float | None = None
    variable: str | None = None
    unit: float = 1.0
    endless: str = ""
    when: tuple[tuple[str, str], ...] = ()
    program: frozenset[str] = frozenset()
    source: str = ""

    def fits(self, family: Family | None) -> bool:
        """Whether it speaks of a dependency of a family (None: one that is not known)."""
        return not self.on or (family is not None and not self.on.isdisjoint((family.name, family.kind)))


class Family(NamedTuple):
    """What is known of one image at one tag.

    `ports` are those that it listens on by TCP if nobody tells it otherwise, the main one first;
    `data` the directories that hold what must outlast the container (one of them kept is enough), which
    have to be empty at the first start if `empty_data` says so, and `volumes` those that the image declares
    as volumes (anonymous ones, unless something is mounted there). `tools` are commands that it has, `absent`
    those that it lacks, of what a healthcheck would call; of any other nothing is known. `shell` is
    False where there is no /bin/sh, and `sh` what that is: ash, bash or dash (None: not known).
    `image_healthcheck` says whether the image brings a healthcheck of its own (None: not known).
    `first_boot` is how long it takes to be ready on an empty data directory, in seconds, usually and on a
    slow machine; with `temporary_server` it runs a first
    server meanwhile, which answers on a Unix socket and then goes away; with `temporary_loopback` it
    may run one that answers on 127.0.0.1, too, and on no other address. Of each group of `required`
    one variable must be set; `secrets` are variables that may be given as a file, by the name with
    `_FILE` behind it, and `variables` others that it reads; `refused` are values with which it does not
    start. `settings` are variables, and
    options of its command, that may change where and how it answers: each a Setting. `heavy` are commands
    that take seconds to start, `early` those (with what they are called with) that succeed before it
    answers others; `pages` are those that it serves in one place only. `writes` are directories that it
    writes to besides its data. `ends` is whether its own command ends by itself, as that of a migration does
    (None: not known), and a `prompt` that which only reads from a terminal. `certain` is False where only
    the image's name makes it seem to be of this family.
    """

    name: str
    kind: str
    images: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    data: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    empty_data: bool = False
    tools: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    shell: bool = True
    healthcheck: Probing | None = None
    image_healthcheck: bool | None = None
    first_boot: tuple[float, float] | None = None
    sh: str | None = None
    temporary_server: bool = False
    temporary_loopback: bool = False
    required: tuple[tuple[str, ...], ...] = ()
    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    refused: tuple[tuple[str, tuple[str, ...]], ...] = ()
    settings: Mapping[str, Setting] = {}
    heavy: tuple[str, ...] = ()
    early: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    writes: tuple[str, ...] = ()
    ends: bool | None = None
    prompt: bool = False
    dependent: tuple[Asking, ...] = ()
    sources: tuple[str, ...] = ()
    certain: bool = True


class Entries(Mapping[str, Mapping[str, "Any"]]):
    """Entries as they stand in files, each parsed when it is first asked for: a check needs few of them.

    An entry begins in a line of its own, two blanks deep, and says its images in one line.
    """

    __slots__ = ("_parsed", "_texts")

    def __init__(self, files: Iterable[str]) -> None:
        """Take the texts of files."""
        self._texts = {
            name: entry
            for text in files
            for name, _, entry in (part.partition('": ') for part in text.split('\n  "')[1:])
        }
        self._parsed: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        """Return an entry."""
        if name not in self._parsed:
            from json import JSONDecoder

            self._parsed[name], _ = JSONDecoder().raw_decode(self._texts[name])
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._texts)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._texts)

    def images(self) -> Iterator[tuple[str, str]]:
        """Yield the images, and the name of the entry of each."""
        for name, text in self._texts.items():
            for image in text.partition('"images": [')[2].partition("]")[0].split('"')[1::2]:
                yield image, name

    def holding(self, word: str) -> Iterator[Mapping[str, Any]]:
        """Yield the entries in which a word stands, be it where it may."""
        word = f'"{word}"'
        yield from (self[name] for name, text in self._texts.items() if word in text)


class Knowledge:
    """Families, to be found by the name of an image."""

    __slots__ = (
        "_base",
        "_by_image",
        "_by_path",
        "_by_program",
        "_by_word",
        "_entries",
        "_found",
        "_seeming",
    )

    def __init__(self, entries: Mapping[str, Mapping[str, Any]], base: Knowledge | None = None) -> None:
        """Take entries as the schema describes them, which beat those of `base` for their images."""
        self._base = base
        self._entries = entries
        self._by_image = (
            dict(entries.images())
            if isinstance(entries, Entries)
            else {image: name for name, entry in entries.items() for image in entry["images"]}
        )
        self._by_path: dict[str, str] | None = None
        self._by_word: dict[str, str] | None = None
        self._by_program: dict[str, str] | None = None
        self._found: dict[str, Family | None] = {}
        self._seeming: dict[str, Family | None] = {}

    def family(self, image: str | None) -> Family | None:
        """Return what is known of an image, None where nothing is.

        A registry that holds it by its whole path, as mirrors do, makes no difference. Of one that only a
        digest names nothing is known, nor of one whose tag is a variable that is not set: it could be any
        version.
        """
        if not image:
            return None
        if image not in self._found:
            name, tag = split(image)
            if not tag or len(tag) > _LONGEST_TAG:
                self._found[image] = None
            else:
                self._found[image] = self._known(name, tag) or self._mirrored(name, tag)
        return self._found[image]

    def likely(self, image: str | None) -> Family | None:
        """Return the family that an image is, or by the last part of its name seems to be.

        What it only seems to be is not `certain`.
        """
        found = self.family(image)
        if found is None and image:
            if image not in self._seeming:
                self._seeming[image] = self._seems(image)
            found = self._seeming[image]
        return found

    def _seems(self, image: str) -> Family | None:
        name, tag = split(image)
        tag = tag or "latest"
        found = self._known(name, tag) or self._mirrored(name, tag)
        found = found or self._known(name.rpartition("/")[2], tag)
        return found._replace(certain=False) if found is not None else None

    def resembled(self, image: str | None) -> Family | None:
        """Return the family that a part of an image's name is called like, with what all its tags have.

        So `cp-enterprise-kafka` is taken for a Kafka, and `kafka-exporter` for none: what comes with a
        server is not that server. It is never `certain`.
        """
        words = re.split(r"[-_.]", split(image)[0].rpartition("/")[2]) if image else []
        if not _BESIDE.isdisjoint(words):
            return None
        found = (self._called(word) for word in words)
        return next((family._replace(certain=False) for family in found if family is not None), None)

    def alike(self, image: str | None) -> Family | None:
        """Return the family of an image that is called the same, by its software's name, of whoever it is.

        So `team/kafka-ui` is taken for one, and `team/hub` for nobody's. It is never `certain`.
        """
        last = plain_name(image)
        found = self._called(last)
        return found._replace(certain=False) if found is not None and found.name in last else None

    def _called(self, word: str) -> Family | None:
        """Return the family of the image whose last part is a word."""
        if self._by_word is None:
            self._by_word = {}
            for image, owner in self._by_image.items():
                last = image.rpartition("/")[2]
                if last == owner or (last not in _PLAIN and last not in self._by_word):
                    self._by_word[last] = owner
        name = self._by_word.get(word)
        if name is not None:
            return _family(name, self._facts(name, None))
        return self._base._called(word) if self._base is not None else None

    def with_tool(self, tool: str) -> Iterator[Family]:
        """Yield the families that have a command of their own, with what is known of all tags alike."""
        for name in self.names():
            facts = self._facts(name, None)
            if tool in facts.get("tools", ()):
                yield _family(name, facts)._replace(certain=False)

    def running(self, program: str) -> Family | None:
        """Return the family that a program is of, with what all its tags have; it is never `certain`.

        The program is called like an image, or begins so, or is one that comes with what it is written in.
        """
        found = self._called(program)
        if found is None and self._by_program is None:
            self._by_program = {}
            for owner, entry in self._entries.items():
                last = tuple({image.rpartition("/")[2] for image in entry["images"]} - _PLAIN)
                for asked in entry.get("dependent", ()):
                    for word in asked.get("program", ()):
                        if word.startswith(last) or entry["kind"] == "runtime":
                            self._by_program.setdefault(word, owner)
        name = (self._by_program or {}).get(program)
        if found is None and name is not None:
            found = _family(name, self._facts(name, None))
        if found is None:
            return self._base.running(program) if self._base is not None else None
        return found._replace(certain=False)

    def is_heavy(self, tool: str) -> bool:
        """Return whether a command takes seconds to start, whatever image it is in."""
        entries = self._entries
        some = entries.holding(tool) if isinstance(entries, Entries) else entries.values()
        return any(tool in entry.get("heavy", ()) for entry in some) or (
            self._base is not None and self._base.is_heavy(tool)
        )

    def families(self) -> Iterator[Family]:
        """Yield the families with what is known of all tags alike."""
        for name in self.names():
            yield _family(name, self._facts(name, None))

    def names(self) -> Iterator[str]:
        """Yield the families' names."""
        yield from self._entries
        if self._base is not None:
            yield from (name for name in self._base.names() if name not in self._entries)

    def _known(self, image: str, tag: str) -> Family | None:
        name = self._by_image.get(image)
        if name is not None:
            return _family(name, self._facts(name, (image, tag)))
        return self._base._known(image, tag) if self._base is not None else None

    def _mirrored(self, name: str, tag: str) -> Family | None:
        """Return what is known of an image that another registry has by its whole path.

        One of Docker's own images stands below `library` there.
        """
        parts = name.split("/")
        if len(parts) < 3 and parts[:-1] != ["library"]:
            return None
        if parts[-2] == "library":
            return self._known(parts[-1], tag)
        if not _is_registry(parts[0]):
            return None
        image = self._at_path("/".join(parts[-2:]))
        return self._known(image, tag) if image is not None else None

    def _at_path(self, path: str) -> str | None:
        """Return the image that has a path of an owner and a name in its own registry."""
        if self._by_path is None:
            self._by_path = {}
            for image in self._by_image:
                first, _, rest = image.partition("/")
                self._by_path.setdefault(rest if _is_registry(first) else image, image)
        return self._by_path.get(path) or (self._base._at_path(path) if self._base is not None else None)

    def _facts(self, name: str, at: tuple[str, str] | None, seen: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the facts of a family, at an image and tag, over those of the one that it is like.

        An entry with the name of one of the base is like that one.
        """
        entry = self._entries.get(name, {})
        like = entry.get("like", name)
        facts: dict[str, Any] = {}
        if like != name and like in self._entries and like not in seen:
            facts = self._facts(like, at, (*seen, name))
        elif self._base is not None:
            facts = self._base._facts(like, at)
        facts.update(entry)
        if at is not None:
            image, tag = at
            for variant in entry.get("variants", ()):
                patterns = ((variant.get("image"), image), (variant.get("tag"), tag))
                if all(pattern is None or re.fullmatch(pattern, text) for pattern, text in patterns):
                    facts.update(variant)
        return facts


def plain_name(image: str | None) -> str:
    """Return what an image is commonly called: "postgres" for `quay.io/me/postgres:16`, "" for none."""
    return (image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]


def split(image: str) -> tuple[str, str | None]:
    """Return an image's name without what only says where Docker Hub is, and its tag.

    The tag is "latest" where none is written, and None where a digest is all that there is.
    """
    rest, _, digest = image.partition("@")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    name = head + slash + last
    for prefix in _OFFICIAL:
        if name.startswith(prefix):
            name = name[len(prefix) :]
            break
    else:
        for prefix in _HUB:
            name = name.removeprefix(prefix)
    return name, tag if colon else None if digest else "latest"


def _is_registry(part: str) -> bool:
    """Return whether the first part of an image's name is a registry and no owner."""
    return "." in part or ":" in part or part == "localhost"


@cache
def shipped() -> Knowledge:
    """Return the families that come with composecheck."""
    folder = os.path.join(os.path.dirname(__file__), "families")
    texts = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            texts.append(file.read())
    return Knowledge(Entries(texts))


def knowing(families: Mapping[str, Mapping[str, Any]]) -> Knowledge:
    """Return what is known with some families more, which beat those that come with composecheck."""
    return Knowledge(families, shipped()) if families else shipped()


def _family(name: str, facts: Mapping[str, Any]) -> Family:
    first_boot = facts.get("first_boot")
    return Family(
        name=name,
        kind=facts["kind"],
        images=tuple(facts["images"]),
        ports=tuple(facts.get("ports", ())),
        data=tuple(facts.get("data", ())),
        volumes=tuple(facts.get("volumes", ())),
        empty_data=facts.get("empty_data", False),
        tools=frozenset(facts.get("tools", ())),
        absent=frozenset(facts.get("absent", ())),
        shell=facts.get("shell", True),
        healthcheck=_probing(facts.get("healthcheck"), facts["kind"], first_boot),
        image_healthcheck=facts.get("image_healthcheck"),
        first_boot=(float(first_boot[0]), float(first_boot[1])) if first_boot else None,
        sh=facts.get("sh"),
        temporary_server=facts.get("temporary_server", False),
        temporary_loopback=facts.get("temporary_loopback", False),
        required=tuple(tuple(group) for group in facts.get("required", ())),
        secrets=tuple(facts.get("secrets", ())),
        variables=tuple(facts.get("variables", ())),
        refused=tuple((key, tuple(values)) for key, values in facts.get("refused", {}).items()),
        settings=facts.get("settings", {}),
        heavy=tuple(facts.get("heavy", ())),
        early=tuple(facts.get("early", ())),
        pages=tuple(
            Page(path, **{**page, "unless": tuple(page.get("unless", ()))})
            for path, page in facts.get("pages", {}).items()
        ),
        writes=tuple(facts.get("writes", ())),
        ends=facts.get("ends"),
        prompt=facts.get("prompt", False),
        dependent=tuple(map(_asking, facts.get("dependent", ()))),
        sources=tuple(facts.get("sources", ())),
    )


def _probing(
    facts: Mapping[str, Any] | None, kind: str, first_boot: Sequence[float] | None
) -> Probing | None:
    """Return a family's healthcheck, with as many retries as a start of it may need.

    Who is to wait for a store may have waited by itself until now, and longer than an empty one needs.
    """
    if not facts:
        return None
    words: dict[str, Any] = {key: tuple(facts.get(key, ())) for key in ("test", "elsewhere", "locked")}
    found = Probing(**{**facts, **words})
    if "retries" in facts:
        return found
    slowest = first_boot[1] if first_boot is not None else 0.0
    if kind in STORES and kind != "cache":
        slowest = max(slowest, _RECOVERY)
    return lasting(found, (0.0, slowest))


def lasting(found: Probing, first_boot: Sequence[float]) -> Probing:
    """Return a healthcheck that lasts for twice the time that a first boot takes on a slow machine.

    What it has too much costs nothing where the service comes up.
    """
    from composecheck.text.units import parse_duration

    missing = 2 * first_boot[1] - parse_duration(found.start_period or "0s")
    return found._replace(retries=max(found.retries, ceil(missing / parse_duration(found.interval))))


def _asking(facts: Mapping[str, Any]) -> Asking:
    limit = facts.get("for")
    return Asking(
        asks=facts["asks"],
        on=frozenset(facts.get("on", ())),
        limit=None if limit is None else float(limit),
        variable=facts.get("variable"),
        unit=float(facts.get("unit", 1)),
        endless=facts.get("endless", ""),
        when=tuple(facts.get("when", {}).items()),
        program=frozenset(facts.get("program", ())),
        source=facts.get("source", ""),
    )
