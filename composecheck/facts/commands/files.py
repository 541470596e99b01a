"""The shell scripts of a project that lie where a service's container looks for them.

They come there by a mount of a file or folder, as a config, or by COPY and ADD of the Dockerfile. Each is
read once, through the project's Disk, and only where it lies in the project's folder, or its repository.
"""

from __future__ import annotations

import os
import posixpath
import re

from composecheck.errors import SourceError
from composecheck.facts.commands.shells import is_shell
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from composecheck.dockerfile.instructions import Instruction
    from composecheck.facts import Facts
    from composecheck.model.project import Service
    from composecheck.text.source import Source, Span

# What the kernel looks for a name in, where nobody says otherwise.
_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_LIMIT = 1 << 18
_ENDS = r"\r(?=\n|\Z)"


class File(NamedTuple):
    """A script of the project: its path in the container, and its text.

    `place` is where the Compose file or the Dockerfile puts it there; `source` is None for the content of a
    config. `mode` is that of the file on the disk, None where something else decides (a config, a COPY
    that says it, or a RUN that may change it).
    """

    path: str
    text: str
    place: Span
    source: Source | None
    mode: int | None = None
    copied: bool = False

    @property
    def interpreter(self) -> tuple[str, ...]:
        """The words behind `#!` in the first line, none where there is no such line."""
        first, _, _ = self.text.partition("\n")
        return tuple(first[2:].rstrip("\r").split()) if first.startswith("#!") else ()

    @property
    def shell(self) -> str | None:
        """The shell that the first line names: "sh", "bash", ...; None where it names none."""
        words = [word for word in self.interpreter if not word.startswith("-") and "=" not in word]
        names = [word.rpartition("/")[2] for word in words]
        if names[:1] == ["env"]:
            del names[0]
        if names[:1] == ["busybox"]:
            del names[0]
        return names[0] if names and is_shell(names[0]) else None

    @property
    def carriage_return(self) -> int | None:
        """Where the first line ends in a carriage return as well, which the kernel takes for a part of it."""
        found = re.search(_ENDS, self.text)
        return found.start() if found is not None else None


class Files:
    """What lies in a service's container, as far as the project's own files tell."""

    __slots__ = ("_any", "_facts", "_found", "_service", "_steps", "_texts")

    def __init__(self, facts: Facts, service: Service) -> None:
        self._facts = facts
        self._service = service
        self._found: dict[str, File | None] = {}
        self._texts: dict[str, str | None] = {}
        self._any = False  # whether it is no script that is looked for
        self._steps: tuple[tuple[Instruction, str], ...] | None = None

    def program(self, word: str, folder: str | None = None) -> File | None:
        """Return the script that is started as `word`: a path, or a name that is looked for."""
        found = self.at(word, folder) if "/" in word else None
        if "/" in word:
            return found
        for place in _PATH:
            found = self.at(f"{place}/{word}")
            if found is not None:
                return found
        return None

    def at(self, path: str, folder: str | None = None) -> File | None:
        """Return the file at a path, relative to a folder (None: the one that the container starts in)."""
        if not path or "\0" in path or "$" in path:
            return None
        if path.startswith("/"):
            return self._held(path)
        start = self.folder if folder is None else folder
        if start is not None:
            return self._held(f"{start}/{path}")
        # It starts in a folder that only the image tells: where there is such a file in one of those that
        # are known, it is most likely that.
        folders = dict.fromkeys(("/", *(mount.target for mount in self._service.mounts)))
        found = [file for each in folders if (file := self._held(f"{each}/{path}")) is not None]
        return found[0] if len(found) == 1 else None

    @property
    def services(self) -> Mapping[str, object]:
        """The names of the project's services, in lower case."""
        return self._facts.names.written

    def package_script(self, name: str, folder: str | None = None) -> str | None:
        """Return what a package.json in a folder has run by a name, with what it has run before that."""
        start = self.folder if folder is None else folder
        found = self.text("package.json", start)
        if found is None or f'"{name}"' not in found:
            return None
        import json

        try:
            package = json.loads(found)
        except (ValueError, RecursionError):
            return None
        scripts = package.get("scripts") if isinstance(package, dict) else None
        texts = [scripts.get(f"pre{name}"), scripts.get(name)] if isinstance(scripts, dict) else []
        return " && ".join(text for text in texts if isinstance(text, str)) or None

    def text(self, path: str, folder: str | None = None) -> str | None:
        """Return what stands in a file that is no script for a shell, None where it cannot be read."""
        start = self.folder if folder is None else folder
        path = posixpath.normpath(posixpath.join("/", start or "", path))
        if path not in self._texts:
            self._any = True
            try:
                found = self._at(path)
            finally:
                self._any = False
            self._texts[path] = found.text if found is not None else None
        return self._texts[path]

    def _held(self, path: str) -> File | None:
        path = "/" + posixpath.normpath(path).lstrip("/")
        if path not in self._found:
            self._found[path] = self._at(path)
        return self._found[path]

    @property
    def folder(self) -> str | None:
        """The folder that the container starts in, None where only its image tells."""
        given = self._service.working_dir
        image = self._workdir()
        if given and not given.startswith("/"):
            return None if image is None else posixpath.join(image, given)
        return given or image

    def _at(self, path: str) -> File | None:
        best: tuple[str, str, Span] | None = None
        for mount in self._service.mounts:
            if _holds(mount.target, path) and (best is None or len(mount.target) >= len(best[0])):
                best = (
                    mount.target,
                    mount.source or "" if mount.type == "bind" else "",
                    mount.place("target"),
                )
        config = self._config(path)
        if config is not None:
            return config
        if best is not None:
            target, source, place = best
            below = path[len(target.rstrip("/")) :].lstrip("/")
            inner = os.path.join(source, below) if below else source
            return self._read(path, inner, place) if source else None
        return self._copied(path)

    def _config(self, path: str) -> File | None:
        from composecheck.facts.uses import uses

        for use in uses(self._facts.whole, self._service):
            if posixpath.normpath(use.target) != path or use.resource is None:
                continue
            place = use.grant.place()
            content = use.resource.content
            if content is not None:
                fits = self._any or _is_script(path, content)
                return File(path, content, place, None) if fits else None
            if use.resource.file:
                file = self._read(path, use.resource.file, place)
                return None if file is None else file._replace(mode=None)
        return None

    def _copied(self, path: str) -> File | None:
        build = self._service.build
        if build is None or not os.path.isabs(build.context):
            return None
        found: File | None = None
        touched = False
        for instruction, folder in self._instructions():
            if instruction.keyword == "RUN":
                touched = touched or (found is not None and may_change(instruction.text, path))
                continue
            if instruction.flag("from") is not None or instruction.heredocs:
                continue
            source = _source(instruction, folder, path)
            if source is None:
                continue
            for each in source:
                inner = os.path.normpath(os.path.join(build.context, each.lstrip("/")))
                read = self._read(path, inner, instruction.span, copied=True)
                if read is not None:
                    found = read._replace(mode=None) if instruction.flag("chmod") else read
                    touched = False
        if found is not None and touched:
            # What a RUN does to it is not followed.
            return found._replace(mode=None, text=re.sub(_ENDS, "", found.text))
        return found

    def _read(self, path: str, source: str, place: Span, *, copied: bool = False) -> File | None:
        disk = self._facts.project.disk
        if not disk.is_file(source) or not self._is_inside(source):
            return None
        try:
            read = disk.read(source, limit=_LIMIT)
        except SourceError:
            return None
        if not self._any and not _is_script(path, read.text):
            return None
        mode = disk.mode(source)
        return File(path, read.text, place, read, mode, copied)

    def _is_inside(self, path: str) -> bool:
        """Whether a file lies in the project's folder or the repository that this is in, links followed."""
        folder = repository(self._facts) or os.path.realpath(self._facts.project.folder)
        return os.path.realpath(path).startswith(folder.rstrip(os.sep) + os.sep)

    def _instructions(self) -> tuple[tuple[Instruction, str], ...]:
        """Return the instructions that make the image, each with the folder that it works in."""
        if self._steps is None:
            image = self._facts.images.built(self._service)
            self._steps = tuple(_with_folders(image.instructions if image is not None else ()))
        return self._steps

    def _workdir(self) -> str | None:
        image = self._facts.images.built(self._service)
        if image is None:
            return None
        folders = [folder for instruction, folder in self._instructions() if instruction.keyword == "WORKDIR"]
        return folders[-1] if folders else None


def repository(facts: Facts) -> str | None:
    """Return the folder of the repository that a project lies in, None where it lies in none."""
    return facts.project.disk.repository(os.path.realpath(facts.project.folder))


def _with_folders(instructions: Sequence[Instruction]) -> Iterator[tuple[Instruction, str]]:
    from composecheck.dockerfile.stages import expand

    folder, values = "/", dict[str, str]()
    for instruction in instructions:
        if instruction.keyword in ("ENV", "ARG"):
            for name, value in instruction.pairs:
                text = expand(str(value.value).strip("\"'"), values) if value is not None else None
                if text is not None:
                    values[str(name.value)] = text
        elif instruction.keyword == "WORKDIR":
            given = instruction.text.strip("\"'")
            folder = posixpath.normpath(posixpath.join(folder, expand(given, values) or given))
        yield instruction, folder


def _holds(target: str, path: str) -> bool:
    """Whether a path is one, or lies below it."""
    target = target.rstrip("/")
    return path == target or path.startswith(f"{target}/")


def _source(instruction: Instruction, folder: str, path: str) -> list[str] | None:
    """Return the paths in the context that COPY or ADD may put at a path."""
    if instruction.keyword not in ("COPY", "ADD"):
        return None
    words = [str(word.value) for word in instruction.words]
    if len(words) < 2:
        return None
    *sources, given = words
    target = posixpath.normpath(posixpath.join(folder, given)) if given else folder
    if not _holds(target, path):
        return None
    below = path[len(target.rstrip("/")) :].lstrip("/")
    is_folder = given.endswith("/") or len(sources) > 1 or given in (".", "..")
    found = []
    for source in sources:
        if "://" in source:
            continue
        name = posixpath.basename(source.rstrip("/"))
        if not below:
            found.append(source)  # a file by this very name; into a folder it would come below
            continue
        # The content of a folder; or a file that comes into one.
        if re.search(r"[*?\[]", name):
            if re.fullmatch(
                re.escape(name).replace(r"\*", "[^/]*").replace(r"\?", "[^/]"), below.partition("/")[0]
            ):
                found.append(posixpath.join(posixpath.dirname(source), below))
            continue
        found.append(posixpath.join(source, below))
        if below == name and (is_folder or target == folder):
            found.append(source)
    return found or None


def may_change(command: str, path: str) -> bool:
    """Whether a command may change a file's mode or the ends of its lines."""
    name = posixpath.basename(path)
    changes = re.search(r"chmod|dos2unix|\\r|\binstall\b|\bmv\b|\bcp\b", command)
    return changes is not None and (name in command or re.search(r"\*|-R\b|find\b", command) is not None)


def _is_script(path: str, text: str) -> bool:
    """Whether a text is one for a shell, by its first line or its name."""
    first = text[:200].partition("\n")[0]
    if "\0" in text:
        return False
    if first.startswith("#!"):
        return re.search(r"[/ ](?:busybox\s+)?(?:ba|da|a|z|k|mk)?sh\b", first) is not None
    name = posixpath.basename(path)
    return name.endswith((".sh", ".bash")) or "." not in name
