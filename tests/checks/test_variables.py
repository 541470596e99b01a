"""A variable without a value, or without a sense, is one finding, whatever it stands in."""

from __future__ import annotations

import pytest

from composecheck import check

SERVICE = "services:\n  web:\n    image: web:1\n    "


@pytest.fixture
def found(tmp_path):
    """Return what is found in a file, as (rule, severity, line), with notes or without."""

    def find(text, notes=False, **environment):
        file = tmp_path / "compose.yml"
        file.write_text(text)
        return [
            (d.rule, d.severity, d.span.line)
            for d in check(file, environment=environment).diagnostics
            if notes or d.severity != "note"
        ]

    return find


@pytest.fixture
def told(tmp_path):
    """Return the findings of a file."""

    def tell(text, **environment):
        file = tmp_path / "compose.yml"
        file.write_text(text)
        return check(file, environment=environment).diagnostics

    return tell


@pytest.mark.parametrize(
    "body",
    [
        'volumes: ["${X:?}:/data"]',
        "volumes:\n      - '${X:?}:/data'",
        "volumes:\n      - ${X:?}:/data",
        'volumes: ["./${X:?}/conf:/data"]',
        'volumes: [{type: volume, source: "${X:?}", target: /data}]',
        'ports: ["${X:?}:80"]',
        'networks: ["${X:?}"]',
        'depends_on: ["${X:?}"]',
        'env_file: ["${X:?}"]',
        'secrets: ["${X:?}"]',
        'network_mode: "service:${X:?}"',
        'restart: "${X:?}"',
        'container_name: "${X:?}"',
        'build: "./${X:?}"',
        'extra_hosts: ["${X:?}:${X:?}"]',
        'environment: {DB_URL: "postgres://app@${X:?}:5432/app"}',
        'healthcheck: {test: ["CMD", "curl", "-f", "http://${X:?}/"]}',
        'healthcheck: {retries: "${X:?}"}',
        "image: 'web:${X:?}'".replace("image", "platform"),
    ],
)
@pytest.mark.parametrize(
    ("variable", "rule"), [("${X:?}", "required-variable"), ("${X:8}", "invalid-interpolation")]
)
def test_what_a_variable_spoils_is_no_finding_of_its_own(found, body, variable, rule):
    text = SERVICE + body.replace("${X:?}", variable) + "\n"
    assert [(name, severity) for name, severity, _ in found(text, notes=True)] == [(rule, "error")]


def test_what_is_wrong_beside_it_is_told(found):
    text = SERVICE + 'volumes: ["${X:?}:/data", "lost:/lost"]\n    depends_on: [nobody]\n'
    assert [rule for rule, *_ in found(text)] == [
        "required-variable",
        "undefined-volume",
        "undefined-dependency",
    ]


def test_volume_that_a_variable_may_name_is_not_unused(found):
    for variable in ("${X:?}", "${X:8}", "${X}"):
        text = f'{SERVICE}volumes: ["{variable}:/data"]\nvolumes: {{data: {{}}}}\n'
        assert len(found(text, notes=True)) == 1
    text = SERVICE + 'volumes: ["${X}:/data"]\nvolumes: {data: {}}\n'
    assert ("unused-volume", "note", 5) in found(text, True, X="/srv")


def test_network_that_a_variable_may_name_is_not_unused(found):
    for variable in ("${X:?}", "${X}"):
        text = f'{SERVICE}networks: ["{variable}"]\nnetworks: {{front: {{}}}}\n'
        assert len(found(text, notes=True)) == 1


def test_store_whose_mount_a_variable_spoils_is_not_without_one(found):
    text = 'services:\n  db:\n    image: postgres:16\n    volumes: ["${X}:/var/lib/postgresql/data"]\n'
    assert "data-store-without-volume" not in [rule for rule, *_ in found(text, notes=True)]


def test_required_variable_is_told_once_with_all_its_places(told):
    text = SERVICE + "volumes: ['${D:?}/a:/a', '${D:?}/b:/b']\n  api: {image: 'api:${D:?}'}\n"
    (one,) = told(text)
    assert [(other.span.line, other.message) for other in one.related] == [
        (4, "required here too"),
        (5, "required here too"),
    ]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("volumes: ['$X:/data']", "invalid-value"),
        ("volumes: ['${X-}:/data']", "invalid-value"),
        ("volumes: ['${X:+./a}:/data']", "invalid-value"),
        ("ports: ['${X}:${X}/udp']", "invalid-value"),
        ("read_only: ${X}", "invalid-type"),
        ("cpus: ${X}", "invalid-type"),
        ("mem_limit: ${X}", "invalid-value"),
        ("networks: ['${X}']", "undefined-network"),
        ("depends_on: ['${X}']", "undefined-dependency"),
        ("env_file: ${X}", "invalid-env-file"),
    ],
)
def test_error_in_an_empty_value_names_the_variable(told, body, rule):
    (one,) = told(f"{SERVICE}{body}\n")
    assert (one.rule, one.severity) == (rule, "error")
    assert one.message.endswith(", for 'X' is not set")
    assert one.remedy == "set 'X', or give a default: '${X:-...}'"


def test_variable_that_is_set_to_nothing_is_empty(told):
    (one,) = told(SERVICE + "cpus: ${X}\n", X="")
    assert one.message.endswith(", for 'X' is empty")


def test_error_beside_a_variable_that_has_a_value_does_not_name_it(told):
    (one,) = told(SERVICE + "cpus: ${X}\n", X="many")
    assert one.message == "'cpus' of service 'web' must be a number, not the text 'many'"
    (one,) = told(SERVICE + "cpus: ${X:-many}\n")
    assert "X" not in one.message


def test_variable_that_spoils_several_values_is_one_error(told):
    text = SERVICE + "volumes: ['$D:/a', '$D:/b']\n    cpus: $D\n    mem_limit: $E\n"
    one, other = told(text)
    assert (one.span.line, [place.span.line for place in one.related]) == (4, [4, 5])
    assert other.message.endswith("for 'E' is not set")


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  a:\n    image: &image web:${X}\n  b:\n    image: *image\n",
        "x-a: &a\n  image: web:${X}\nservices:\n  a:\n    <<: *a\n  b: *a\n",
        "services:\n  a:\n    image: web:${X}\n  b:\n    extends: a\n",
        "services:\n  a:\n    image: ${Y-}/web:1\n",
        "services:\n  a:\n    image: web:${X:-${Y}}\n",
    ],
)
def test_image_that_lacks_a_variable_is_a_note_however_it_comes_there(told, text):
    images = [d for d in told(text) if d.rule == "invalid-image"]
    assert images
    for one in images:
        assert one.severity == "note"
        assert "is not set" in one.message
        assert one.remedy.startswith("set '")


def test_image_that_is_wrong_through_an_alias_is_an_error(told):
    text = "services:\n  a:\n    image: &image Web:1\n  b:\n    image: *image\n"
    assert [(d.severity, d.span.line) for d in told(text) if d.rule == "invalid-image"] == [
        ("error", 3),
        ("error", 5),
    ]


def test_variable_is_seen_through_an_alias(told):
    text = (
        "x-pw: &pw ${PW}\nx-port: &port '${PORT}:80'\nservices:\n  db:\n    image: postgres:16\n"
        "    environment: {POSTGRES_PASSWORD: *pw}\n    ports: [*port]\n"
    )
    rules = {(d.rule, d.span.line) for d in told(text, PW="given-here")}
    assert ("random-host-port", 7) in rules
    assert "literal-secret" not in {rule for rule, _ in rules}
    literal = text.replace("${PW}", "written-here")
    assert ("literal-secret", 6) in {(d.rule, d.span.line) for d in told(literal)}


def test_value_that_a_sample_of_the_env_file_gives_is_to_be_set_there(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text("services:\n  a: {image: 'x:1', ports: ['${PORT}:${INNER}']}\n")
    (tmp_path / ".env.example").write_text("PORT=80\nINNER=81\n")
    (found,) = [d for d in check(file, environment={}).diagnostics if d.severity == "error"]
    assert found.remedy == (
        "set 'PORT' and 'INNER': copy '.env.example' to '.env', and give them their values there; "
        "or give a default: '${PORT:-...}'"
    )
    (tmp_path / ".env.example").write_text("PORT=80\n")
    (found,) = [d for d in check(file, environment={}).diagnostics if d.severity == "error"]
    assert found.remedy == "set 'PORT' and 'INNER', or give a default: '${PORT:-...}'"
