"""Whether a command waits for a host before it does its work.

Known are the usual wrappers (wait-for-it, wait-for, dockerize, wait4x, wait-on, docker-compose-wait
and scripts named after them) and loops of the shell that repeat a probe until it succeeds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from composecheck.guards.shell import Command, Loop, Script, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SHELL = re.compile(r"(?:.*/)?(?:ba|da|a|z|k)?sh")
_SHELL_OPTION = re.compile(r"-\w*c")
_WRAPPER = re.compile(
    r"(?:.*/)?(wait4x|wait[-_]?(?:for|on|port|until)(?:[-_]?([\w-]+?))?)(?:\.\w+)?", re.IGNORECASE
)
_DOCKERIZE = re.compile(r"(?:.*/)?dockerize")
_COMPOSE_WAIT = re.compile(r"(?:.*/)?(?:docker-compose-)?wait")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^{}]*))?\})")
# Commands that talk to nobody, and those that already succeed when the container merely runs: a
# name is known to the network's DNS before anything listens.
_NO_PROBES = frozenset(
    "[ [[ test : true false echo printf sleep date cat ls cd pwd export set unset read let exit break "  # noqa: SIM905 - words
    "continue return local declare log seq expr kill getent nslookup dig host ping ping6".split()
)
_TESTS = frozenset(("[", "[[", "test"))
_DEPTH = 5


class Hosts:
    """The names under which a dependent reaches a dependency."""

    __slots__ = ("_mentioned", "names")

    def __init__(self, hosts: Iterable[str], images: Iterable[str] = ()) -> None:
        reached = sorted(set(hosts))
        # A script may be named after what it waits for: wait-for-postgres.sh.
        self.names = frozenset(name.lower() for name in (*reached, *images))
        either = "|".join(map(re.escape, reached))
        # A path's last part is no host, and "my-db" and "db.example.org" are other hosts than "db".
        self._mentioned = re.compile(
            rf"(?:^|[\s@=,\"'(\[;]|//|/dev/(?:tcp|udp)/|\b(?:tcp|udp|https?|http-get|https-get):|^-h)"
            rf"(?:{either})(?=$|[\s:/,\"'?)\];]|\.(?!\w))",
            re.IGNORECASE,
        )

    def in_text(self, text: str) -> bool:
        """Whether a word or value names one of them."""
        return self._mentioned.search(text) is not None


def waits_for(hosts: Hosts, argv: Sequence[str], environment: Mapping[str, str | None]) -> bool:
    """Return whether a process with these arguments and this environment waits for a host."""
    values = {key: value for key, value in environment.items() if value is not None}
    return _argv_waits(hosts, tuple(argv), values, 0)


def _argv_waits(hosts: Hosts, argv: Command, values: Mapping[str, str], depth: int) -> bool:
    at, script = _script_in(argv)
    # A wrapper may stand before the shell: wait-for-it db:5432 -- sh -c "exec api".
    if _wrapped(hosts, _filled(argv[:at], values), values):
        return True
    return script != "" and depth < _DEPTH and _script_waits(hosts, read(script), dict(values), depth + 1)


def _script_in(argv: Command) -> tuple[int, str]:
    """Return where a shell stands among the words, and what it is told to run with -c."""
    for at, word in enumerate(argv):
        if _SHELL.fullmatch(word):
            for number, option in enumerate(argv[at + 1 : -1], at + 1):
                if _SHELL_OPTION.fullmatch(option):
                    return at, argv[number + 1]
                if not option.startswith(("-", "+")):
                    break
    return len(argv), ""


def _script_waits(hosts: Hosts, script: Script, values: dict[str, str], depth: int) -> bool:
    for command in script.commands:
        for word in command:
            assignment = _ASSIGNMENT.fullmatch(word)
            if not assignment:
                break
            values[assignment[1]] = _fill(assignment[2], values)
    return any(_loop_waits(hosts, loop, values) for loop in script.loops) or any(
        _argv_waits(hosts, command, values, depth) for command in script.commands
    )


def _loop_waits(hosts: Hosts, loop: Loop, values: Mapping[str, str]) -> bool:
    """Whether a loop goes on until a probe of a host succeeds.

    Either that is its condition (`until probe`, `while ! probe`, or a test of what a probe
    printed), or the body leaves it (`for i in 1 2 3; do probe && break; done`).
    """
    if (loop.word, loop.negated) in (("until", False), ("while", True)) and any(
        _probes(hosts, command, values) for command in loop.condition
    ):
        return True
    if loop.word in ("until", "while") and any(
        command[0] in _TESTS and _substitutes(hosts, command, values) for command in loop.condition
    ):
        return True
    return loop.leaves and any(_probes(hosts, command, values) for command in loop.body)


def _probes(hosts: Hosts, command: Command, values: Mapping[str, str]) -> bool:
    words = [word for at, word in enumerate(command) if at or not _ASSIGNMENT.fullmatch(word)]
    if not words or words[0].rpartition("/")[2] in _NO_PROBES:
        # The shell's own connection needs no command that talks: echo > /dev/tcp/db/5432.
        return any("/dev/tcp/" in word and hosts.in_text(_fill(word, values)) for word in words)
    return any(hosts.in_text(_fill(word, values)) for word in words)


def _substitutes(hosts: Hosts, command: Command, values: Mapping[str, str]) -> bool:
    return any(("$(" in word or "`" in word) and hosts.in_text(_fill(word, values)) for word in command)


def _wrapped(hosts: Hosts, argv: Command, values: Mapping[str, str]) -> bool:
    """Whether a wrapper among the words waits for a host; its arguments end at `--`."""
    for at, word in enumerate(argv):
        rest = argv[at + 1 :]
        own = rest[: rest.index("--")] if "--" in rest else rest
        if _DOCKERIZE.fullmatch(word):
            if any(hosts.in_text(value) for value in _option_values(own, "wait")):
                return True
        elif _COMPOSE_WAIT.fullmatch(word):
            if hosts.in_text(values.get("WAIT_HOSTS", "")):
                return True
        elif match := _WRAPPER.fullmatch(word):
            named = (match[2] or "").lower().replace("_", "-")
            if named.replace("-", "_") in hosts.names or named in hosts.names:
                return True
            if any(hosts.in_text(value) for value in own):
                return True
    return False


def _option_values(argv: Command, option: str) -> list[str]:
    """Return what follows each `-option`, in the same word (`-option=value`) or the next."""
    values = []
    for at, word in enumerate(argv):
        name, given, value = word.partition("=")
        if name.lstrip("-") == option and name.startswith("-"):
            values.append(value if given else "".join(argv[at + 1 : at + 2]))
    return values


def _filled(argv: Command, values: Mapping[str, str]) -> Command:
    return tuple(_fill(word, values) for word in argv) if any("$" in word for word in argv) else argv


def _fill(word: str, values: Mapping[str, str]) -> str:
    """Return a word with the variables that are known filled in."""
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2]) or match[3] or "", word)
