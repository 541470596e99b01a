"""The long sweep: `python -m tests.differential --examples 20000 --seed 1`.

Each example is a project by its number: the same number is the same project, always. Where the
two do not agree, the smallest project that still shows it is printed, once for each cause.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ..reference import GENERATIONS, Compose, binary, missing
from .known import known
from .oracle import Disagreement, compare
from .projects import Project, damaged, project
from .shrink import smallest
from .values import keys_of, schema_keys


class Part(NamedTuple):
    """What a run of examples gave."""

    counts: Counter[str]
    found: list[tuple[int, Disagreement]]
    keys: set[str]


def example(seed: int, number: int) -> Project:
    """Return the project of a number: four of ten are damaged."""
    random = Random(f"{seed}/{number}")  # noqa: S311 - no secret
    drawn = project(random)
    for _ in range((0, 0, 0, 1, 2)[number % 5]):
        drawn = damaged(drawn, random)
    return drawn


def run(generation: str, seed: int, first: int, last: int) -> Part:
    """Compare a run of examples."""
    counts: Counter[str] = Counter()
    found, keys = [], set[str]()
    for number in range(first, last):
        drawn = example(seed, number)
        keys.update(_keys(drawn))
        disagreement, valid = _compared(generation, drawn)
        counts["valid" if valid else "invalid"] += 1
        if disagreement is not None:
            reason = known(disagreement)
            counts["known" if reason else disagreement.kind] += 1
            found += [] if reason else [(number, disagreement)]
    return Part(counts, found, keys)


def _compared(generation: str, drawn: Project) -> tuple[Disagreement | None, bool]:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no disk for each project
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        root = Path(folder, "project")
        root.mkdir()
        try:
            return compare(drawn, root, Compose(generation))
        except Exception as error:
            return Disagreement("traceback", f"{type(error).__name__}: {error}"[:100], repr(error)), True


def _keys(drawn: Project) -> set[str]:
    contents = (content for content in drawn.files.values() if not isinstance(content, str))
    return {key for documents in contents for document in documents for key in keys_of(document)}


def main() -> int:
    """Sweep, and sum up; exit code 1 where there is a disagreement that is not known."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, metavar="NUMBER", help="print one project, and what the two say")
    parser.add_argument(
        "--causes", type=int, default=30, help="how many causes to show the smallest project of"
    )
    parser.add_argument("--compose", choices=GENERATIONS, default="5", help="the generation to ask")
    options = parser.parse_args()
    if not binary(options.compose):
        sys.exit(missing(options.compose))
    if options.show is not None:
        drawn = example(options.seed, options.show)
        print(drawn.shown(), *_compared(options.compose, drawn), sep="\n")
        return 0
    start = time.monotonic()
    counts, found, keys = Counter[str](), list[tuple[int, Disagreement]](), set[str]()
    size = 100
    with ProcessPoolExecutor(2) as pool:
        starts = range(0, options.examples, size)
        parts = [
            pool.submit(run, options.compose, options.seed, n, min(n + size, options.examples))
            for n in starts
        ]
        for part in parts:
            result = part.result()
            counts += result.counts
            found += result.found
            keys |= result.keys
        seconds = time.monotonic() - start
        causes: dict[tuple[str, str], list[tuple[int, Disagreement]]] = {}
        for number, disagreement in found:
            causes.setdefault(disagreement[:2], []).append((number, disagreement))
        ranked = sorted(causes.values(), key=len, reverse=True)
        shrunk = [
            pool.submit(_smallest, options.compose, options.seed, cause[0][0], cause[0][1])
            for cause in ranked[: options.causes]
        ]
        for cause, small in zip(ranked, shrunk, strict=False):
            number, disagreement = cause[0]
            print(f"\n=== {len(cause)} times: {disagreement.kind}: {disagreement.cause} (number {number})")
            print(small.result(), flush=True)
    for cause in ranked[options.causes :]:
        print(f"\n=== {len(cause)} times: {cause[0][1].kind}: {cause[0][1].cause} (number {cause[0][0]})")
    _sum_up(options, counts, keys, seconds, len(ranked))
    return bool(found)


def _smallest(generation: str, seed: int, number: int, disagreement: Disagreement) -> str:
    def same(candidate: Project) -> Disagreement | None:
        found = _compared(generation, candidate)[0]
        return found if found is not None and found[:2] == disagreement[:2] else None

    small = smallest(example(seed, number), same)
    found: Any = same(small) or disagreement
    return f"{small.shown()}\n{found.text}"


def _sum_up(
    options: argparse.Namespace, counts: Counter[str], keys: set[str], seconds: float, causes: int
) -> None:
    every = schema_keys()
    unlike = ("we take it", "we refuse it", "other model", "other error", "traceback")
    print(f"\n{options.examples} projects (seed {options.seed}) in {seconds:.0f} s")
    print(f"  docker compose              {GENERATIONS[options.compose].version}")
    print(f"  docker compose takes        {counts['valid']}, refuses {counts['invalid']}")
    print(f"  keys of the schema written  {len(keys & every)} of {len(every)}")
    for kind in unlike:
        print(f"  {kind:27} {counts[kind]}")
    print(f"  known disagreements         {counts['known']}")
    agreed = options.examples - sum(counts[kind] for kind in unlike) - counts["known"]
    print(f"  agreed                      {agreed} ({100 * agreed / options.examples:.2f} %)")
    print(f"  causes left                 {causes}")


if __name__ == "__main__":
    sys.exit(main())
