"""Cost grows in proportion to the file: steps are counted, since time depends on the machine."""

from __future__ import annotations

import random

import pytest

from composecheck.lint import check

from .steps import steps_of

SMALL, LARGE = 100, 400
DOCKERFILE = (
    "FROM a:1\nWORKDIR /app\nRUN npm ci\nRUN apt-get update && apt-get install -y curl\n"
    "HEALTHCHECK CMD true\n"
)
HEALTHY = "healthcheck: {test: [CMD, 'true']}"


def services(size, dependencies):
    """Return a Compose file of services that wait for the health of those that are given for each."""
    lines = ["services:"]
    for n in range(size):
        waits = ", ".join(f"s{other}: {{condition: service_healthy}}" for other in dependencies(n, size))
        lines.append(f"  s{n}: {{image: a:1, {HEALTHY}, depends_on: {{{waits}}}, ports: ['{n + 1}:80']}}")
    return "\n".join(lines)


def entries(line, size, more=""):
    """Return one service with a key's entries, and what these need."""
    return f"services:\n  a:\n    image: a:1\n    {line(size)}\n{more}"


def three(n, _):
    return random.Random(n).sample(range(n), min(n, 3))  # noqa: S311 - the same ones every time


def flow(name, one):
    return lambda size: f"{name}: [{', '.join(one(n) for n in range(size))}]"


SHAPES = {
    "flat": lambda size: services(size, lambda *_: ()),
    "chain": lambda size: services(size, lambda n, _: [n - 1][: n > 0]),
    "ladder two wide": lambda size: services(size, lambda n, _: range(max(n // 2 * 2 - 2, 0), n // 2 * 2)),
    "three random dependencies": lambda size: services(size, three),
    "one circle": lambda size: services(size, lambda n, size: [(n + 1) % size]),
    "circles of two": lambda size: services(size, lambda n, _: [n ^ 1]),
    "unguarded": lambda size: services(size, lambda n, _: [n - 1][: n > 0]).replace(HEALTHY, "x-a: 1"),
    "unguarded and named": lambda size: (
        "services:\n  s0: {image: a:1}\n"
        + "".join(
            f"  s{n}: {{image: a:1, depends_on: [s{n - 1}], environment: {{URL: 'http://s{n - 1}:80'}}}}\n"
            for n in range(1, size)
        )
    ),
    "unknown keys": lambda size: services(size, lambda *_: ()).replace("image:", "kez: 1, image:"),
    "one port of many": lambda size: services(size, lambda *_: ()).replace("ports:", "ports: ['1:1'], x-p:"),
    "merged in": lambda size: (
        "x-a: &a {image: a, kez: 1}\nservices:\n" + "".join(f"  s{n}: {{<<: *a}}\n" for n in range(size))
    ),
    "comments": lambda size: "services: {a: {image: a}}\n" + "# composecheck: ignore[unknown-key] x\n" * size,
    "number signs": lambda size: (
        entries(flow("x-a", "'#{}'".format), size).rstrip("\n") + " # composecheck: ignore[unknown-key] x"
    ),
    "links": lambda size: entries(
        flow("links", "s{}".format), size, "".join(f"  s{n}: {{image: a}}\n" for n in range(size))
    ),
    "mounts": lambda size: entries(flow("volumes", "./s{0}:/s{0}".format), size),
    "one mount": lambda size: entries(flow("volumes", "./s{}:/s".format), size),
    "store": lambda size: entries(
        lambda size: (
            f"{flow('volumes', './s{0}:/s{0}/x'.format)(size)}\n    "
            + flow("environment", "A{0}=/s{0}/x/y".format)(size)
        ),
        size,
    ).replace("a:1", "postgres:16"),
    "stores": lambda size: (
        "services:\n"
        + "".join(f"  s{n}: {{image: 'mysql:8.4', volumes: ['v:/var/lib/mysql']}}\n" for n in range(size))
        + "volumes: {v: {name: one}}"
    ).replace("v:", "vv:"),
    "nested mounts": lambda size: entries(flow("volumes", lambda n: f"v{n}:/a/b{n}, w{n}:/a/b{n}/c"), size),
    "unused volumes": lambda size: entries(
        flow("volumes", "volume-{0}:/s{0}".format),
        size,
        flow("volumes", "volumf-{0}: ".format)(size).replace("[", "{").replace("]", "}"),
    ),
    "jobs": lambda size: (
        "services:\n"
        + "".join(f"  s{n}: {{image: a, command: alembic upgrade head}}\n" for n in range(size))
        + "  t: {image: a}\n"
    ),
    "budgets": lambda size: services(size, lambda n, _: [n - 1][: n > 0]).replace("a:1", "mysql:8.4"),
    "aliases": lambda size: (
        "services:\n"
        + "".join(f"  s{n}: {{image: a{n}, networks: {{default: {{aliases: [q]}}}}}}\n" for n in range(size))
    ),
    "ranges of ports": lambda size: entries(
        flow("ports", lambda n: f"'{n + 1}:{n + 1}', '1-60000:{n + 1}'"), size
    ),
    "hosted": lambda size: (
        "services:\n"
        + "".join(
            f"  s{n}: {{image: redis:7, network_mode: host}}\n  p{n}: {{image: a, ports: ['6379:{n + 1}']}}\n"
            for n in range(size)
        )
    ),
    "subnets": lambda size: (
        f"services:\n  a: {{image: a, networks: [{', '.join(f'n{n}' for n in range(size))}, default]}}\n"
        "networks:\n"
        + "".join(
            f"  n{n}: {{ipam: {{config: [{{subnet: 172.{18 + n % 8}.{n // 8}.0/24}}]}}}}\n"
            for n in range(size)
        )
    ),
    "networks by profile": lambda size: (
        "services:\n"
        + "".join(
            f"  s{n}: {{image: a, networks: [n{n}], profiles: [p{n}]}}\n"
            f"  t{n}: {{image: a, networks: [m{n}]}}\n"
            for n in range(size)
        )
        + "networks:\n"
        + "".join(
            f"  {key}{n}: {{ipam: {{config: [{{subnet: 10.{first}.{n % 200}.0/24}}]}}}}\n"
            for n in range(size)
            for key, first in (("n", 1 + n // 200), ("m", 100 + n // 200))
        )
    ),
    "ports": lambda size: entries(flow("ports", lambda n: f"'{n + 1}:80'"), size),
    "hosts": lambda size: (
        "services:\n"
        + "".join(
            f"  s{n}: {{image: 'redis:7', ports: ['{n + 1}:80'], depends_on: [s{max(n - 1, 0)}], environment:"
            f" {{A: 'redis://s{n // 2}:6379', B: 'http://s{n + 1}:{n + 1}', C: 'http://x{n}', D: 'tcp://localhost:1'}}}}\n"
            for n in range(size)
        )
    ),
    "waits in turn": lambda size: (
        "services:\n"
        + "".join(f"  s{n}: {{image: a:1}}\n" for n in range(size))
        + f"  all:\n    image: a:1\n    depends_on: [{', '.join(f's{n}' for n in range(size))}]\n"
        + "    command:\n      - sh\n      - -c\n      - |\n"
        + "".join(f"        until nc -z s{n} 80; do sleep 1; done\n" for n in range(size))
        + "        exec app\n"
    ),
    "builds": lambda size: services(size, three).replace("image: a:1", "build: .").replace(HEALTHY, "x-a: 1"),
    "cut commands": lambda size: (
        "services:\n" + "".join(f"  s{n}: {{image: a, command: migrate && serve {n}}}\n" for n in range(size))
    ),
    "words of a command": lambda size: entries(flow("command", "'&&', a{}".format), size),
    "databases": lambda size: (
        "services:\n"
        + "".join(
            f"  s{n}: {{image: 'postgres:16', environment: {{POSTGRES_DATABASE: d{n}, POSTGRES_DB: e{n}}}}}\n"
            f"  c{n}: {{image: c, environment: {{URL: 'postgres://u:${{P:-a@b}}@s{n}:1/d{n}',"
            " X: /run/secrets/x}}\n"
            for n in range(size)
        )
    ),
    "brokers": lambda size: (
        "services:\n"
        + "".join(
            f"  s{n}: {{image: 'apache/kafka:3', environment: {{KAFKA_ADVERTISED_LISTENERS: 'A://localhost:1'}}}}\n"
            f"  c{n}: {{image: c, environment: {{URL: 's{n}:1', PORT: '{n + 100}'}}, ports: ['{n + 1}:1']}}\n"
            for n in range(size)
        )
    ),
    "quoted values": lambda size: (
        "services:\n"
        + "".join(f'  s{n}:\n    image: a\n    environment:\n      - A{n}="{n}"\n' for n in range(size))
    ),
    "users": lambda size: (
        "services:\n"
        + "".join(
            f"  s{n}: {{image: 'node:22', user: node, volumes: ['vol{n}:/app']}}\n" for n in range(size)
        )
        + "volumes:\n"
        + "".join(f"  vol{n}:\n" for n in range(size))
    ),
    "packages": lambda size: (
        "services:\n" + "".join(f"  s{n}: {{build: ., volumes: ['.:/app']}}\n" for n in range(size))
    ),
    "variables": lambda size: entries(flow("environment", "A{0}=${{B{0}}}".format), size),
}


def steps(path):
    """Return how many lines of Python a check runs through, and how many findings it has."""
    count, report = steps_of(lambda: check(path))
    return count, len(report.diagnostics)


HEAVY = {"unused volumes"}
# These compile a regular expression for each service, which is ten thousand lines of Python.
EXPRESSIVE = {"waits in turn"}


@pytest.mark.slow_but_every(2)
@pytest.mark.parametrize(
    "shape", [pytest.param(shape, marks=[pytest.mark.slow] * (shape in HEAVY)) for shape in SHAPES]
)
def test_steps_grow_with_the_file_and_no_faster(tmp_path, shape):
    path = tmp_path / "compose.yml"
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    path.write_text(SHAPES[shape](SMALL))
    check(path)  # compiles the schema and imports what this shape needs
    few, _ = steps(path)
    path.write_text(SHAPES[shape](LARGE))
    if shape in EXPRESSIVE:
        check(path)
    many, _ = steps(path)
    assert many < few * LARGE / SMALL * 1.15


PROGRAM = {
    "Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["python", "app.py"]\n',
    "requirements.txt": "flask\npsycopg2\n",
    "app.py": "import psycopg2\n\ndef connect():\n    return psycopg2.connect(dsn)\n\nconnect()\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("folder", [".", "./s{n}"], ids=["one program", "a program each"])
def test_programs_are_read_in_proportion(tmp_path, folder):
    counts = []
    for size in (SMALL, LARGE):
        lines = ["services:", "  db: {image: 'postgres:16', volumes: ['/d:/var/lib/postgresql/data']}"]
        for n in range(size):
            build = folder.format(n=n)
            lines.append(f"  s{n}: {{build: {build}, environment: {{DB: db}}, depends_on: [db]}}")
            (tmp_path / build).mkdir(exist_ok=True)
            for name, text in PROGRAM.items():
                (tmp_path / build / name).write_text(text)
        path = tmp_path / "compose.yml"
        path.write_text("\n".join(lines))
        check(path)
        counts.append(steps(path))
    assert counts[1][0] < counts[0][0] * LARGE / SMALL * 1.15
    assert counts[1][1] > LARGE


GUARDED = SHAPES["three random dependencies"]
LIKE = {
    "guarded": (GUARDED, DOCKERFILE),
    "unguarded": (
        lambda size: GUARDED(size).replace(HEALTHY, "x-a: 1").replace("service_healthy", "service_started"),
        DOCKERFILE.replace("HEALTHCHECK CMD true\n", ""),
    ),
}


@pytest.mark.slow_after(2)
@pytest.mark.parametrize("size", [160, LARGE])
@pytest.mark.parametrize("command", ["", 'CMD ["x"]\n'], ids=["no command", "command"])
@pytest.mark.parametrize("shape", LIKE)
def test_build_costs_next_to_nothing_more_than_an_image(tmp_path, shape, command, size):
    """Both find the same number of things to say."""
    text, dockerfile = LIKE[shape]
    path = tmp_path / "compose.yml"
    (tmp_path / "Dockerfile").write_text(dockerfile + command)
    counts = []
    for each in (text(size), text(size).replace("image: a:1", "build: .")):
        path.write_text(each)
        check(path)
        counts.append(steps(path))
    (image, told), (build, told_of_build) = counts
    assert told == told_of_build > size
    assert build < image * 1.1
