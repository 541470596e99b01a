"""What an image demands at its first start: how bad it is that it is missing, by what holds the data."""

import pytest

from composecheck import lint, preflight
from composecheck.loading.options import Options

from .engine_yml import snapshot

RULES = ("missing-image-environment", "refused-image-environment")


@pytest.fixture
def found(tmp_path):
    """Return a function that gives the severity and the rule's first word of what images demand."""

    def find(body, rest="", engine=None):
        (tmp_path / "compose.yml").write_text(f"services:\n  db: {{{body}}}\n{rest}")
        options = Options(folder=tmp_path, name="p", environment={})
        seen = snapshot(engine) if engine is not None else None
        live = seen and (lambda facts: preflight.examine(facts, seen, everything=True))
        told = lint.examine(options, live=live).diagnostics
        return [(d.severity, d.rule.partition("-")[0]) for d in told if d.rule in RULES]

    return find


@pytest.mark.parametrize(
    "body",
    [
        "image: 'postgres:16'",
        "image: 'postgres:16', environment: {POSTGRES_USER: a}",
        "image: 'postgres:9.6'",
        "image: 'postgres:11'",
        "image: 'postgres:12.10'",
        "image: 'postgres:16', environment: {POSTGRES_PASSWORD: ''}",
        "image: 'postgres:16', command: [-c, max_connections=9]",
        "image: 'postgres:16', command: postgres -c max_connections=9",
        "image: 'postgres:16', env_file: empty.env",
        "image: 'postgres:16', volumes: ['data:/var/lib/postgresql/data']",
        "image: 'postgres:16', volumes: ['./empty:/var/lib/postgresql/data']",
        "image: 'postgres:16', tmpfs: /var/lib/postgresql/data",
        "image: 'mysql:8.4', environment: {MYSQL_DATABASE: a, MYSQL_USER: b, MYSQL_PASSWORD: c}",
        "image: 'harbor.example/hub/library/mariadb:11'",
        "build: {dockerfile_inline: 'FROM postgres:16'}",
    ],
)
def test_what_ends_for_everybody_is_a_warning(found, body, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.env").write_text("OTHER=1\n")
    assert found(body, "volumes: {data: {}}\n") == [("warning", "missing")]


@pytest.mark.parametrize(
    "body",
    [
        "image: 'postgres:16', volumes: ['shared:/var/lib/postgresql/data']",
        "image: 'postgres:16', volumes: ['./full:/var/lib/postgresql/data']",
        "image: 'registry.example/mirror/postgres:16'",
        "image: 'postgres@sha256:0'",
    ],
)
def test_where_an_earlier_start_or_another_image_is_likely_it_is_a_note(found, body, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "PG_VERSION").write_text("16\n")
    assert found(body, "volumes: {shared: {external: true}}\n") == [("note", "missing")]


@pytest.mark.parametrize(
    "body",
    [
        "image: 'postgres:16', environment: {POSTGRES_PASSWORD: a}",
        "image: 'postgres:16', environment: {POSTGRES_HOST_AUTH_METHOD: trust}",
        "image: 'postgres:16', environment: [POSTGRES_PASSWORD]",
        "image: 'postgres:16', env_file: set.env",
        "image: 'postgres:16', env_file: {path: none.env, required: false}",
        "image: 'postgres:16', entrypoint: /mine.sh",
        "image: 'postgres:11.5-alpine'",
        "image: 'postgres:9.6.3'",
        "image: 'postgres:16', command: pg_dump -h other app",
        "image: 'postgres:16', command: psql -h other -f a.sql",
        "image: 'postgres:16', command: bash -c 'psql -h other'",
        "build: .",
    ],
)
def test_where_it_is_given_or_not_needed_nothing_is_said(found, body, tmp_path):
    (tmp_path / "set.env").write_text("POSTGRES_PASSWORD=a\n")
    (tmp_path / "Dockerfile").write_text("FROM postgres:16\nENV POSTGRES_PASSWORD=a\n")
    assert found(body.replace("env_file: {", "env_file: [{").replace("false}", "false}]")) == []


def test_all_that_is_missing_is_one_finding(tmp_path):
    written = "services: {a: {image: 'nacos/nacos-server:%s', environment: {MODE: standalone%s}}}\n"
    said = []
    for given in (("v3.0.1", ""), ("latest", ", NACOS_AUTH_TOKEN: x"), ("v2.3.2", "")):
        (tmp_path / "compose.yml").write_text(written % given)
        report = lint.examine(Options(folder=tmp_path, environment={}))
        said.append([d.remedy for d in report.diagnostics if d.rule == "missing-image-environment"])
    key, value = "'NACOS_AUTH_IDENTITY_KEY'", "'NACOS_AUTH_IDENTITY_VALUE'"
    assert said == [
        [f"set 'NACOS_AUTH_TOKEN', {key} and {value} in its 'environment'"],
        [f"set {key} and {value} in its 'environment'"],
        [],
    ]


def test_a_variable_left_empty_is_to_be_filled_in(tmp_path):
    written = "services: {db: {image: 'postgres:16', environment: [%s]}}\n"
    remedies = []
    for given in ("POSTGRES_PASSWORD=", "POSTGRES_DB=", "OTHER=x"):
        (tmp_path / "compose.yml").write_text(written % given)
        report = lint.examine(Options(folder=tmp_path, environment={}))
        (found,) = (d for d in report.diagnostics if d.rule == "missing-image-environment")
        remedies.append((found.severity, found.remedy))
    assert remedies == [
        ("warning", "fill in 'POSTGRES_PASSWORD'"),
        ("warning", "set 'POSTGRES_PASSWORD' in its 'environment'"),
        ("warning", "set 'POSTGRES_PASSWORD' in its 'environment'"),
    ]


def test_a_value_that_is_refused_is_told(found):
    body = "image: 'mysql:8.4', environment: {MYSQL_ROOT_PASSWORD: a, MYSQL_USER: %s}"
    assert found(body % "root") == [("warning", "refused")]
    assert found(body % "app") == []


NAMED = "image: 'postgres:16', volumes: ['data:/var/lib/postgresql/data']"
REST = "volumes: {data: {}}\n"


@pytest.mark.parametrize(
    ("body", "engine", "told"),
    [
        (NAMED, "volumes: []", [("error", "missing")]),
        (NAMED, "volumes: [p_data]", []),
        (NAMED, "volumes: [q_data]", [("error", "missing")]),
        ("image: 'postgres:16'", "volumes: []", [("error", "missing")]),
        (
            "image: 'postgres:16'",
            "containers: [{name: p-db-1, project: p, service: db}]",
            [("warning", "missing")],
        ),
        ("image: 'postgres:16', volumes: ['./full:/var/lib/postgresql/data']", "{}", [("note", "missing")]),
        (NAMED, "{}", [("warning", "missing")]),
    ],
)
def test_an_engine_knows_whether_the_first_start_is_over(found, body, engine, told, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "PG_VERSION").write_text("16\n")
    assert found(body, REST, engine) == told


def told(folder, text, **files):
    (folder / "compose.yml").write_text(text)
    for name, content in files.items():
        (folder / f".{name.replace('_', '.')}").write_text(content)
    report = lint.examine(Options(folder=folder, environment={}))
    return [(d.severity, d.message, d.remedy) for d in report.diagnostics if d.rule in RULES]


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({}, "in '.env' or in the shell that starts it"),
        ({"env": "DB_PASSWORD=\n"}, "in '.env' or in the shell that starts it"),
        ({"env": "DB_PASSWORD=\n", "env_example": "DB_PASSWORD=x\n"}, "in '.env', as '.env.example' shows"),
        ({"env_example": "DB_PASSWORD=x\n"}, "in '.env': copy '.env.example' to it"),
    ],
)
@pytest.mark.parametrize(
    ("image", "name"), [("postgres:16", "POSTGRES_PASSWORD"), ("mysql:8.4", "MYSQL_ROOT_PASSWORD")]
)
def test_a_password_that_a_variable_leaves_empty_is_told_with_that_variable(
    files, where, image, name, tmp_path
):
    text = f"services: {{db: {{image: '{image}', environment: ['{name}=${{DB_PASSWORD}}']}}}}\n"
    assert told(tmp_path, text, **files) == [
        (
            "warning",
            f"service 'db' sets '{name}' to the value of 'DB_PASSWORD', which is empty: without one "
            f"'{image}' ends at its first start",
            f"give 'DB_PASSWORD' a value, {where}",
        )
    ]


def test_a_password_that_a_variable_gives_is_not_told(tmp_path):
    text = "services: {db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: '${DB_PASSWORD}'}}}\n"
    assert told(tmp_path, text, env="DB_PASSWORD=x\n") == []
    assert told(tmp_path, text.replace("}'", ":-x}'"), env="DB_PASSWORD=\n") == []
