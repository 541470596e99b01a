"""What only orders the start, or gets along by what it is; and beside each what races."""

import pytest

from composecheck.lint import check


@pytest.fixture
def said(tmp_path):
    """Return the severities of a rule's findings on services, with a Dockerfile where one is given."""

    def find(services, dockerfile=None, rule="unguarded-dependency", **files):
        if dockerfile is not None:
            (tmp_path / "Dockerfile").write_text(dockerfile)
        for name, text in files.items():
            (tmp_path / f"{name}.sh").write_text(text)
        (tmp_path / "compose.yml").write_text(services)
        report = check(tmp_path / "compose.yml", environment={})
        return [d.severity for d in report.diagnostics if d.rule == rule]

    return find


def of(body, target="image: 'postgres:16'", name="db", more=""):
    return f"services:\n  a: {{{body}, depends_on: [{name}]}}\n  {name}: {{{target}}}\n{more}"


NAMED = "environment: {DATABASE_URL: 'postgres://db/x'}"


@pytest.mark.parametrize(
    ("dockerfile", "found"),
    [
        ("FROM golang:1.22\nCOPY . /src\n", []),
        ("FROM python:3.12-slim\nRUN pip install x\n", []),
        ('FROM nixos/nix\nENTRYPOINT ["nix-shell"]\n', []),
        ('FROM team/base:1\nENTRYPOINT ["/bin/zsh", "-l"]\n', []),
        ('FROM debian:12\nCMD ["ipython"]\n', []),
        ('FROM python:3.12\nCMD ["python", "app.py"]\n', ["warning"]),
        ("FROM team/base:1\n", ["warning"]),
        ('FROM team/base:1\nCMD ["bash"]\n', ["warning"]),
        ('FROM golang:1.22\nENTRYPOINT ["spark-shell", "--master=db:1"]\n', ["warning"]),
        ("FROM node:18-onbuild\n", ["warning"]),
        ('FROM debian:12\nCMD ["sh", "-c", "run"]\n', ["warning"]),
    ],
)
def test_a_prompt_connects_to_nothing(said, dockerfile, found):
    assert said(of(f"build: ., {NAMED}"), dockerfile) == found


@pytest.mark.parametrize(
    ("body", "target", "found"),
    [
        ("command: /usr/bin/loki -config.file=/x.yml", "image: 'minio/minio'", []),
        ("command: [sh, -c, 'sleep 3 && exec loki -config.file=x']", "image: 'minio/minio'", []),
        ("command: [sh, -c, 'exec ./dlv exec ./loki --listen=:1 -- -x']", "image: 'consul:1.15'", []),
        ("command: telegraf --config x", "image: 'influxdb:2.7'", []),
        ("command: celery -A app worker", "image: 'redis:7'", []),
        ("command: filebeat -e", "image: 'elasticsearch:8.15.0'", []),
        ("command: nginx -g x", "image: 'redis:7'", ["note"]),
        # The program comes first and goes, is only named, or knows nothing of such a dependency.
        ("command: [sh, -c, 'loki --version; ./serve']", "image: 'minio/minio'", ["warning"]),
        ("command: ./serve loki", "image: 'minio/minio'", ["warning"]),
        ("command: celery -A app worker", "image: 'postgres:16'", ["warning"]),
        ("command: airflow webserver", "image: 'postgres:16'", ["warning"]),
    ],
)
def test_a_program_tells_what_an_image_is(said, body, target, found):
    assert said(of(f"image: 'team/x:1', environment: {{DB_HOST: db}}, {body}", target)) == found


def test_a_script_tells_what_it_starts(said):
    body = "image: 'team/x:1', command: /start.sh, volumes: ['./start.sh:/start.sh'], environment: {D: db}"
    assert said(of(body, "image: 'redis:7'"), start="#!/bin/sh\nset -e\nexec fluent-bit -c /x\n") == []
    assert said(of(body, "image: 'redis:7'"), start="#!/bin/sh\nfluent-bit -h\nexec ./app\n") == ["warning"]


def test_the_folders_that_are_mounted_tell_what_an_image_seems_to_be(said):
    body = "image: 'team/x:1', volumes: ['./x:/usr/share/{}/pipeline'], environment: {{ES_HOST: db}}"
    es = "image: 'elasticsearch:8.15.0'"
    assert said(of(body.format("logstash"), es)) == ["note"]
    assert said(of(body.format("app"), es)) == ["warning"]
    assert said(of(body.format("logstash"))) == ["warning"]


@pytest.mark.parametrize("image", ["${IMAGE}", "${A}:${B}", "${A}/${B}"])
def test_of_an_image_that_is_not_set_nothing_is_known(said, image):
    assert "warning" not in said(of(f"image: '{image}', {NAMED}"))
    assert said(of(f"image: 'app{image}', {NAMED}")) == ["warning"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("image: a", ["warning"]),
        ("image: a, ports: ['80']", ["warning"]),
        ("image: a, environment: {X: y}", ["note"]),
        ("image: a, volumes: ['data:/data']", ["note"]),
        ("image: a, command: run", ["note"]),
        (f"image: a, {NAMED}", ["warning"]),
    ],
)
def test_what_nothing_names_is_sure_for_a_bare_service_only(said, body, found):
    assert said(of(body, more="volumes: {data: {}}\n")) == found


BASE = "build: {dockerfile_inline: 'FROM alpine:3.20'}, image: 'team/base:1', networks: [n]"
NETWORK = "networks: {n: {}}\n"


@pytest.mark.parametrize(
    ("build", "dockerfile"),
    [
        ("build: .", 'FROM team/base:1\nCMD ["x"]\n'),
        ("build: {context: ., args: {BASE: 'team/base:1'}}", 'ARG BASE\nFROM $BASE\nCMD ["x"]\n'),
        ("build: {context: ., additional_contexts: {b: 'service:base'}}", 'FROM b\nCMD ["x"]\n'),
    ],
)
def test_an_order_of_builds_is_neither_a_race_nor_unreachable(said, build, dockerfile):
    for rule in ("unguarded-dependency", "no-shared-network"):
        assert said(of(build, BASE, "base", NETWORK), dockerfile, rule) == []
        named = said(of(f"{build}, environment: {{DB_HOST: base}}", BASE, "base", NETWORK), dockerfile, rule)
        assert named != []


def test_what_is_only_built_for_others_orders_their_builds(said):
    more = "  b: {build: {context: ., args: {BASE: 'team/base:1'}}}\n" + NETWORK
    dockerfile = 'FROM alpine:3.20\nCMD ["x"]\n'
    assert said(of("build: .", BASE, "base", more), dockerfile, "no-shared-network") == []
    runs = BASE + ", ports: ['80']"
    assert said(of("build: .", runs, "base", more), dockerfile, "no-shared-network") != []
    assert said(of("build: .", BASE, "base", NETWORK), dockerfile, "no-shared-network") != []


MIGRATE = "image: 'team/x:1', environment: {{DB: 'pg://db', CACHE: 'redis://c'}}, command: {}"


def migrating(command, cache="image: 'redis:7'"):
    return (
        f"services:\n  a: {{{MIGRATE.format(command)}, depends_on: [db, c]}}\n"
        f"  db: {{image: 'postgres:16'}}\n  c: {{{cache}}}\n"
    )


def test_a_job_that_waits_for_its_database_may_not_use_the_cache(said):
    wait = "until nc -z db 5432; do sleep 1; done; "
    assert said(migrating(f"\"sh -c '{wait}./manage migrate'\"")) == ["note"]
    assert said(migrating(f"\"sh -c '{wait}./manage serve'\"")) == ["warning"]
    assert said(migrating("./manage migrate")) == ["warning", "warning"]
    assert said(migrating(f"\"sh -c '{wait}./manage migrate'\"", "image: 'mysql:8'")) == ["warning"]


@pytest.mark.parametrize(
    ("image", "other", "more", "found"),
    [
        ("selenium/router:4", "selenium/queue:4", "", ["note"]),
        ("ghcr.io/maker/a:1", "ghcr.io/maker/b:1", "", ["note"]),
        ("acme/a:1", "other/b:1", "", ["warning"]),
        ("acme/a:1", "acme/a:1", "", ["warning"]),
        ("acme/a:1", "acme/postgres:1", "", ["warning"]),
        ("registry.example/maker/a:1", "registry.example/maker/b:1", "", ["warning"]),
        ("maker/a:1", "maker/b:1", "  own: {build: ., image: 'maker/own:1'}\n", ["warning"]),
    ],
)
def test_parts_of_one_product_look_for_each_other(said, image, other, more, found):
    body = f"image: '{image}', command: run --to peer:5555"
    assert said(of(body, f"image: '{other}'", "peer", more), "FROM x\n") == found


def test_through_one_that_the_command_waits_for(said):
    text = """services:
  a:
    image: team/x:1
    command: sh -c 'until curl -s http://b:80; do sleep 1; done; run db:5432'
    depends_on: [b, db]
  b:
    image: team/b:1
    command: sh -c 'until nc -z {} 5432; do sleep 1; done; serve'
    depends_on: [db]
  db: {{image: 'postgres:16'}}
"""
    assert said(text.format("db")) == []
    assert "warning" in said(text.format("other"))


@pytest.mark.parametrize(
    ("environment", "waits"),
    [
        ("MYSQL_DATABASE: a", True),
        ("MYSQL_USER: a, MYSQL_PASSWORD: a", True),
        ("PEER: a", False),
        ("MYSQL_DATABASE: a, PEER: a", False),
    ],
)
def test_a_database_called_like_its_dependent_does_not_wait_for_it(tmp_path, environment, waits):
    db = f"image: 'mysql:8', environment: {{MYSQL_ROOT_PASSWORD: x, {environment}}}"
    (tmp_path / "compose.yml").write_text(of("image: 'team/x:1', environment: {DB_HOST: db}", db))
    report = check(tmp_path / "compose.yml", environment={})
    (remedy,) = [d.remedy for d in report.diagnostics if d.rule == "unguarded-dependency"]
    assert ("service_healthy" in remedy) is waits


@pytest.mark.parametrize(
    ("body", "target", "found"),
    [
        ("image: 'nacos/nacos-server:v2.2.3', environment: {MODE: standalone}", "mysql:8", []),
        (
            "image: 'nacos/nacos-server:v2.2.3', "
            "environment: {MODE: standalone, SPRING_DATASOURCE_PLATFORM: mysql, MYSQL_SERVICE_HOST: db}",
            "mysql:8",
            ["warning"],
        ),
        ("build: ., command: mlflow server --backend-store-uri postgresql://db/x", "postgres:16", []),
        ("build: ., command: mlflow-export postgresql://db/x", "postgres:16", ["warning"]),
    ],
)
def test_what_is_known_of_a_family(said, body, target, found):
    assert said(of(body, f"image: '{target}'"), "FROM python:3.12\n") == found
