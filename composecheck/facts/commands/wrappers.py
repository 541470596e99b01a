"""What programs that wait count for: how long they try, and what they do when that is over.

Each is read as its own source has it:

- https://github.com/vishnubob/wait-for-it/blob/master/wait-for-it.sh: 15 seconds, 0 without an end; then it
  goes on with its command, unless it is strict.
- https://github.com/eficode/wait-for/blob/master/wait-for: 15 seconds; then it fails.
- https://github.com/jwilder/dockerize/blob/master/main.go: 10 seconds, a duration; 0 is over at once.
- https://github.com/wait4x/wait4x/blob/main/internal/cmd/root.go: 10 seconds, 0 without an end.
- https://github.com/ufoscout/docker-compose-wait/blob/master/README.md: 30 seconds.
- https://github.com/jeffbski/wait-on/blob/master/lib/wait-on.js: without an end, milliseconds.
- https://github.com/dwmkerr/wait-port/blob/main/bin/wait-port.js: without an end, milliseconds.

The rest are Confluent's cub and ub, curl, Wget, and the clients of MySQL and MariaDB, by their manuals.
"""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

# Each try of a client of MySQL is followed by this much sleep.
_MYSQL_SLEEP = 5.0
_DURATION = r"(\d+(?:\.\d+)?)(ms|s|m|h)?"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Bound(NamedTuple):
    """How many seconds a program waits (None: without an end), and whether it then runs its command."""

    seconds: float | None = None
    then: Literal["goes on", "fails"] = "fails"


def bound(argv: Sequence[str], environment: Mapping[str, str], text: str | None = None) -> Bound:
    """Return what a program that waits counts for; `text` is its own, where it lies in the project."""
    name, own = argv[0].rpartition("/")[2], argv[1:]
    plain = name.partition(".")[0].lower().replace("_", "-")
    reader = _READERS.get(plain)
    if text is not None and reader in (None, _wait_for, _wait_for_it):
        # People rename both, and one for the other.
        if not is_usual(text):
            return Bound()
        reader = _wait_for_it if re.search(r"(?i)strict", text) else _wait_for
    return reader(own, environment) if reader is not None else Bound()


def is_usual(text: str) -> bool:
    """Whether a script is one of the two that most projects copy, by what it says of its use."""
    return re.search(r"-- COMMAND ARGS|shift[^\n]*\n[^\n]*=\(?\"\$@\"", text) is not None


def _wait_for_it(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    before = own[: own.index("--")] if "--" in own else own
    strict = "-s" in before or "--strict" in before or len(before) == len(own)
    return Bound(_of_option(before, 15.0, "-t", "--timeout"), "fails" if strict else "goes on")


def _wait_for(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    before = own[: own.index("--")] if "--" in own else own
    return Bound(_of_option(before, 15.0, "-t", "--timeout"))


def _dockerize(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    return Bound(_of_option(own, 10.0, "-timeout", "--timeout") or 0.0)


def _wait4x(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    return Bound(_of_option(own, 10.0, "-t", "--timeout"))


def _docker_compose_wait(_own: Sequence[str], environment: Mapping[str, str]) -> Bound:
    given = environment.get("WAIT_TIMEOUT") or environment.get("WAIT_HOSTS_TIMEOUT") or ""
    return Bound(_seconds(given, 1.0) if given.strip() else 30.0)


def _wait_on(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    given = _value(own, "-t", "--timeout")  # unlike elsewhere 0 is over at once
    return Bound(_seconds(given, 0.001) if given is not None else None)


def _wait_port(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    return Bound(_of_option(own, None, "-t", "--timeout", unit=0.001))


def _cub(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    numbers = [word for word in own if word.isdecimal()]
    return Bound(float(numbers[-1])) if numbers else Bound()


def _curl(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    tries = int(_value(own, "--retry") or 0) if (_value(own, "--retry") or "").isdecimal() else 0
    delay, most = _number(own, "--retry-delay"), _number(own, "--retry-max-time")
    # A second after the first failure, then twice as long each time, ten minutes at most.
    doubling = (1 << min(tries, 10)) - 1.0 + max(tries - 10, 0) * 600.0
    seconds = tries * delay if delay else doubling
    return Bound(min(seconds, most) if most else seconds)


def _wget(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    given = _number(own, "--tries", "-t")
    if given == 0:
        return Bound()
    tries = int(20 if given is None else given) - 1
    wait = _number(own, "--waitretry")
    most = int(10 if wait is None else wait)
    # One second after the first failure, two after the second, and so on up to `most`.
    rising = min(tries, most)
    return Bound(rising * (rising + 1) / 2.0 + (tries - rising) * most)


def _mysqladmin(own: Sequence[str], _environment: Mapping[str, str]) -> Bound:
    given = next((word for word in own if re.fullmatch(r"(--wait|-w)=?\d+", word)), "")
    digits = re.sub(r"\D", "", given)
    return Bound(int(digits) * _MYSQL_SLEEP if digits else None)


def _of_option(own: Sequence[str], default: float | None, *names: str, unit: float = 1.0) -> float | None:
    """Return the seconds of an option, None for 0, which is without an end."""
    given = _value(own, *names)
    seconds = default if given is None else _seconds(given, unit)
    return seconds or None


def _value(own: Sequence[str], *names: str) -> str | None:
    """Return the value of the last of some options, in the same word or the next."""
    found = None
    for at, word in enumerate(own):
        name, equals, value = word.partition("=")
        if name in names:
            found = value if equals else "".join(own[at + 1 : at + 2])
        elif any(len(name) == 2 and word.startswith(name) and word[2:].isdecimal() for name in names):
            found = word[2:]
    return found


def _number(own: Sequence[str], *names: str) -> float | None:
    given = _value(own, *names)
    return float(given) if given is not None and re.fullmatch(r"\d+(\.\d+)?", given) else None


def _seconds(text: str, unit: float) -> float | None:
    """Return the seconds of a duration such as 30, 30s or 1m30s, None where it cannot be told."""
    pieces = re.findall(_DURATION, text.strip())
    if not pieces or re.fullmatch(f"(?:{_DURATION})+", text.strip()) is None:
        return None
    return sum(float(number) * (_UNITS[of] if of else unit) for number, of in pieces)


_READERS = {
    "wait-for-it": _wait_for_it,
    "wait-for": _wait_for,
    "dockerize": _dockerize,
    "wait4x": _wait4x,
    "docker-compose-wait": _docker_compose_wait,
    "wait": _docker_compose_wait,
    "wait-on": _wait_on,
    "wait-port": _wait_port,
    "cub": _cub,
    "ub": _cub,
    "curl": _curl,
    "wget": _wget,
    "mysqladmin": _mysqladmin,
    "mariadb-admin": _mysqladmin,
}
