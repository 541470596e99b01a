"""Programs among the words of a process that wait for a host, and then may become what stands behind them."""

from __future__ import annotations

import re
from itertools import islice

from composecheck.facts.commands.calls import inner
from composecheck.facts.commands.shells import COMPOSE_WAIT, WRAPPER, is_wrapper, script_at
from composecheck.facts.commands.wrappers import bound
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from composecheck.facts.commands.asked import Asked
    from composecheck.facts.commands.files import Files
    from composecheck.text.source import Span

    # How a wait ends that is over: the script is left, its status tells, or it goes on as if nothing were.
    Ends = Literal["left", "status", "goes on"]

_OTHER_SCRIPT = r"\.(?:py|[cm]?js|ts|rb|php|pl)$"
# A script that is told whom to connect to, or asks something else for it.
_INTERPRETED = r"#!.*\b(?:python|node|ruby|php|perl|bun|deno)[\d.]*\b"
_INTERPRETER = r"(?:.*/)?(?:python[\d.]*|node|ruby|php|perl|bun|deno|tsx|ts-node|uv|poetry|pipenv|bundle|npx)"
# A loop with a pause near to where a failure is caught, or what begins anew after a while.
_LOOPS = r"\bwhile\b|\bfor\b|\buntil\b|\bloop\b|\bretry\b"
_PAUSES = r"(?i)\bu?sleep\b|\bdelay\b|settimeout"
_CATCHES = r"\bexcept\b|\bcatch\b|\brescue\b|connect_ex|\.on\(\s*['\"]error"
_RESTARTS = r"setTimeout\(|setInterval\("
_NEAR = 700
_MOST = 20
_TOLD = r"(?i)environ|getenv|process\.env|\benv\b|argv|argparse|settings|config|django|sqlalchemy"
_QUOTED = r"""["'@/]([A-Za-z][\w.-]*)(?=["':/])"""
_READY = ("kafka-ready", "zk-ready", "sr-ready", "kr-ready", "ensure-topic")
# Commands that try again by themselves, and what tells them to: of each group one word.
_PATIENT = {
    "cub": (_READY,),
    "ub": (_READY,),
    "curl": (("--retry",), ("--retry-connrefused", "--retry-all-errors")),
    "mariadb-admin": (("--wait", "-w"),),
    "mysqladmin": (("--wait", "-w"),),
    "wget": (("--retry-connrefused",),),
}


class Found(NamedTuple):
    """A wait within a command: its bound in seconds (None: without an end), and what follows then.

    `hands_on` says that it is given what to run when it is over, and `place` is where a script waits.
    A program that asks again by its `own` text may be the work itself: it holds up only what comes behind it.
    """

    seconds: float | None = None
    ends: Ends = "status"
    place: Span | None = None
    hands_on: bool = False
    own: bool = False


def waits_among(
    argv: Sequence[str], hosts: Asked, values: Mapping[str, tuple[str, ...]], files: Files | None
) -> Iterator[Found]:
    """Yield the waits of programs among the words of a process; the arguments of one end at `--`."""
    own = argv[: script_at(argv)[0]]
    before = inner(own).limit
    named = False
    for start, end in _parts(own):
        part = own[start:end]
        if _asks(part, hosts, values) and not _asks_another(part, hosts, files):
            file = files.program(part[0]) if files is not None else None
            environment = {name: held[0] for name, held in values.items() if held}
            named = True
            limit = bound((*part, *own[end:]), environment, file.text if file is not None else None)
            yield Found(
                sooner(limit.seconds, before),
                "goes on" if limit.then == "goes on" else "status",
                hands_on=_hands_on(hosts, argv[start:]),
            )
    text = _program(own, files) if files is not None and not named else None
    if text is not None and asks_again(text) and hosts.are_asked(text):
        yield Found(before, own=True)


def asks_again(text: str) -> bool:
    """Whether a program's text catches what fails, and tries it again after a pause."""
    for caught in islice(re.finditer(_CATCHES, text), _MOST):
        before = text[max(caught.start() - _NEAR, 0) : caught.start()]
        behind = text[caught.end() : caught.end() + _NEAR]
        looped = re.search(_LOOPS, before) is not None and re.search(_PAUSES, before + behind) is not None
        if looped or re.search(_RESTARTS, behind) is not None:
            return True
    return False


def _program(argv: Sequence[str], files: Files) -> str | None:
    """Return the text of the project's program in another language that some words run, None for none."""
    words = inner(argv).words
    if not words:
        return None
    if re.fullmatch(_INTERPRETER, words[0]) is None:
        if re.search(_OTHER_SCRIPT, words[0]):
            return files.text(words[0])
        text = files.text(words[0] if "/" in words[0] else f"/usr/local/bin/{words[0]}")
        return text if text is not None and re.match(_INTERPRETED, text) else None
    if "-m" in words[:-1]:
        return files.text(words[words.index("-m") + 1].replace(".", "/") + ".py")
    path = next((word for word in words[1:] if re.search(_OTHER_SCRIPT, word)), None)
    return files.text(path) if path is not None else None


def is_named_after(name: str, hosts: Asked) -> bool:
    """Whether the name of a script or function says that it waits for a host: wait_for_db."""
    match = re.fullmatch(WRAPPER, re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name))
    return match is not None and bool(match[2]) and hosts.are_called(match[2])


def sooner(one: float | None, other: float | None) -> float | None:
    """Return the lesser of two bounds, of which None is without an end."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _asks(argv: Sequence[str], hosts: Asked, values: Mapping[str, tuple[str, ...]]) -> bool:
    word, own = argv[0], argv[1:]
    name = word.rpartition("/")[2]
    if name == "dockerize":
        return hosts.among(_option_values(own, "wait"))
    if name in _PATIENT:
        given = {option.partition("=")[0] for option in own}
        return all(given.intersection(group) for group in _PATIENT[name]) and hosts.among(own)
    if re.fullmatch(COMPOSE_WAIT, word):
        return hosts.among(values.get("WAIT_HOSTS", ()))
    return is_named_after(word, hosts) or hosts.among(own)


def _asks_another(argv: Sequence[str], hosts: Asked, files: Files | None) -> bool:
    """Whether a script in another language connects to another service, whatever it is named after."""
    if files is None or re.search(_OTHER_SCRIPT, argv[0]) is None or hosts.among(argv[1:]):
        return False
    text = files.text(argv[0])
    if text is None or re.search(_TOLD, text) or hosts.among((text,)):
        return False
    return any(name.lower() in files.services for name in re.findall(_QUOTED, text))


def _hands_on(hosts: Asked, argv: Sequence[str]) -> bool:
    """Whether a command is given what to run when its wait is over."""
    if script_at(argv)[1] < len(argv):
        return True
    named = max((at for at, word in enumerate(argv) if hosts.among((word,))), default=0)
    return any(word[:1].isalpha() or "/" in word for word in argv[named + 1 :])


def _parts(argv: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where the words between each `--` begin and end, from the first wrapper among them on."""
    begin = 0
    for end, word in enumerate([*argv, "--"]):
        if word == "--":
            first = next((at for at in range(begin, end) if is_patient(argv[at])), None)
            if first is not None:
                yield first, end
            begin = end + 1


def is_patient(word: str) -> bool:
    """Whether a word is a program that waits, or one that tries again by itself if told to."""
    return is_wrapper(word) or word.rpartition("/")[2] in _PATIENT


def _option_values(argv: Sequence[str], option: str) -> list[str]:
    """Return what follows each `-option`, in the same word (`-option=value`) or the next."""
    values = []
    for at, word in enumerate(argv):
        name, given, value = word.partition("=")
        if name.lstrip("-") == option and name.startswith("-"):
            values.append(value if given else "".join(argv[at + 1 : at + 2]))
    return values
