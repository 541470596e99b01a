"""How a service names another one: where nothing in it does, the entry may only order the start.

Read are its environment, its command and healthcheck, its Dockerfile, and then, within the project, the
files that are mounted or copied into it. They are searched for what stands where a host does, as far as the
limits below go; of what lies beyond them nothing is said.
"""

from __future__ import annotations

import os
import re
from itertools import islice

from composecheck.facts.commands import started
from composecheck.facts.folders import MOST_FILES, listing
from composecheck.facts.names import MACHINE, addresses
from composecheck.facts.ports import published
from composecheck.facts.references import is_host_key
from composecheck.facts.said import NAME, asked, may_hold_host, said, without_names
from composecheck.facts.uses import uses
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.addresses import is_itself
from composecheck.text.disk import is_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Literal

    from composecheck.facts import Facts
    from composecheck.facts.references import Reference
    from composecheck.model.project import Service

    Words = frozenset[str]
    # By its command, or by what it reads as it starts; by a value or a file; by URLs of the web alone; by a
    # word in a file that may be a host; not all could be read; not at all.
    Naming = Literal["command", "value", "web", "word", "unread", "nothing"]

_MOST_BYTES = 64_000  # of one file
# Of all that is looked at for a project; and names that are looked for one by one.
_MOST_FILES_OF_ALL = 2_000
_MOST_NAMES = 60

# In a file it is what stands in a URL of the web or another one, has a port, or what a client is told; and
# what is quoted or is a value may be one.
_WEB = rf"\b(?:http|ws)s?://(?:[^/@\s\"']*@)?({NAME})(?::\d+)?"
_KEYS = "(?:host|addr|broker|server|endpoint|node|peer|seed)(?:s|name|ess(?:es)?)?|ur[li]|HOST|ADDR|BROKERS?"
_WRITTEN = (
    rf"{_WEB}"
    rf"|(?:@|//)({NAME})(?=[\"'`:/?;,\s]|$)(?!://)"
    rf"|(?<![\w.\-/])[\"'`]?({NAME})(?=:\d{{2,5}}\b)"
    rf"|(?<!\S)({NAME})(?=[ \t]+\d{{2,5}}\b)"
    rf"|(?:-h|--?host(?:name)?)[ =]*({NAME})"
    rf"|(?:{_KEYS})[\"'`]?[ \t]*[=:][ \t]*[\"'`\[]{{0,2}}({NAME})(?!://)"
    rf"|[\"'`]({NAME})(?=[\"'`:/?;,\s]|$)(?!://)"
    rf"|[=:][ \t]*({NAME})[ \t]*;?$"
)
_SCRIPTS = (".sh", ".bash", ".ksh", ".zsh")
# What is worth a look, by the end of its name; a script may have none.
_TEXTS = (
    *_SCRIPTS,
    *(".env", ".properties", ".yml", ".yaml", ".toml", ".json", ".conf", ".cfg", ".cnf", ".ini", ".xml"),
    *(".hcl", ".tpl", ".template", ".tmpl", ".j2", ".config", ".settings", ".cue", ".river", ".alloy"),
    *(".py", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".rb", ".php", ".go", ".rs", ".java", ".kt"),
    *(".scala", ".cs", ".ex", ".exs", ".erl", ".lua", ".pl", ".clj", ".groovy", ".swift", ".vue"),
)
_OF_IMAGES = r"(?i)image|version|(?:^|_)(?:base|tag|from)(?:$|_)"  # arguments that a FROM takes
_OF_COMPOSE = r"(?i)compose[\w.-]*\.ya?ml$|dockerfile"


# A variable whose URL is asked at the start, and not on somebody's request: a configuration, a login's keys.
_AT_ONCE = r"config.{0,8}(?:uri|url|import|server)|jwks|issuer|discovery_u|metadata_u|well.?known"


class _Found(NamedTuple):
    """The hosts that a place names, those in URLs of the web, and words that may be hosts.

    It is `whole` where all of it was read.
    """

    words: Words
    web: Words = frozenset()
    weak: Words = frozenset()
    whole: bool = True


# Of more services that start later nobody asks whether a script waits for them.
_MOST_ASKED_ABOUT = 50
_NOTHING = _Found(frozenset())
_OTHER = _Found(frozenset(), weak=frozenset(("",)))  # a text, and no host in it
_UNREAD = _Found(frozenset(), whole=False)


class Connections:
    """What the services of a project name, each looked at when it is first asked for, and once."""

    __slots__ = (
        "_anybody",
        "_asked",
        "_facts",
        "_files",
        "_left",
        "_namings",
        "_reaching",
        "_references",
        "_roots",
        "_run",
        "_said",
        "_top",
    )

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._asked: dict[str, Words] = {}
        self._namings: dict[tuple[str, str], Naming] = {}
        self._reaching: dict[tuple[str, str], Words] = {}
        self._said: dict[str, _Found] = {}
        self._run: dict[str, Words] = {}
        self._files: dict[str, _Found] = {}
        self._roots: dict[str, _Found] = {}
        self._left = _MOST_FILES_OF_ALL
        self._top: str | None = None
        self._anybody: tuple[str, ...] | None = None
        self._references: dict[str, list[Reference]] | None = None

    def naming(self, service: Service, target: Service) -> Naming:
        """Return how a service names another one."""
        pair = (service.name, target.name)
        if pair not in self._namings:
            self._namings[pair] = self._how(service, target)
        return self._namings[pair]

    def _how(self, service: Service, target: Service) -> Naming:
        names = self._names(service, target)
        values = self._values(service)
        if self._at_once(service, target, names):
            return "command"
        found = None if not names.isdisjoint(values.words) else self._of_files(service)
        if found is None or not names.isdisjoint(found.words):
            return "value"
        if not names.isdisjoint(values.web | found.web):
            return "web"
        if not names.isdisjoint(found.weak):
            return "word"
        return "nothing" if found.whole and not self._is_told_elsewhere(service) else "unread"

    def _at_once(self, service: Service, target: Service, names: Words) -> bool:
        """Return whether a service is told to ask for another one right away.

        Its command names that one, or a variable of what is read at a start; or either the machine, or the
        network that they share, by a port of that one.
        """
        if not names.isdisjoint(self._commands(service)):
            return True
        variables = service.environment.items()
        read = [value for name, value in variables if value and re.search(_AT_ONCE, name.lower())]
        if read and not names.isdisjoint(said("\n".join(read))):
            return True
        values = self._values(service)
        return names.isdisjoint(values.words | values.web) and self.said(service, target)

    def _is_told_elsewhere(self, service: Service) -> bool:
        """Return whether a service is told whom to ask by what is not at hand: a variable, an env file."""
        if any(not value and is_host_key(name) for name, value in service.environment.items()):
            return True
        project = self._facts.project
        exists = project.disk.exists
        return any(
            service.name in project.disabled or not exists(each.path or "") for each in service.env_file
        )

    def references(self, service: Service, target: Service) -> Iterator[Reference]:
        """Yield the references of a service to another one."""
        yield from (each for each in self._references_of(service) if target in each.targets)

    def _references_of(self, service: Service) -> Sequence[Reference]:
        if self._references is None:
            self._references = {}
            for each in self._facts.wiring.used:
                self._references.setdefault(each.service.name, []).append(each)
        return self._references.get(service.name, ())

    def asks_undeclared(self, service: Service) -> bool:
        """Return whether a service is told of another one that its `depends_on` does not name."""
        written = self._facts.names.written
        words = self._asked_by_command(service) & written.keys()
        others = [holder.service for word in words for holder in written[word]]
        others += [target for each in self._references_of(service) for target in each.targets]
        return any(each is not service and each.name not in service.depends_on for each in others)

    def named(self, service: Service, target: Service) -> bool | None:
        """Return whether anything in a service names another one; None where not all could be read."""
        found = self.naming(service, target)
        return None if found == "unread" else found != "nothing"

    def said(self, service: Service, target: Service) -> bool:
        """Return whether the Compose file, an env file or the Dockerfile names a service to another one."""
        values = self._values(service)
        words = values.words | values.web | self._run_by(service)
        if not self._names(service, target).isdisjoint(words):
            return True
        local = service.network_mode == "host" or self._facts.networks.share(service, target)
        if MACHINE not in words and not (local and any(map(is_itself, words))):
            return False
        ports = published(target) if not local else {*published(target), *_ports(self._facts, target)}
        return any(str(port) in words for port in ports)

    def named_in_files(self, service: Service, target: Service) -> bool:
        """Return whether a file that is mounted or copied into a service names another one."""
        found = self._of_files(service)
        return not self._names(service, target).isdisjoint(found.words | found.web)

    def mentions(self, service: Service, names: Iterable[str]) -> bool | None:
        """Return whether a file that is built into a service holds one of some names, however it spells it.

        None where not all of them are read.
        """
        texts = list(self._built_in(service))
        sought = [_squashed(name) for name in names]
        if any(name in text for text in map(_squashed, filter(None, texts)) for name in sought):
            return True
        return None if None in texts or not any(texts) else False

    def waits_on(self, target: Service, dependent: Service) -> Service | None:
        """Return whom a target may itself need to become ready, who cannot start before its dependent has.

        So it is where its command, a script that this runs, its healthcheck, its environment, or a script or
        a configuration that it mounts asks the dependent, or who starts after that one: a cluster's members,
        a quorum, whoever calls back. What is a URL of the web in its environment is for browsers, as a rule.
        To wait for its health would be to wait for ever.
        """
        return self._later(self._asks(target), target, dependent) or self._waited_for(target, dependent)

    def _asks(self, service: Service) -> Words:
        """Return the hosts that a service may ask before it is ready itself."""
        if service.name not in self._asked:
            words = self._asked_by_command(service) | asked(self._test(service)[1:])
            values = "\n".join(self._texts(service, may_hold_host))
            words |= said(without_names(re.sub(_WEB, " ", values)))
            for path in filter(self._facts.project.disk.is_file, self.mounted(service)):
                words |= self._asked_in(path)
            self._asked[service.name] = words
        return self._asked[service.name]

    def is_shown(self, target: Service, dependent: Service) -> Service | None:
        """Return whom a target's URLs of the web name, who cannot start before its dependent."""
        return self._later(self._values(target).web, target, dependent)

    def _asked_by_command(self, service: Service) -> Words:
        """Return the hosts that a service's command may ask, and the scripts of the project that it runs."""
        from composecheck.facts.commands.calls import scripts_among

        argv = started(self._facts, service)[0]
        return asked(argv) | asked(("", *scripts_among(argv, self._facts.files(service))))

    def _later(self, words: Words, target: Service, dependent: Service) -> Service | None:
        """Return the first service of these names that starts after a dependent, or is it."""
        written = self._facts.names.written
        return next(
            (
                holder.service
                for word in sorted(words & written.keys())
                for holder in written[word]
                if holder.service is not target and self._facts.starts_after(holder.service, dependent)
            ),
            None,
        )

    def _waited_for(self, target: Service, dependent: Service) -> Service | None:
        """Return whom a target's command waits for, who cannot start before its dependent has."""
        if self._facts.process(target) is None:
            return None
        from composecheck.facts.commands.waiting import own_wait

        services = self._facts.services.values()
        later = (
            each for each in services if each is not target and self._facts.starts_after(each, dependent)
        )
        asked_about = islice(later, _MOST_ASKED_ABOUT)
        return next((each for each in asked_about if own_wait(self._facts, target, each) is not None), None)

    def _names(self, service: Service, target: Service) -> Words:
        pair = (service.name, target.name)
        if pair not in self._reaching:
            names = self._facts.names.reaching(service, target)
            self._reaching[pair] = frozenset(name.lower() for name in names)
        return self._reaching[pair]

    def _values(self, service: Service) -> _Found:
        """Return the words that a service's values and its Dockerfile have where a host may stand."""
        if service.name not in self._said:
            later = "\n".join(self._texts(service))
            words = said(re.sub(_WEB, " ", later))
            web = frozenset(host.lower() for host in re.findall(_WEB, later))
            self._said[service.name] = _Found(words, web)
        return self._said[service.name]

    def _texts(self, service: Service, holds: Callable[[str], bool] = lambda _: True) -> Iterator[str]:
        """Yield a service's values, those of variables that hold something alone, and its Dockerfile."""
        variables = dict(service.environment)
        build = service.build
        if build is not None:
            variables |= {name: text for name, text in build.args.items() if not re.search(_OF_IMAGES, name)}
            built = self._facts.images.built(service)
            if built is not None:
                yield from (instruction.text for instruction in built.instructions)
        for use in uses(self._facts.project, service):
            content = getattr(use.resource, "content", None)
            if content:
                yield content
        yield from (value for name, value in variables.items() if value and holds(name))

    def _run_by(self, service: Service) -> Words:
        """Return the words of a service's command and of its healthcheck."""
        return self._commands(service) | said("\n".join(self._test(service)))

    def _test(self, service: Service) -> Sequence[str]:
        healthcheck = self._facts.images.stated_healthcheck(service)
        return (healthcheck.test if healthcheck is not None and healthcheck != "unknown" else None) or ()

    def _commands(self, service: Service) -> Words:
        if service.name not in self._run:
            self._run[service.name] = said("\n".join(started(self._facts, service)[0]))
        return self._run[service.name]

    # Files

    def _of_files(self, service: Service) -> _Found:
        """Return the words of the files that are mounted or copied into a service's containers."""
        if service.name not in self._files:
            copied = list(self.copied(service))
            found = [self._read(path) for path in (*self.mounted(service), *copied)]
            exists = self._facts.project.disk.exists
            joined = _joined(found, whole=all(each.whole for each in found) and all(map(exists, copied)))
            if service.build is not None and not (copied and (joined.words or joined.weak)):
                joined = joined._replace(whole=False)  # its program is elsewhere
            self._files[service.name] = joined
        return self._files[service.name]

    def _asked_in(self, path: str) -> Words:
        """Return the hosts that a file may ask; one of SQL speaks of users and of tables."""
        from composecheck.errors import SourceError

        try:
            data = self._facts.project.disk.data(path, limit=_MOST_BYTES)
        except SourceError:
            return frozenset()
        text = self._naming(data.decode(errors="replace")) if b"\0" not in data else ""
        if not text:
            return frozenset()
        if path.endswith(_SCRIPTS) or text.startswith("#!"):
            return asked(("", text))
        found = _written(without_names(text))
        return found.words | found.web | (found.weak if not path.endswith(".sql") else frozenset())

    def mounted(self, service: Service) -> Iterator[str]:
        """Yield the files and folders of the project that a service mounts."""
        paths = [mount.source for mount in service.mounts if mount.type == "bind" and mount.source]
        for use in uses(self._facts.project, service):
            file = getattr(use.resource, "file", None)
            if use.section == "configs" and file:
                paths.append(file)
        for path in dict.fromkeys(map(os.path.normpath, paths)):
            if self.is_ours(path):
                yield path

    def copied(self, service: Service) -> Iterator[str]:
        """Yield the files and folders of a build that its Dockerfile copies: all, where it cannot be read."""
        build = service.build
        if build is None or not os.path.isabs(build.context):
            return
        context = os.path.normpath(build.context)
        dockerfile = self._facts.project.builds.dockerfile(build)
        if dockerfile is None:
            yield context
            return
        for stage in dockerfile.stages({}):
            for instruction in stage.instructions:
                if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None:
                    words = [str(word.value) for word in instruction.exec_form or instruction.words]
                    for word in words[:-1]:
                        yield _below(context, word)

    def _built_in(self, service: Service) -> Iterator[str | None]:
        """Yield the texts of the files that a build copies; None for what is not read."""
        from composecheck.errors import SourceError

        disk = self._facts.project.disk
        for path in self.copied(service):
            paths = [path] if disk.is_file(path) else self._listed(path) if disk.is_folder(path) else [None]
            for file in paths:
                self._left -= 1
                try:
                    data = (
                        disk.data(file, limit=_MOST_BYTES) if file is not None and self._left >= 0 else None
                    )
                except SourceError:
                    data = None
                yield None if data is None or b"\0" in data else data.decode(errors="replace")

    def is_ours(self, path: str) -> bool:
        """Return whether a path lies in the repository: what is mounted from elsewhere is not looked at."""
        if self._top is None:
            project = self._facts.project
            self._top = project.disk.repository(project.folder) or project.folder
        return is_within(path, self._top)

    def _read(self, path: str) -> _Found:
        """Return the words of a file, or of those in a folder."""
        if path not in self._roots:
            self._roots[path] = _NOTHING  # what lies in itself
            self._roots[path] = self._looked(path)
        return self._roots[path]

    def _looked(self, path: str) -> _Found:
        disk = self._facts.project.disk
        if disk.is_file(path):
            return self._file(path, always=True)
        if not disk.is_folder(path):
            return _NOTHING
        listed = list(self._listed(path))
        parts = [self._file(each) for each in listed if each is not None]
        return _joined(parts, whole=None not in listed)

    def _listed(self, path: str) -> Iterator[str | None]:
        """Yield the files in a folder that are worth a look; None where there are more than are looked at."""
        found = listing(self._facts.project.disk, path, _is_text, min(MOST_FILES, self._left))
        yield from found.files
        if not found.whole:
            yield None

    def _naming(self, text: str) -> str:
        """Return the lines of a text that hold the name or the address of any service at all.

        Where there are too many of those, it is the whole text.
        """
        if self._anybody is None:
            services = self._facts.services.values()
            written = (*self._facts.names.written, *(each for one in services for each in addresses(one)))
            self._anybody = _shortest(written)
        return text if len(self._anybody) > _MOST_NAMES else _lines_with(self._anybody, text)

    def _file(self, path: str, *, always: bool = False) -> _Found:
        """Return the words of a file; `always` where it is one of those that are named."""
        from composecheck.errors import SourceError

        if self._left <= 0:
            return _UNREAD
        self._left -= 1
        try:
            data = self._facts.project.disk.data(path, limit=_MOST_BYTES)
        except SourceError:
            return _UNREAD
        if b"\0" in data:
            return _NOTHING
        text = data.decode(errors="replace")
        whole = len(data) <= _MOST_BYTES or not always
        naming = self._naming(text)
        if not naming:
            return (_OTHER if text.strip() else _NOTHING)._replace(whole=whole)
        script = path.endswith(_SCRIPTS) or text.startswith("#!")
        found = _Found(said(naming)) if script else _written(naming)
        return found._replace(weak=found.weak or _OTHER.weak, whole=whole)


def _squashed(text: str) -> str:
    """Return a text without what parts a name: REDIS_HOST, redis.host and redisHost are one."""
    return re.sub(r"[^a-z0-9\n]+", "", text.lower())


def _shortest(names: Iterable[str]) -> tuple[str, ...]:
    """Return some names without those that another one is a part of, one more than are looked for at most."""
    found: list[str] = []
    for name in sorted({*filter(None, names)}, key=len):
        if not any(other in name for other in found):
            found.append(name)
            if len(found) > _MOST_NAMES:
                break
    return tuple(found)


def _lines_with(names: Iterable[str], text: str) -> str:
    """Return the lines of a text that hold one of some names, whose letters are small."""
    small = text.lower()
    if len(small) != len(text):  # some letters have more than one small one
        return text if any(name in small for name in names) else ""
    lines: dict[int, int] = {}
    for name in names:
        at = small.find(name)
        while at >= 0:
            end = small.find("\n", at)
            end = end if end >= 0 else len(small)
            lines[small.rfind("\n", 0, at) + 1] = end
            at = small.find(name, end)
    return "\n".join(text[start : lines[start]] for start in sorted(lines))


def _written(text: str) -> _Found:
    web, words, weak = set[str](), set[str](), set[str]()
    for first, *groups, quoted, value in re.findall(_WRITTEN, text, re.MULTILINE):
        if first:
            web.add(first.lower())
        weak.update(word.lower() for word in (quoted, value) if word)
        words.update(word.lower() for word in groups if word)
    return _Found(frozenset(words), frozenset(web), frozenset(weak))


def _joined(parts: Sequence[_Found], *, whole: bool) -> _Found:
    words = frozenset[str]().union(*(each.words for each in parts))
    web = frozenset[str]().union(*(each.web for each in parts))
    return _Found(words, web, frozenset[str]().union(*(each.weak for each in parts)), whole)


def _below(context: str, word: str) -> str:
    """Return what a word of COPY names: its folder, where it is a pattern or has a variable."""
    parts = []
    for part in word.strip("/").split("/"):
        if any(mark in part for mark in "*?[$"):
            break
        parts.append(part)
    path = os.path.normpath(os.path.join(context, *parts))
    return path if path.startswith(context) else context


def _is_text(name: str) -> bool:
    """Return whether a file is worth a look: a Compose file beside it speaks of all services."""
    if re.search(_OF_COMPOSE, name):
        return False
    return name.endswith(_TEXTS) or name.startswith(".env") or "." not in name


def _ports(facts: Facts, target: Service) -> Iterable[int]:
    """Return the ports that a service may listen on, by its file and by what is known of its image."""
    family = facts.images.likely(target)
    return (*(port.target for port in target.ports), *(family.ports if family is not None else ()))
