"""What happens to a stack: a kill, somebody else who goes on with it, and the next start by its owner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice, product
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals
from typing import TYPE_CHECKING, NamedTuple

from .site import PUT, Breach, Site, Struck, ended, tail, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

POLITE = (SIGINT, SIGTERM, SIGHUP)
ONCE, TWICE, LATE = "once", "twice within 0.1 s", "twice, 1 s between"
LINGER = 2  # seconds: what is struck once more after 1 s is to be at it still
ATTEMPTS = 20  # at hitting a start before it is done
STRANGERS = ("compose down", "compose stop", "compose, one stopped", "another user", "a foreign container")


@dataclass
class Outcome:
    """What was seen of a case; None is what it did not come to."""

    name: str
    row: str
    at: float = 0  # seconds after its beginning, or after its database was there, the start was struck
    seconds: float = 0  # from there to its end
    left: list[str] | None = None
    healed: bool | None = None
    kept: bool | None = None
    breach: str = ""


class Trial(NamedTuple):
    """What a case works with."""

    site: Site
    random: Random
    outcome: Outcome
    whole: float  # seconds that a start takes that nobody strikes


class Case(NamedTuple):
    """What is tried, by a name that stands for all that is drawn for it."""

    name: str
    row: str
    act: Callable[[Trial], None]
    linger: int


def kills(count: int) -> Iterator[Case]:
    """Yield cases of a start that is struck at any moment."""
    kinds = [*product(POLITE, (ONCE, TWICE, LATE)), (SIGKILL, ONCE)]
    for n, (number, kind) in enumerate(islice(cycle(kinds), count)):
        act = partial(_kill, number, kind)
        yield Case(f"kill-{n}", f"{number.name[3:]} {kind}", act, LINGER if kind == LATE else 0)


def others(count: int, *, compose: bool) -> Iterator[Case]:
    """Yield cases of somebody else who goes on with what a killed start, or `with` block, has left."""
    strangers = STRANGERS if compose else STRANGERS[3:]
    ways = product(strangers, (_killed_start, _killed_block))
    for n, (stranger, way) in enumerate(islice(cycle(ways), count)):
        start = way is _killed_start
        row = f"{'start' if start else 'block'} killed, then {stranger}"
        yield Case(f"other-{n}", row, partial(_go_on, way, stranger), LINGER if start else 0)


def _kill(number: Signals, kind: str, trial: Trial) -> None:
    site, random, outcome, _ = trial
    pause = {ONCE: None, TWICE: random.uniform(0, 0.1), LATE: 1.0}[kind]
    struck = _hit(trial, number, pause)
    outcome.left = site.left()
    struck.check_code(number)
    if number == SIGKILL or (kind == LATE and struck.twice):
        _heal(trial, put=random.random() < 0.5 and site.put())
    elif outcome.left:
        raise Breach(f"left: {', '.join(outcome.left)}; said: {tail(struck.text)}")


def _hit(trial: Trial, number: Signals, pause: float | None, *, database: bool = False) -> Struck:
    """Strike a start before it is done, or only once its database exists."""
    site, random, outcome, whole = trial
    for _ in range(ATTEMPTS):
        process = site.begin("-m", "composecheck", "up")
        if database:
            until(process, site.database)
        outcome.at = random.uniform(0, whole)
        early = ended(process, outcome.at)
        struck = site.strike(process, number, pause)
        outcome.seconds = struck.seconds
        if struck.sent and not (struck.seconds < 1 and site.stands()):
            return struck
        if early and struck.code:
            raise Breach(f"`composecheck up` ended with {struck.code} of itself: {tail(struck.text)}")
        site.composecheck("down", "-v")
    raise Breach(f"none of {ATTEMPTS} starts was hit before it was done")


def _heal(trial: Trial, *, put: bool) -> None:
    """Start as the owner: it is to succeed and to keep what somebody has put there; then remove all."""
    site, _, outcome, _ = trial
    outcome.healed = False
    site.composecheck("up")
    outcome.healed = True
    if put:
        seen = site.get()
        outcome.kept = seen == "x"
        if not outcome.kept:
            raise Breach(f"the byte in the volume is gone: {tail(seen)}")
    site.composecheck("down", "-v")
    if left := site.left():
        raise Breach(f"left after `composecheck down -v`: {', '.join(left)}")


def _go_on(way: Callable[[Trial], None], stranger: str, trial: Trial) -> None:
    way(trial)
    _somebody_else(stranger, trial)
    if way is _killed_block and trial.random.random() < 0.5:
        another = ("-f", "trivial.yml", "-p", f"{trial.site.project}-next")
        trial.site.composecheck(*another, "up")
        trial.site.composecheck(*another, "down", "-v")
    _heal(trial, put=True)


def _killed_start(trial: Trial) -> None:
    number, pause = trial.random.choice([(SIGKILL, None), (trial.random.choice(POLITE), 1.0)])
    _hit(trial, number, pause, database=True)


def _killed_block(trial: Trial) -> None:
    """Kill a program inside its `with` block, or let it kill itself there."""
    site, random, outcome, _ = trial
    itself = random.random() < 0.5
    process = site.begin("block.py", *(["itself"] if itself else []))
    until(process, (site.folder / "inside").exists)
    outcome.at = random.uniform(0, 1)
    ended(process, 30 if itself else outcome.at)
    struck = site.strike(process, SIGKILL)
    if struck.code != -SIGKILL:
        raise Breach(f"the program with the block ended with {struck.code}: {tail(struck.text)}")


def _somebody_else(stranger: str, trial: Trial) -> None:
    """Go on with the stack, and put the byte into its volume."""
    site, random = trial.site, trial.random
    volume = f"{site.project}_data"
    if stranger == "a foreign container" and site.client.volumes.list(filters={"name": volume}):
        site.client.containers.run(
            site.image, ["python", "-c", PUT], remove=True,
            name=f"{site.project}-foreign", volumes={volume: {"bind": "/data", "mode": "rw"}},
        )  # fmt: skip
        return
    if stranger.startswith("compose"):
        site.compose("up", "-d")
    else:
        site.composecheck("up", stranger=True)
    if not site.put():
        raise Breach("the database does not run after somebody else's `up`")
    match stranger:
        case "compose down" | "compose stop":
            site.compose(stranger.split()[1])
        case "compose, one stopped":
            service = random.choice(["db", "api", "worker"])
            site.client.containers.get(f"{site.project}-{service}-1").stop()
        case _:
            site.composecheck("down", stranger=True)
