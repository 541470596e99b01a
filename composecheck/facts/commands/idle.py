"""Containers that only sit there, for somebody to go in with `exec`: they connect to nothing themselves."""

from __future__ import annotations

from composecheck.facts.commands import started
from composecheck.facts.commands.calls import called, inner
from composecheck.facts.commands.shells import is_shell
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.facts import Facts
    from composecheck.facts.commands.files import Files
    from composecheck.model.project import Service
    from composecheck.text.source import Span

# What neither goes on for ever nor talks to anybody.
_NOTHING = frozenset(
    """: true false echo printf cd set trap date mkdir chmod chown touch export exit wait read umask ulimit
    hostname""".split()  # noqa: SIM905 - words
)
_HOUR = 3600
# Shells and languages that read from a terminal where they are given nothing else.
_PROMPTS = frozenset(
    "fish nu pwsh xonsh python python3 ipython irb node deno bun ghci jshell lua php".split()  # noqa: SIM905
)


def idles(facts: Facts, service: Service) -> Span | None:
    """Return the place that says that a service's container only sits there, None where none does."""
    argv, key = started(facts, service)
    if not argv:
        return service.key_place("build") if _has_no_program(facts, service) else None
    if _is_bare_shell(argv) and _is_whole(facts, service):
        return service.key_place(key)
    if not _may_sit(argv, service):
        return None

    return service.key_place(key) if _sits(argv, service, facts.files(service)) else None


def _has_no_program(facts: Facts, service: Service) -> bool:
    """Whether a Dockerfile adds no command to an image whose own is a shell or a language's prompt."""
    base = facts.images.base(service) if service.build is not None else None
    return base is not None and base.prompt


def _is_whole(facts: Facts, service: Service) -> bool:
    """Whether nothing stands before the words that a container starts with: no entrypoint of an image."""
    if facts.images.has_entrypoint(service):
        return True
    base = facts.images.known(service)
    return base is not None and base.prompt


def _is_bare_shell(argv: Sequence[str]) -> bool:
    """Whether the words start a prompt, without a script and without a word that says whom to ask."""
    words = inner(argv).words
    if not words or any(not word.startswith("-") or "=" in word or ":" in word for word in words[1:]):
        return False
    name = words[0].rpartition("/")[2]
    return (is_shell(name) or name in _PROMPTS or name.endswith("-shell")) and "-c" not in words


def _may_sit(argv: Sequence[str], service: Service) -> bool:
    """Whether it is worth a closer look."""
    if service.tty or service.stdin_open:
        return True
    return any(hint in word for word in argv for hint in ("sleep", "tail", "pause", ".sh", "while"))


def _sits(argv: Sequence[str], service: Service, files: Files | None) -> bool:
    words = inner(argv).words
    if not words:
        return False
    call = called(words, files)
    if call is None:
        waits_for_input = service.tty or service.stdin_open
        return _rests(words) or (waits_for_input and _asks(words))
    from composecheck.facts.commands.loops import is_endless
    from composecheck.facts.commands.syntax import Command, Loop, walk

    commands = call.script.commands
    loops = [part for part in walk(call.script.body) if isinstance(part, Loop)]
    heads = (loop.condition[0] for loop in loops if loop.word == "while" and loop.condition)
    endless = any(map(is_endless, loops)) or any(
        isinstance(head, Command) and head.words[0] == "sleep" for head in heads
    )
    rests = [_rests(command.words) for command in commands]
    quiet = (rest or _is_quiet(command.words[0]) for rest, command in zip(rests, commands, strict=True))
    return call.script.whole and (endless or any(rests)) and all(quiet)


def _is_quiet(word: str) -> bool:
    name = word.rpartition("/")[2]
    return name in _NOTHING or name == "sleep"


def _rests(words: Sequence[str]) -> bool:
    """Whether a command sleeps or watches nothing for as long as the container lives."""
    words = words[1:] if words[0] == "exec" and len(words) > 1 else words
    name, others = words[0].rpartition("/")[2], words[1:]
    if name == "sleep":
        return any(_is_long(word) for word in others)
    if name == "tail":
        return any(word.startswith("-") and word.lower().endswith("f") for word in others) and (
            "/dev/null" in others
        )
    return name == "pause" and not others


def _is_long(text: str) -> bool:
    if text in ("infinity", "inf"):
        return True
    number, unit = (text[:-1], text[-1]) if text[-1:].isalpha() else (text, "s")
    return number.isdecimal() and int(number) * {"m": 60, "h": 3600, "d": 86400}.get(unit, 1) >= _HOUR


def _asks(words: Sequence[str]) -> bool:
    """Whether a program reads its commands from a terminal: a bare shell, or `cat`."""
    name = words[0].rpartition("/")[2]
    return (is_shell(name) or name == "cat") and all(word.startswith("-") for word in words[1:])
