"""What the rules on volumes, images and secrets find, and what looks like it and is none."""

import json

import pytest

from composecheck.knowledge import Knowledge
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.settings import Settings

STORE = {
    "images": ["acme/store"],
    "kind": "database",
    "data": ["/srv/store/data"],
    "volumes": ["/srv/store/data"],
    "writes": ["/run/store"],
    "required": [["STORE_PASSWORD", "STORE_PASSWORD_FILE"]],
    "secrets": ["STORE_PASSWORD"],
    "sources": [],
}
SETTINGS = Settings(images={"acme-store": STORE})


@pytest.fixture
def found(tmp_path):
    """Returns the (severity, line) of what a rule finds in a file; `beside` are other files."""

    def find(rule, text, beside=(), **options):
        (tmp_path / "compose.yml").write_text(text)
        for path in beside:
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x")
        report = examine(Options(folder=tmp_path, environment={}, **options), SETTINGS)
        return [(d.severity, d.span.line) for d in report.diagnostics if d.rule == rule]

    return find


def service(body, image="acme/store:1", top="volumes: {data: , more: }"):
    """Return a file with one service and volumes; its body begins in line 4."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"services:\n  db:\n    image: {image}\n{lines}{top}\n"


@pytest.mark.parametrize(
    "volume",
    ["data:/srv/store", "data:/srv", "data:/srv/store/data/db", "data:/var/lib/store", "data:/srv/else/data"],
)
def test_volume_beside_the_data_directory_is_an_error(found, volume):
    assert found("data-directory-missed", service(f"volumes: [{volume}]")) == [("error", 4)]


@pytest.mark.parametrize(
    "body",
    [
        "volumes: ['data:/srv/store/data']",
        "volumes: ['data:/srv/store/data', 'more:/srv/store']",
        "volumes: ['data:/backup']",
        "volumes: ['./init:/docker-entrypoint-initdb.d']",
        "volumes: ['data:/elsewhere/data']\ncommand: --datadir=/elsewhere/data",
        "volumes: ['data:/srv/store']\nenvironment: {STORE_DIR: /srv/store/mine}",
        "volumes: ['data:/srv/store']\nvolumes_from: ['container:other']",
        "tmpfs: ['/srv/store/data']",
        "volumes: ['./store.conf:/srv/store/data/store.conf']",
    ],
)
def test_data_directory_is_not_missed(found, body):
    assert found("data-directory-missed", service(body)) == []


def test_image_without_a_version_is_a_warning(found):
    text = service("volumes: ['data:/srv/store']", image="acme/store")
    assert found("data-directory-missed", text) == [("warning", 4)]


@pytest.mark.parametrize(
    ("tag", "target", "missed"),
    [
        ("16", "/var/lib/postgresql/data", False),
        ("16-alpine", "/var/lib/postgresql/data", False),
        ("16", "/var/lib/postgresql", True),
        ("18", "/var/lib/postgresql", False),
        ("18.1-alpine", "/var/lib/postgresql/data", True),
        ("18", "/var/lib/postgresql/18/docker", False),
    ],
)
def test_postgres_keeps_its_data_where_its_version_says(found, tag, target, missed):
    text = service(f"volumes: ['data:{target}']", image=f"postgres:{tag}")
    assert bool(found("data-directory-missed", text)) == missed


@pytest.fixture
def remedy(tmp_path):
    """Return what mends a mount that misses a data directory, and whether that has a fix."""

    def find(image, target, source="data"):
        text = service(f"volumes: ['{source}:{target}']", image=image)
        (tmp_path / "compose.yml").write_text(text)
        report = examine(Options(folder=tmp_path, environment={}), SETTINGS)
        found = next(d for d in report.diagnostics if d.rule == "data-directory-missed")
        return found.message, found.remedy, found.fix is not None and found.fix() is not None

    return find


@pytest.mark.parametrize(
    ("image", "older", "fixed"),
    [
        ("postgres:18", "postgres:17", True),
        ("postgres:18.1-alpine", "postgres:17-alpine", True),
        ("pgvector/pgvector:pg18", "pgvector/pgvector:pg17", True),
        ("postgres", "postgres:17", False),
        ("postgres:alpine", "postgres:17", False),
    ],
)
def test_version_that_can_read_what_is_there_comes_first(remedy, image, older, fixed):
    message, words, has_fix = remedy(image, "/var/lib/postgresql/data")
    assert "it does not start" in message
    assert words.index(f"('{older}')") < words.index("'/var/lib/postgresql'")
    assert has_fix == fixed


def test_moving_a_mount_moves_no_data(remedy, tmp_path):
    message, words, has_fix = remedy("postgres:16", "/var/lib/postgresql")
    assert "an anonymous volume, which the next 'down' leaves behind" in message
    assert words.startswith("mount it, emptied, at '/var/lib/postgresql/data'; what has been written so far")
    assert has_fix
    assert remedy("redis:7", "/var/lib/redis")[1].startswith("mount it at '/data'; ")
    assert "lost with the container" in remedy("n8nio/n8n:1", "/data")[0]
    (tmp_path / "old").mkdir()
    (tmp_path / "old/base").write_text("x")
    assert not remedy("postgres:16", "/var/lib/postgresql", source="./old")[2]


@pytest.mark.parametrize("target", ["/var/lib/cassandra", "/var/lib/cassandra/data"])
def test_cassandra_keeps_its_tables_in_a_folder_of_its_volume(found, target):
    text = service(f"volumes: ['data:{target}']", image="cassandra:4.1")
    assert found("data-directory-missed", text) == found("data-store-without-volume", text) == []


def test_pgdata_moves_the_data(found):
    text = "volumes: ['data:/pg']\nenvironment: {PGDATA: /pg/data}"
    assert found("data-directory-missed", service(text, image="postgres:16")) == []
    below = "volumes: ['data:/var/lib/postgresql/data']\nenvironment: {PGDATA: /var/lib/postgresql/data/pg}"
    assert found("data-directory-missed", service(below, image="postgres:16")) == []


def test_store_without_a_volume_is_a_note(found):
    assert found("data-store-without-volume", service("init: true")) == [("note", 3)]


@pytest.mark.parametrize(
    "body",
    ["volumes: ['data:/srv/store/data']", "tmpfs: /srv/store/data", "volumes: ['/srv/store/data']"],
)
def test_store_with_something_mounted_is_none(found, body):
    assert found("data-store-without-volume", service(body)) == []


TWO = """\
services:
  a:
    image: acme/store:1
    volumes: ['{a}']
  b:
    image: {image}
    {more}
    volumes: ['{b}']
volumes: {{data: , other: }}
"""


def two(a, b, image="acme/store:1", more="init: true"):
    return TWO.format(a=a, b=b, image=image, more=more)


def test_two_stores_on_one_volume_are_an_error(found):
    text = two("data:/srv/store/data", "data:/srv/store/data")
    assert found("shared-data-volume", text) == [("error", 8)]


@pytest.mark.parametrize(
    "text",
    [
        two("data:/srv/store/data", "other:/srv/store/data"),
        two("data:/srv/store/data", "data:/srv/store/data:ro"),
        two("data:/srv/store/data", "data:/backup"),
        two("data:/srv/store/data", "data:/srv/store/data", image="acme/backup:1"),
        two("data:/srv/store/data", "data:/srv/store/data", more="profiles: [x]").replace(
            "  a:\n", "  a:\n    profiles: [y]\n"
        ),
        two("data:/srv/store/data", "data:/srv/store/data", more="scale: 0"),
    ],
)
def test_volume_of_one_store_is_not_shared(found, text):
    assert found("shared-data-volume", text) == []


def test_volumes_of_one_name_are_one(found):
    text = two("data:/srv/store/data", "other:/srv/store/data")
    text = text.replace("{data: , other: }", "{data: {name: x}, other: {name: x}}")
    assert found("shared-data-volume", text) == [("error", 8)]


def test_read_only_store_needs_places_to_write(found):
    body = "read_only: true\nvolumes: ['data:/srv/store/data']"
    assert found("read-only-write-path", service(body)) == [("error", 4)]
    assert found("read-only-write-path", service(f"{body}\ntmpfs: /run")) == []
    assert found("read-only-write-path", service(f"{body}\nentrypoint: [x]")) == []


@pytest.mark.parametrize("places", ["/run, /var/cache/nginx", "/var/run, /var/cache", "/var"])
def test_places_to_write_may_be_reached_by_a_link(found, places):
    text = service(f"read_only: true\ntmpfs: [{places}]", image="nginx:1.27")
    expected = [] if places != "/var" else [("error", 4)]
    assert found("read-only-write-path", text) == expected


def test_data_mounted_read_only_is_an_error(found):
    assert found("read-only-write-path", service("volumes: ['data:/srv/store/data:ro']")) == [("error", 4)]
    assert found("read-only-write-path", service("volumes: ['data:/backup:ro']")) == []


def test_missing_file_is_a_warning_and_missing_folder_a_note(found):
    text = service("volumes: ['./my.cnf:/etc/my.cnf', './logs:/var/log/db', './conf.d:/etc/conf.d']")
    assert found("missing-bind-source", text) == [("warning", 4), ("note", 4), ("note", 4)]
    assert found("missing-bind-source", text, ["my.cnf", "logs/x", "conf.d/x"]) == []


def test_source_that_may_not_be_made_is_an_error(found):
    long = "volumes:\n  - type: bind\n    source: ./x\n    target: /x\n    bind: {create_host_path: false}"
    assert found("missing-bind-source", service(long)) == [("error", 6)]


def test_sources_outside_of_the_project_are_not_looked_for(found):
    assert found("missing-bind-source", service("volumes: ['/nowhere/my.cnf:/etc/my.cnf']")) == []


def test_mount_in_a_read_only_one_needs_a_place(found):
    text = service("volumes: ['./app:/app:ro', 'data:/app/data']")
    assert found("nested-mount", text, ["app/x"]) == [("error", 4)]
    assert found("nested-mount", text, ["app/data/x"]) == []


@pytest.mark.parametrize(
    "volumes",
    [
        "'./app:/app', '/app/node_modules'",
        "'./app:/app', 'data:/app/node_modules'",
        "'data:/data', 'more:/database'",
        "'data:/data', './my.conf:/data/my.conf'",
    ],
)
def test_nested_mounts_that_work_are_none(found, volumes):
    assert found("nested-mount", service(f"volumes: [{volumes}]"), ["app/x", "my.conf"]) == []


def test_folder_in_place_of_an_unused_volume(found):
    assert found("path-for-volume", service("volumes: ['./data:/srv/store/data']")) == [("warning", 4)]
    assert found("path-for-volume", service("volumes: ['./data:/x']")) == [("note", 4)]
    both = "volumes: ['./data:/x', 'data:/y']"
    assert found("path-for-volume", service(both)) == []
    assert found("path-for-volume", service("volumes: ['./data:/srv/store/data']"), ["data/x"]) == []


def test_folders_in_place_of_several_volumes_are_meant(found):
    moved = service("volumes: ['./data:/srv/store/data', './more:/more']")
    assert found("path-for-volume", moved) == [("note", 4), ("note", 4)]
    # One that exists is meant as well.
    assert found("path-for-volume", moved, ["more/x"]) == [("note", 4)]
    other = service("volumes: ['./data:/srv/store/data', './conf:/conf', 'more:/more']")
    assert found("path-for-volume", other) == [("warning", 4)]


def test_volume_that_only_a_profile_mounts_is_used(found):
    text = service("volumes: ['data:/x', 'more:/y']\nprofiles: [p]")
    assert found("unused-volume", text) == []
    assert found("unused-volume", service("volumes: ['data:/x']")) == [("note", 5)]


@pytest.mark.parametrize("target", ["data", "./data", "var/lib/x"])
def test_target_that_is_not_absolute_is_an_error(found, target):
    assert found("relative-mount-target", service(f"volumes: ['data:{target}']")) == [("error", 4)]


@pytest.mark.parametrize(
    ("one", "other", "severities"),
    [
        ("DATA_PLACE_HOLDER", "__MORE__", ["note"]),
        ("DATA_PLACE_HOLDER", "more", ["note", "error"]),
        ("place", "holder", ["error", "error"]),
    ],
)
def test_placeholders_for_targets_are_one_note_in_a_file(found, one, other, severities):
    text = service(f"volumes: ['data:{one}', '/more:{other}']")
    assert [severity for severity, _ in found("relative-mount-target", text)] == severities


def test_volume_of_one_letter_is_a_drive(found):
    text = service("volumes: ['v:/data']", top="volumes: {v: }")
    assert found("relative-mount-target", text) == [("error", 4)]
    assert found("relative-mount-target", text.replace("{v: }", "{w: }")) == []


@pytest.mark.parametrize("volume", ["data:/x", "/x", r"data:c:\x", "/a:/b:ro"])
def test_target_that_is_absolute_is_none(found, volume):
    assert found("relative-mount-target", service(f"volumes: ['{volume}']")) == []


@pytest.mark.parametrize(
    ("image", "line"),
    [
        ("acme/store", 3),
        ("acme/store:latest", 3),
        ("redis", 3),
        ("a.example:5000/x", 3),
        ("built-by-hand", None),
        ("redis:7", None),
        ("redis@sha256:" + "0" * 64, None),
    ],
)
def test_image_without_a_tag_is_a_note(found, image, line):
    assert found("untagged-image", service("init: true", image=image)) == ([("note", line)] if line else [])


def test_password_in_plain_text_is_a_note(found, tmp_path):
    assert found("literal-secret", service("environment: {STORE_PASSWORD: x}")) == [("note", 4)]
    assert found("literal-secret", service("environment: ['STORE_PASSWORD=x']")) == [("note", 4)]


@pytest.mark.parametrize(
    "body",
    [
        "environment: {STORE_PASSWORD: '${PASSWORD:-x}'}",
        "environment: {STORE_PASSWORD: }",
        "environment: {STORE_PASSWORD_FILE: /run/secrets/x}",
        "environment: {OTHER_PASSWORD: x}",
        "env_file: x.env",
    ],
)
def test_password_from_elsewhere_is_none(found, tmp_path, body):
    (tmp_path / "x.env").write_text("STORE_PASSWORD=x\n")
    assert found("literal-secret", service(body)) == []


def test_required_variable_that_is_not_set_is_a_warning(found):
    assert found("missing-image-environment", service("init: true")) == [("warning", 3)]
    assert found("missing-image-environment", service("environment: [STORE_PASSWORD_FILE=/x]")) == []


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("privileged: true\nports: ['80:80']", 4),
        ("ports: ['80:80']\npid: host", 5),
        ("privileged: true\nports: ['127.0.0.1:80:80']", None),
        ("privileged: true\nports: ['[::1]:80:80']", None),
        ("privileged: true\nports: ['[::1:2]:80:80']", 4),
        ("privileged: true", None),
        ("privileged: false\nports: ['80:80']", None),
    ],
)
def test_privileged_service_with_ports_is_a_note(found, body, line):
    assert found("privileged-with-ports", service(body)) == ([("note", line)] if line else [])


def test_families_of_a_configuration_are_known_by_their_names():
    family = Knowledge(json.loads(json.dumps({"acme-store": STORE}))).family("acme/store:1")
    assert family is not None
    assert family.name == "acme-store"


@pytest.mark.parametrize(
    ("image", "known"),
    [
        ("registry.example/mirror/postgres:16", True),
        ("harbor.example/hub/library/mongo:7", True),
        ("ghcr.io/team/postgres", True),
        ("team/registry:2", False),
        ("team/node:22", False),
        ("team/app:1", False),
    ],
)
def test_a_store_is_known_by_the_last_part_of_its_name(found, image, known):
    told = found("data-store-without-volume", service("init: true", image))
    assert told == ([("note", 3)] if known else [])


def test_a_store_that_is_built_from_one_is_one(found, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM postgres:16\n")
    text = "services:\n  db:\n    build: .\n"
    assert found("data-store-without-volume", text) == [("note", 3)]
    (tmp_path / "Dockerfile").write_text("FROM postgres:16\nCMD pg_dump -h other app\n")
    assert found("data-store-without-volume", text) == []


@pytest.mark.parametrize(
    ("other", "severity"),
    [
        ("entrypoint: [sh, -c, 'chown -R 1000:1000 /srv/store/data']", None),
        ("command: store-cli --import /dump", "error"),
        ("hostname: other", "error"),
    ],
)
def test_job_that_prepares_a_folder_keeps_no_data_there(found, other, severity):
    text = (
        "services:\n  db: {image: 'acme/store:1', volumes: ['data:/srv/store/data']}\n"
        f"  init:\n    image: acme/store:1\n    volumes: ['data:/srv/store/data']\n    {other}\n"
        "volumes: {data: {}}\n"
    )
    assert [each for each, _ in found("shared-data-volume", text)] == ([severity] if severity else [])
