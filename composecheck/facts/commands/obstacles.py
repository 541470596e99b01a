"""What keeps a service's script from running: the ends of its lines, its shell, its permissions."""

from __future__ import annotations

import os
import re

from composecheck.facts.commands import started
from composecheck.facts.commands.calls import called, inner
from composecheck.facts.commands.shells import is_shell
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from composecheck.facts import Facts
    from composecheck.facts.commands.calls import Call
    from composecheck.facts.commands.files import File
    from composecheck.model.project import Service
    from composecheck.text.source import Span

    Kind = Literal["line ends", "shell", "permission"]

# So many scripts that call each other are looked at.
_MOST = 20


class Obstacle(NamedTuple):
    """A script, or a shell that a command begins with, that cannot run.

    `shell` is the one that is missing, and `sure` says that it is known to be; `file` is None where the
    command itself names the shell. `by` is the shell that is told to read the file, if one is.
    """

    kind: Kind
    file: File | None
    place: Span
    shell: str = ""
    sure: bool = True
    by: str | None = None


def obstacles(facts: Facts, service: Service) -> Iterator[Obstacle]:
    """Yield what keeps the command of a service, or a script that this runs, from running."""
    argv, key = started(facts, service)
    place = service.key_place(key)
    files = facts.files(service)
    seen: set[str] = set()
    texts = [*argv]
    waiting = [tuple(argv)]
    while waiting and len(seen) < _MOST:
        words = inner(waiting.pop(0)).words
        if not words:
            continue
        name = words[0].rpartition("/")[2]
        if is_shell(words[0]) and not seen:
            # Of another one the script would say so, where it may have been looked for.
            missing = _missing(facts, service, name, texts)
            if missing is not None:
                yield Obstacle("shell", None, place, name, missing)
        call = called(words, files)
        if call is None:
            continue
        if call.file is not None:
            if call.file.path in seen:
                continue
            seen.add(call.file.path)
            yield from _of_file(facts, service, call, texts)
            texts.append(call.file.text)
        for command in call.script.commands:
            waiting.extend(_after(command.words))


def _after(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the words of a command, and those behind each `--` in it, as far as nothing expands them."""
    starts = [0, *(number + 1 for number, word in enumerate(words) if word == "--")]
    for start in starts:
        if start < len(words) and "$" not in words[start]:
            yield tuple(words[start:])


def _of_file(facts: Facts, service: Service, call: Call, texts: Sequence[str]) -> Iterator[Obstacle]:
    from composecheck.facts.commands.files import may_change

    file = call.file
    if file is None or any(may_change(text, file.path) for text in texts):
        return
    place = _place(facts, service)
    if file.carriage_return is not None and (call.by is not None or file.interpreter):
        yield Obstacle("line ends", file, place, by=call.by)
        return
    if call.by is not None:
        return
    if file.mode is not None and os.name == "posix" and not file.mode & 0o111:
        yield Obstacle("permission", file, place, sure=_keeps_modes(facts, file))
    shell = file.shell
    if shell is not None:
        missing = _missing(facts, service, shell, texts)
        if missing is not None:
            yield Obstacle("shell", file, place, shell, missing)


def _place(facts: Facts, service: Service) -> Span:
    """Return where it is written what a container starts with: what stands first there begins the rest."""
    if service.entrypoint and inner(service.entrypoint).words:
        words = inner(service.entrypoint).words
        if not is_shell(words[0]) or len(words) > 1:
            return service.key_place("entrypoint")
    return service.key_place(started(facts, service)[1])


def _keeps_modes(facts: Facts, file: File) -> bool:
    """Whether the modes on the disk are the project's own: it is a repository's, or other files have that."""
    from composecheck.facts.commands.files import repository

    if repository(facts) is not None:
        return True
    disk, folder = facts.project.disk, os.path.dirname(file.source.path) if file.source is not None else ""
    paths = [os.path.join(folder, name) for name in disk.names(folder)[:_MOST]] if folder else []
    return any(disk.is_file(path) and (disk.mode(path) or 0) & 0o111 for path in paths)


def _missing(facts: Facts, service: Service, shell: str, texts: Sequence[str]) -> bool | None:
    """Return whether an image surely lacks a shell; None where it may well have it.

    `texts` are those of the commands before, which may install it.
    """
    mounted = any(mount.target.rpartition("/")[2] == shell for mount in service.mounts)
    installs = rf"\b(?:apk|apt|apt-get|yum|dnf|microdnf|zypper)\b[^\n]*\b{re.escape(shell)}\b"
    if mounted or any(re.search(installs, text) for text in texts):
        return None
    family = facts.images.known(service)
    if family is None or (shell == "sh" and family.shell) or (shell != "sh" and shell not in family.absent):
        return None
    image = facts.images.built(service)
    if image is None:
        return True
    changes = [each for each in image.instructions if each.keyword in ("RUN", "COPY", "ADD")]
    if any(re.search(rf"(?<![\w/-]){re.escape(shell)}(?![\w/])", each.text) for each in changes):
        return None
    copied = any(each.flag("from") is not None for each in changes)
    return not copied and not any(each.keyword == "RUN" for each in changes)
