"""Image families in a configuration: what is wrong with them, and what `composecheck images` shows."""

from __future__ import annotations

import json
import time

import pytest

from composecheck import check
from composecheck.cli import main
from composecheck.knowledge import shipped

STACK = "services:\n  db: {image: a}\n"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Return what a check says of a configuration, as places and messages with their remedies."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yml").write_text(STACK)

    def tell(text, name=".composecheck.yaml"):
        (tmp_path / name).write_text(text)
        report = check(environment={})
        return [
            (f"{d.span.line}:{d.span.column}", f"{d.message}; {d.remedy}" if d.remedy else d.message)
            for d in report.diagnostics
            if d.rule == "invalid-configuration"
        ]

    return tell


A = "images:\n  ours:\n    images: [a]\n"
B = f"{A}    kind: job\n    "


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("images: []", "1:9", "'images' must be a mapping of image families, not a list"),
        ("images:\n  Ours: {images: [a]}", "2:3", "the key 'Ours' in 'images' must be a family's name such"),
        ("images:\n  ours: {kind: job}", "2:3", "'images.ours' lacks the key 'images'; add 'images'"),
        (f"{A}    kind: dtabase", "4:11", "did you mean 'database'?"),
        (f"{A}    knd: job", "4:5", "'images.ours' has the unknown key 'knd'; did you mean 'kind'?"),
        (f"{B}ports: [1, 99999]", "5:16", "'images.ours.ports[1]' must be a port from 1 to 65535"),
        (f"{B}data: /data", "5:11", "must be a list of absolute paths, not the text '/data'; write"),
        (f"{B}data: [data]", "5:12", "must be an absolute path, not the text 'data'"),
        (f"{B}healthcheck: {{interval: 2s}}", "5:5", "lacks the key 'test'"),
        (f"{B}healthcheck: {{test: [CMD, a], interval: 2}}", "5:45", "must be a duration such as '2s'"),
        (f"{B}first_boot: [1, 2, 3]", "5:17", "must be a list of two numbers of seconds"),
        (f"{B}variants: [{{tga: x}}]", "5:17", "has the unknown key 'tga'"),
        ("images:\n  ours: {images: ['a:1'], kind: job}", "2:19", "must be an image's name without its tag"),
        (
            "images:\n  ours: {images: [docker.io/a], kind: job}",
            "2:19",
            "and without 'docker.io/' or 'library/'",
        ),
        ("images:\n  ours: {images: [], kind: job}", "2:18", "must be a list of image names"),
        (A, "2:3", "the image family 'ours' lacks the key 'kind'; add 'kind', or 'like'"),
        (f"{A}    like: ours", "2:3", "the image family 'ours' lacks the key 'kind'"),
        (f"{A}    like: postgrs", "4:11", "no image family 'postgrs' for 'ours' to be like; did you mean"),
        (f"{A}    like: x", "4:11", "'composecheck images' lists them"),
        (
            f"{B}variants: [{{tag: '(1'}}]",
            "5:22",
            "'(1' is not a regular expression: missing ), unterminated",
        ),
        (f"{B}variants: [{{image: '*'}}]", "5:24", "'*' is not a regular expression: nothing to repeat"),
        (f"{B}healthcheck: {{test: [curl, a]}}", "5:26", "starts with 'CMD' or 'CMD-SHELL', not with 'curl'"),
        (f"{B}variants: [{{healthcheck: {{test: [NONE, a]}}}}]", "5:38", "not with 'NONE'"),
        (f"{B}healthcheck: {{test: [CMD-SHELL, a, b]}}", "5:40", "a 'CMD-SHELL' test is one text"),
        (f"{B}dependent: [{{on: [postgres]}}]", "5:17", "lacks the key 'asks'"),
        (f"{B}dependent: [{{asks: wait}}]", "5:24", "did you mean 'waits'?"),
        (f"{B}dependent: [{{asks: waits, for: soon}}]", "5:36", "must be a number from 0, not the text"),
        (f"{B}dependent: [{{asks: waits, on: [postgrs]}}]", "5:36", "no image family 'postgrs' to depend"),
        (f"{B}dependent: [{{asks: waits, when: {{A: '('}}}}]", "5:41", "'(' is not a regular expression"),
    ],
)
def test_what_is_wrong_is_told_in_its_place(told, text, place, message):
    ((at, said),) = told(text)
    assert at == place
    assert message in said


def test_what_is_wrong_in_toml_is_told_in_its_place(told):
    text = "[tool.composecheck.images.ours]\nimages = ['a']\nlike = 'postgrs'\n"
    assert told(text, "pyproject.toml")[0][0] == "3:8"
    text = "[tool.composecheck.images.ours]\nimages = ['a']\nkind = 'job'\nports = [0]\n"
    assert told(text, "pyproject.toml")[0][0] == "4:10"


def test_an_image_of_two_families_is_told(told):
    text = "images:\n  a: {images: [x, y], kind: job}\n  b: {images: [z, y], kind: job}\n"
    assert told(text) == [("3:19", "the image 'y' belongs to 'a' already; remove it from one of them")]


@pytest.mark.parametrize(
    "text",
    [
        "images: {}",
        f"{A}    kind: job\n",
        f"{A}    like: postgres\n",
        "images:\n  postgres: {images: [a], first_boot: [9, 99.5]}\n",
        "images:\n  b: {images: [b], like: a}\n  a: {images: [a], like: c}\n  c: {images: [c], kind: job}\n",
        f"{B}healthcheck: null\n    ends: null\n    variants: [{{tag: '(?i)a|b.*', ends: null}}]\n",
        "images:\n  a: {images: ['localhost:5000/a', quay.io/b/c], kind: job}",
        f"{B}healthcheck: {{test: [CMD-SHELL, a b c]}}",
        f"{B}dependent: [{{on: [broker, kafka, ours], asks: waits, for: 40, variable: T, unit: 0.001, "
        "when: {A: 'x?'}, program: [run], source: 'https://x.example/'}]",
    ],
)
def test_a_right_one_is_taken(told, text):
    assert told(text) == []


def test_the_shipped_families_are_a_right_configuration(told):
    told_of_all = []
    for name, entry in shipped()._entries.items():
        told_of_all += told(json.dumps({"images": {f"our-{name}": {"like": name, **entry}}}))
    assert told_of_all == []


def test_rules_know_what_a_configuration_adds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yml").write_text(
        "services:\n  api: {image: a, depends_on: [db]}\n  db: {image: registry.example/store}\n"
    )
    assert "test:" not in check(environment={}).diagnostics[0].remedy
    (tmp_path / ".composecheck.yaml").write_text(
        "images:\n  store:\n    images: [registry.example/store]\n    kind: database\n"
        "    healthcheck: {test: [CMD, store, ping], interval: 7s}\n"
    )
    remedy = check(environment={}).diagnostics[0].remedy
    assert 'test: ["CMD", "store", "ping"]' in remedy
    assert "interval: 7s" in remedy


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return the exit code of `composecheck images` in a folder without a project, and what it prints."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        code = main(["images", *arguments])
        return code, "".join(capsys.readouterr())

    return command


def test_images_lists_the_families(run):
    code, printed = run()
    lines = printed.splitlines()
    assert code == 0
    assert len(lines) == len(list(shipped().names()))
    assert [line.split()[0] for line in lines] == sorted(shipped().names())
    assert ["postgres", "database", "postgres"] in [line.split() for line in lines]
    assert any(line.startswith("distroless ") and line.endswith(" more") for line in lines)


def test_images_shows_what_is_known_of_one_at_its_tag(run):
    code, printed = run("postgres:16-alpine")
    assert code == 0
    assert printed.startswith(
        "'postgres:16-alpine' is of the family 'postgres'\n\nkind              database\n"
    )
    for line in (
        "data              /var/lib/postgresql/data",
        "lacks             curl, node, python",
        "set one of        POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE or POSTGRES_HOST_AUTH_METHOD",
        'healthcheck       test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"]',
        "                  interval: 2s",
        "brings its own    no",
        "first boot        3s, on a slow machine 30s",
        "                  with a temporary server on the Unix socket meanwhile",
        "ends by itself    no",
        "sources           https://github.com/docker-library/postgres",
    ):
        assert line in printed.splitlines()


def test_images_says_what_an_image_has_not(run):
    assert "none: a CMD-SHELL healthcheck fails" in run("nats")[1]
    assert "on 127.0.0.1 meanwhile" in run("mongo:7")[1]
    code, printed = run("registry.example/thing")
    assert code == 1
    assert printed.startswith("nothing is known of 'registry.example/thing'; ")
    assert run("postgress:16") == (1, "nothing is known of 'postgress:16': did you mean 'postgres'?\n")


def test_images_says_which_program_asks_again(run):
    assert any(line.endswith(", where it runs celery") for line in run("python:3.12-slim")[1].splitlines())


def test_images_shows_how_one_starts_as_a_dependent(run, tmp_path):
    (tmp_path / ".composecheck.yaml").write_text(
        f"{B}dependent:\n      - {{on: [search, broker], asks: waits, for: 40, variable: T, when: {{W: a}}}}"
        "\n      - {asks: demand}\n"
    )
    lines = run("a")[1].splitlines()
    assert (
        "as a dependent    broker, search: waits before it starts, for 40s (set by T), where W is a" in lines
    )
    assert "                  anything: connects on demand" in lines


def test_every_shipped_image_can_be_shown(run):
    for family in shipped().families():
        assert run(family.images[0])[0] == 0


def test_images_knows_the_configuration(run, tmp_path):
    (tmp_path / ".composecheck.yaml").write_text("images:\n  ours: {images: [x/y], like: redis}\n")
    assert run("x/y:7")[1].startswith("'x/y:7' is of the family 'ours'\n\nkind              cache\n")
    assert ["ours", "cache", "x/y"] in [line.split() for line in run()[1].splitlines()]
    assert run("--no-config", "x/y:7")[0] == 1
    (tmp_path / ".composecheck.yaml").write_text("images:\n  ours: {images: [x/y], like: rdis}\n")
    code, printed = run("x/y:7")
    assert code == 2
    assert ".composecheck.yaml:2:31: there is no image family 'rdis'" in printed


def test_the_families_are_read_in_no_time():
    best = 1.0
    for _ in range(20):
        shipped.cache_clear()
        start = time.perf_counter()
        shipped().family("postgres:16")
        best = min(best, time.perf_counter() - start)
    assert best < 0.015  # 0.002 on a machine at rest
