"""Fuzz the loader and the rules: `python tests/fuzz/run.py --documents 1000000`.

Two processes, each with a hash seed of its own, share the documents; both examine every
twentieth one, and must find the same in it to the byte. Where the package atheris is installed,
`--guided SECONDS` lets it look for ways through the parser that no document has taken yet.
Exit code 1 where anything broke, with the smallest document for each fault.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.fuzz.documents import Case, case, seeds  # noqa: E402 - the checkout comes first
from tests.fuzz.examination import examined, prepare  # noqa: E402

WORKERS = 2
# One in so many is examined by every worker.
SHARED = 20
_GENERATIONS = ("5", "2.40")


def main() -> int:
    """Run the workers, or be one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", type=int, default=0, metavar="SECONDS", help="atheris, for so long")
    parser.add_argument("--show", type=int, metavar="NUMBER", help="print the document of a number")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.show is not None:
        return show(options.seed, options.show)
    if options.worker is not None:
        work(options.seed, options.documents, options.worker)
        return 0
    return supervise(options)


def numbered(seed: int, number: int, texts: list[str]) -> Case:
    """Return the document of a number, always the same."""
    return case(Random(f"{seed}/{number}"), texts)  # noqa: S311 - no secret


def show(seed: int, number: int) -> int:
    """Print a document's files and what is found in it."""
    found = numbered(seed, number, seeds())
    for name, data in found.files.items():
        print(f"--- {name}\n{data.decode('utf-8', 'backslashreplace')}")
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        prepare(Path(folder))
        answer = examined(found, Path(folder), compose=_generation(number))
    print(answer.findings, answer.broken, sep="\n--- broken\n")
    return bool(answer.broken)


def work(seed: int, documents: int, worker: int) -> None:
    """Examine this worker's documents; prints a line of JSON for each fault, and one at the end."""
    texts, digests = seeds(), {}
    kinds: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    slowest = (0.0, 0)
    with tempfile.TemporaryDirectory(dir=_memory()) as name:
        folder = Path(name) / "project"
        folder.mkdir()
        os.chdir(folder)  # so that paths are shown alike by every worker
        prepare(folder)
        for number in range(documents):
            if number % WORKERS != worker and number % SHARED:
                continue
            found = numbered(seed, number, texts)
            answer = examined(found, folder, compose=_generation(number))
            kinds[found.kind] += 1
            outcomes[_outcome(answer.findings, answer.broken)] += 1
            slowest = max(slowest, (answer.seconds, number))
            if number % SHARED == 0:
                digests[number] = _digest(answer.findings, folder)
            if answer.broken:
                print(json.dumps({"number": number, "kind": found.kind, "broken": answer.broken}), flush=True)
            if number % 1000 in (0, 1):
                print(json.dumps({"done": sum(kinds.values())}), flush=True)
    end = {"kinds": kinds, "outcomes": outcomes, "slowest": slowest, "digests": digests}
    print(json.dumps(end), flush=True)


def _generation(number: int) -> str:
    return _GENERATIONS[number % 2 if number % SHARED else number // SHARED % 2]


def _digest(findings: str, folder: Path) -> str:
    # A message may hold an absolute path, or the beginning of one where it is cut.
    text = re.sub(f"{re.escape(str(folder.parent.parent))}/[^/ '\"]*", "", findings)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _outcome(findings: str, broken: str) -> str:
    if broken:
        return "broken"
    if findings.startswith("usage: "):
        return "refused as usage"
    return "with errors" if " error " in findings else "without errors"


def supervise(options: argparse.Namespace) -> int:
    """Start the workers, show how far they are, and sum up."""
    start, cpu = time.monotonic(), os.times()
    command = [sys.executable, __file__, "--seed", str(options.seed), "--documents", str(options.documents)]
    logs = [tempfile.TemporaryFile("w+") for _ in range(WORKERS)]  # noqa: SIM115 - read when they end
    processes = [
        subprocess.Popen(
            [*command, "--worker", str(worker)],
            stdout=logs[worker],
            env={**os.environ, "PYTHONHASHSEED": str(options.seed * WORKERS + worker + 1)},
            preexec_fn=_nicely,  # noqa: PLW1509 - there are no threads
        )
        for worker in range(WORKERS)
    ]
    for process in processes:
        process.wait()
    lines = [list(map(json.loads, _read(log))) for log in logs]
    faults = [line for lines_ in lines for line in lines_ if "number" in line]
    ends = [lines_[-1] for lines_ in lines if lines_ and "digests" in lines_[-1]]
    for worker, process in enumerate(processes):
        if process.returncode or len(ends) < WORKERS:
            faults.append(
                {"number": -1, "kind": "worker", "broken": f"{worker} ended with {process.returncode}"}
            )
    if len(ends) == WORKERS:
        first, *others = (end["digests"] for end in ends)
        faults += [
            {"number": int(number), "kind": "", "broken": "two processes find different things"}
            for number, digest in first.items()
            if any(other[number] != digest for other in others)
        ]
    seconds = time.monotonic() - start
    _sum_up(options, ends, faults, seconds, _spent(cpu))
    broken = _guided(options.guided, options.seed) if options.guided else 0
    return int(bool(faults) or broken != 0)


def _read(log) -> list[str]:
    log.seek(0)
    return log.read().splitlines()


def _spent(before: os.times_result) -> float:
    now = os.times()
    return now.children_user + now.children_system - before.children_user - before.children_system


def _sum_up(options: argparse.Namespace, ends: list, faults: list, seconds: float, cpu: float) -> None:
    kinds, outcomes = Counter(), Counter()
    for end in ends:
        kinds.update(end["kinds"])
        outcomes.update(end["outcomes"])
    examinations = sum(kinds.values())
    each = 1000 * cpu / max(examinations, 1)
    print(f"{options.documents} documents (seed {options.seed})")
    print(f"{examinations} examinations by {WORKERS} processes")
    print(f"{seconds:.0f} s, {cpu:.0f} s of processors, {each:.2f} ms each")
    print("kinds     ", ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print("outcomes  ", ", ".join(f"{kind} {count}" for kind, count in outcomes.most_common()))
    for end in ends:
        print(f"slowest    {end['slowest'][0]:.2f} s, number {end['slowest'][1]}")
    print(f"broken     {len(faults)}")
    for cause, numbers in _causes(faults).items():
        print(f"\n{len(numbers)} times, first --seed {options.seed} --show {min(numbers)}:\n  {cause}")


def _causes(faults: list) -> dict[str, list[int]]:
    causes: dict[str, list[int]] = {}
    for fault in faults:
        cause = fault["broken"].split("; ")[0]
        key = (
            "\n  ".join([cause.split(":")[0][:60], *cause.splitlines()[-3:]])
            if "\n" in cause
            else cause[:100]
        )
        causes.setdefault(key, []).append(fault["number"])
    return dict(sorted(causes.items(), key=lambda item: -len(item[1]))[:40])


def _guided(seconds: int, seed: int) -> int:
    """Run atheris in as many processes; returns 1 where one of them found a fault."""
    if find_spec("atheris") is None:
        print("\natheris is not installed: nothing was guided (pip install 'composecheck[fuzz]')")
        return 0
    command = [sys.executable, str(Path(__file__).with_name("guided.py")), str(seconds)]
    with tempfile.TemporaryFile("w+") as log:
        processes = [
            subprocess.Popen(
                [*command, str(seed * WORKERS + n + 1)],
                stdout=log,
                stderr=log,
                preexec_fn=_nicely,  # noqa: PLW1509 - there are no threads
            )
            for n in range(WORKERS)
        ]
        codes = [process.wait() for process in processes]
        log.seek(0)
        lines = [
            line
            for line in log.read().splitlines()
            if not line.startswith(("INFO: Instrumenting", "WARNING"))
        ]
    print(f"\natheris, {seconds} s in {WORKERS} processes:")
    wanted = ("stat::number_of_executed_units", "stat::new_units_added", "stat::slowest")
    print("\n".join(lines[-60:] if any(codes) else [line for line in lines if line.startswith(wanted)]))
    return int(any(codes))


def _nicely() -> None:
    os.nice(19)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no disk for each document


if __name__ == "__main__":
    sys.exit(main())
