"""Whether a command waits for a host before it does its work.

Known are the usual wrappers (wait-for-it, wait-for, dockerize, wait4x, wait-on, docker-compose-wait
and scripts named after them), commands that try again by themselves if told to (curl --retry) and
loops of the shell that repeat a probe until it succeeds. What goes on in the background, and what
comes after the work, is no wait.
"""

from __future__ import annotations

import re
from itertools import islice, product

from composecheck.facts.commands.shell import DOLLAR, Command, Loop, Script, read
from composecheck.facts.commands.shells import (
    COMPOSE_WAIT,
    NO_PROBES,
    VARIABLE,
    WRAPPER,
    is_wrapper,
    script_at,
)
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Literal

    from composecheck.text.source import Span

    # What a variable may hold: one value, but for that of a `for` loop.
    Values = dict[str, tuple[str, ...]]

# Commands that try again by themselves, and what tells them to: of each group one word.
_PATIENT = {
    "cub": (("kafka-ready", "zk-ready", "sr-ready", "kr-ready", "ensure-topic"),),
    "curl": (("--retry",), ("--retry-connrefused", "--retry-all-errors")),
    "mariadb-admin": (("--wait", "-w"),),
    "mysqladmin": (("--wait", "-w"),),
    "wget": (("--retry-connrefused",),),
}
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
# A loop over more values than this is followed no further.
_MOST_VALUES = 100
# Those and what else only prepares: none of them runs its arguments, or is a service's work.
_NO_WORK = NO_PROBES | frozenset(
    """apk apt apt-get chmod chown cp grep ln mkdir mv rm sed tail tee touch trap type ulimit umask which
    yum""".split()  # noqa: SIM905 - words
)
_TESTS = frozenset(("[", "[[", "test"))
_DEPTH = 5


class Wait(NamedTuple):
    """A wait for one host: how long at most, and what becomes of the command when that is over.

    `seconds` None is without an end. After them the command "goes on" all the same, or "fails". `place` is
    where a script of the project waits, None where the command itself does.
    """

    seconds: float | None = None
    then: Literal["goes on", "fails"] = "fails"
    place: Span | None = None


class Hosts:
    """The names under which a dependent reaches a dependency.

    `beside` is a pattern of what it calls itself where it is in the same network namespace, and `machine`
    one of the machine, where others answer too: there it is the ports that are `published`.
    """

    __slots__ = ("_machine", "_mentioned", "_published", "names")

    def __init__(
        self,
        hosts: Iterable[str],
        images: Iterable[str] = (),
        *,
        beside: str = "",
        machine: str = "",
        published: Iterable[int] = (),
    ) -> None:
        reached = sorted(set(hosts))
        # A script may be named after what it waits for: wait-for-postgres.sh.
        self.names = frozenset(name.lower() for name in (*reached, *images))
        self._mentioned = _mention("|".join([*map(re.escape, reached), *filter(None, (beside,))]))
        self._machine, self._published = machine, tuple(published)

    def among(self, words: Iterable[str]) -> bool:
        """Whether one of the words names one of them."""
        text = " ".join(words)
        if self._mentioned.search(text):
            return True
        if not self._machine or not any(str(port) in text for port in self._published):
            return False
        ports = "|".join(map(str, self._published))
        return bool(_mention(self._machine).search(text) and re.search(rf"(?<!\d)(?:{ports})(?!\d)", text))


def _mention(hosts: str) -> re.Pattern[str]:
    """Return what finds a host that fits a pattern in a command or in a value.

    A path's last part is no host, and "my-db" and "db.example.org" are other hosts than "db".
    """
    return re.compile(
        rf"(?:^|[\s@=,\"'(\[;]|//|/dev/(?:tcp|udp)/|\b(?:tcp|udp|https?|http-get|https-get):|(?:^|\s)-h)"
        rf"(?:{hosts})(?=$|[\s:/,\"'?)\];]|\.(?!\w))",
        re.IGNORECASE,
    )


def waits_for(hosts: Hosts, argv: Sequence[str], environment: Mapping[str, str | None]) -> Wait | None:
    """Return how a process with this environment waits for a host, None where it does not."""
    values: Values = {key: (value,) for key, value in environment.items() if value is not None}
    return Wait() if _argv_waits(hosts, argv, values, 0) else None


def _argv_waits(hosts: Hosts, argv: Sequence[str], values: Values, depth: int) -> bool:
    """Whether a process waits; a shell alone expands variables, and only in what it reads itself."""
    at, script = script_at(argv)
    words = argv[script:]
    # A wrapper may stand before the shell: wait-for-it db:5432 -- sh -c "exec api".
    if _wrapped(hosts, argv[:at], values):
        return True
    if not words or depth == _DEPTH:
        return False
    # What follows the script are its $0, $1 and so on.
    given = {str(number): (word,) for number, word in enumerate(words[1:])}
    return _script_waits(hosts, read(words[0]), {**values, **given}, depth + 1)


def _script_waits(hosts: Hosts, script: Script, values: Values, depth: int) -> bool:
    """Whether a script waits, and does so before its work: nobody is helped by a wait at its end."""
    expanded = [_expand(command, values) for command in script.commands]
    waits = [
        (at, at + 1, _goes_on(hosts, argv))
        for at, argv in enumerate(expanded)
        if _argv_waits(hosts, argv, values, depth)
    ]
    waits += [
        (loop.first, loop.last, False) for loop in script.loops if _loop_waits(hosts, loop, script, expanded)
    ]
    if not waits:
        return False
    repeated = {at for loop in script.loops if loop.word != "for" for at in range(loop.first, loop.last)}
    work = [at for at, argv in enumerate(expanded) if at not in repeated and _works(argv)] or [len(expanded)]
    for first, last, goes_on in waits:
        end = script.commands[first].background
        # In the background it holds up only what is behind it there.
        helps = any(last <= at < end for at in work) if end else first <= work[0] or last <= work[-1]
        if goes_on or helps:
            return True
    return False


def _expand(command: Command, values: Values) -> tuple[str, ...]:
    """Return the words that a command is run with, and remember what it assigns."""
    words = [_fill(word, values) for word in command.words]
    if words[:1] == ["for"] and words[2:3] == ["in"]:
        # Its body runs for each of them: what it does for one it does for all.
        values[words[1]] = tuple(value for word in words[3:] for value in word.split())
        return tuple(words)
    for at, word in enumerate(words):
        assignment = _ASSIGNMENT.fullmatch(word)
        if assignment:
            values[assignment[1]] = (assignment[2],)
        elif at or word not in ("export", "local", "readonly"):
            break
    while words and _ASSIGNMENT.fullmatch(words[0]):
        del words[0]
    return tuple(words)


def _works(argv: Sequence[str]) -> bool:
    """Whether a command may be the work that a script is there for."""
    return bool(argv) and argv[0] not in _NO_WORK and not any(map(is_wrapper, argv))


def _goes_on(hosts: Hosts, argv: Sequence[str]) -> bool:
    """Whether a command is given what to run when its wait is over."""
    if script_at(argv)[1] < len(argv):
        return True
    named = max((at for at, word in enumerate(argv) if hosts.among((word,))), default=0)
    return any(word[:1].isalpha() or "/" in word for word in argv[named + 1 :])


def _loop_waits(hosts: Hosts, loop: Loop, script: Script, expanded: Sequence[Sequence[str]]) -> bool:
    """Whether a loop goes on until a probe of a host succeeds.

    Either that is its condition (`until probe`, `while ! probe`, or a test of what a probe
    printed), or the body leaves it (`for i in 1 2 3; do probe && break; done`).
    """
    body = range(loop.body, loop.last)
    if any(expanded[at][:1] in (("break",), ("exit",), ("return",)) for at in body) and any(
        _probes(hosts, expanded[at]) and not 0 < script.commands[at].background <= loop.last for at in body
    ):
        return True
    if loop.word not in ("until", "while"):
        return False
    condition = [(script.commands[at], expanded[at]) for at in range(loop.first, loop.body)]
    ends = [at for at, (command, _) in enumerate(condition[:-1]) if command.after in (";", "\n", "&")]
    condition = condition[ends[-1] + 1 if ends else 0 :]  # the last list is what decides
    if any(0 < command.background <= loop.last for command, _ in condition):
        return False
    if any(argv and argv[0] in _TESTS and _substitutes(hosts, argv) for _, argv in condition):
        return True
    if (loop.word == "while") != loop.negated:
        return False
    return _decides(hosts, condition, "&&" if loop.negated else "||")


def _decides(hosts: Hosts, condition: Sequence[tuple[Command, Sequence[str]]], alternative: str) -> bool:
    """Whether a loop that ends by this condition ends only when a probe of a host succeeds.

    Behind `until probe ||` (or `while ! probe &&`) may be the test of a count, which makes it a
    wait with an end; another host, or `true`, makes it none.
    """
    probed = False
    ways: list[list[Sequence[str]]] = [[]]
    for command, argv in condition:
        ways[-1].append(argv)
        if command.after == alternative:
            ways.append([])
    harmless = _TESTS if alternative == "||" else NO_PROBES
    for way in ways:
        if any(_probes(hosts, argv) for argv in way):
            probed = True
        elif not all(argv[:1] and argv[0] in harmless for argv in way):
            return False
    return probed


def _probes(hosts: Hosts, argv: Sequence[str]) -> bool:
    if not argv or _base(argv[0]) in NO_PROBES:
        # The shell's own connection needs no command that talks: echo > /dev/tcp/db/5432.
        return hosts.among(word for word in argv if "/dev/tcp/" in word)
    return hosts.among(argv)


def _substitutes(hosts: Hosts, argv: Sequence[str]) -> bool:
    return hosts.among(word for word in argv if "$(" in word or "`" in word)


def _base(word: str) -> str:
    return word.rpartition("/")[2]


def _wrapped(hosts: Hosts, argv: Sequence[str], values: Values) -> bool:
    """Whether a wrapper among the words waits for a host; its arguments end at `--`."""
    if not argv or argv[0] in _NO_WORK:
        return False
    return any(_wrapper_waits(hosts, part, values) for part in _parts(argv))


def _parts(argv: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the words between each `--`, from the first wrapper among them on."""
    begin = 0
    for end, word in enumerate([*argv, "--"]):
        if word == "--":
            first = next(
                (at for at in range(begin, end) if is_wrapper(argv[at]) or _base(argv[at]) in _PATIENT), None
            )
            if first is not None:
                yield argv[first:end]
            begin = end + 1


def _wrapper_waits(hosts: Hosts, argv: Sequence[str], values: Values) -> bool:
    word, own = argv[0], argv[1:]
    name = _base(word)
    if name == "dockerize":
        return hosts.among(_option_values(own, "wait"))
    if name in _PATIENT:
        given = {option.partition("=")[0] for option in own}
        return all(given.intersection(group) for group in _PATIENT[name]) and hosts.among(own)
    if re.fullmatch(COMPOSE_WAIT, word):
        return hosts.among(values.get("WAIT_HOSTS", ()))
    match = re.fullmatch(WRAPPER, word)
    named = (match[2] or "").lower().replace("_", "-") if match else ""
    return named in hosts.names or named.replace("-", "_") in hosts.names or hosts.among(own)


def _option_values(argv: Sequence[str], option: str) -> list[str]:
    """Return what follows each `-option`, in the same word (`-option=value`) or the next."""
    values = []
    for at, word in enumerate(argv):
        name, given, value = word.partition("=")
        if name.lstrip("-") == option and name.startswith("-"):
            values.append(value if given else "".join(argv[at + 1 : at + 2]))
    return values


def _fill(word: str, values: Values) -> str:
    """Return a word as the shell expands it; one with a loop's variable for each value in turn."""
    names = list(
        dict.fromkeys(name for match in re.finditer(VARIABLE, word) if (name := match[1] or match[2]))
    )
    held = islice(product(*(values.get(name) or ("",) for name in names)), _MOST_VALUES)
    filled = " ".join(_filled(word, dict(zip(names, each, strict=True))) for each in held)
    return filled.replace(DOLLAR, "$")


def _filled(word: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return (values[name] or match[4] or "") if name else match[0]

    return re.sub(VARIABLE, value, word)
