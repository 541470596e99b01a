from itertools import pairwise

import pytest

from composecheck.cli import main
from composecheck.text.redact import is_secret, secret_ranges
from composecheck.text.secrets import Secrets


@pytest.mark.parametrize(
    "key",
    [
        "POSTGRES_PASSWORD",
        "password",
        "dbPassword",
        "DB_PASS",
        "api_key",
        "APIKEY",
        "AUTH_TOKEN",
        "SECRET_KEY_BASE",
        "x.secret",
    ],
)
def test_key_is_secret(key):
    assert is_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        "POSTGRES_USER",
        "PASSWORD_FILE",
        "SECRET_NAME",
        "TOKEN_URL",
        "TOKEN_TTL",
        "bypass",
        "compass",
        "monkey",
        "KEYCLOAK",
    ],
)
def test_key_is_not_secret(key):
    assert not is_secret(key)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  POSTGRES_PASSWORD: hunter2  # why", "  POSTGRES_PASSWORD: ***  # why"),
        ("  PASSWORD: correct horse", "  PASSWORD: ***"),
        ("  PASSWORD: 'it is'  # x", "  PASSWORD: '***'  # x"),
        ("  - DB_PASS=abc def", "  - DB_PASS=***"),
        ('  - "DB_PASS=abc def"  # x', '  - "DB_PASS=***"  # x'),
        ("{A_TOKEN: x, b: y}", "{A_TOKEN: ***, b: y}"),
        ("url: postgres://me:pw@db/x", "url: postgres://me:***@db/x"),
        ("url: postgres://me:p@w@db/x?a=b@c", "url: postgres://me:***@db/x?a=b@c"),
        ("url: redis://:p@a:1,redis://:q@b:1", "url: redis://:***@a:1,redis://:***@b:1"),
        ('command: ["--password", "foo", "--x"]', 'command: ["--password", "***", "--x"]'),
        ("command: api --token=abc --port 80", "command: api --token=*** --port 80"),
        ("TOKEN: ${TOKEN}", "TOKEN: ${TOKEN}"),
        ("secrets: [db_password]", "secrets: [db_password]"),
        ("secret: &a foo", "secret: &a ***"),
        ("PASSWORD: *a", "PASSWORD: *a"),
        ("PASSWORD:", "PASSWORD:"),
        ("image: postgres:16", "image: postgres:16"),
        ("PASSWORD_HASH=$2y$10$abcdefg", "PASSWORD_HASH=***"),
        ("password: $apr1$salt$abc", "password: ***"),
        ("password: $NAME", "password: $NAME"),
    ],
)
def test_line_shows_no_secret(line, shown):
    for first, last in sorted(secret_ranges(line), reverse=True):
        line = f"{line[:first]}***{line[last:]}"
    assert line == shown


def test_known_values_are_masked_wherever_they_are():
    assert (
        Secrets(None, ["hunter2", "hunter22"]).mask("tried hunter22, then hunter2") == "tried ***, then ***"
    )
    assert Secrets().mask("redis://:pw@cache, http://a:8080/x@y") == "redis://:***@cache, http://a:8080/x@y"


def test_ranges_do_not_overlap():
    line = "PASSWORD=postgres://me:hunter2@db"
    ranges = Secrets(None, ["hunter2", "me"]).ranges(line)
    assert all(one[1] < two[0] for one, two in pairwise(ranges))


@pytest.mark.parametrize("value", ["${A_PASSWORD:?set it}", "${A_PASSWORD}", "${A}${B?}"])
@pytest.mark.parametrize("form", ["PASSWORD: %s", 'PASSWORD: "%s"', '- "PASSWORD=%s"', "--password=%s"])
def test_variable_alone_is_no_secret(form, value):
    assert not secret_ranges(form % value)


def test_default_and_what_stands_beside_a_variable_are(tmp_path):
    assert secret_ranges('PASSWORD: "${A:-hunter22}"')
    assert secret_ranges('PASSWORD: "x${A}"')


def test_required_variable_is_shown_and_its_sample_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line = 'services: {a: {image: x, environment: {PASSWORD: "${A_PASSWORD:?set it}"}}}'
    (tmp_path / "compose.yml").write_text(line)
    (tmp_path / ".env.example").write_text("A_PASSWORD=\n")
    main(["check"])
    out = capsys.readouterr().out
    assert line in out
    assert "copy '.env.example' to '.env'" in out
    (tmp_path / ".env.example").write_text("OTHER=\n")
    main(["check"])
    assert ".env.example" not in capsys.readouterr().out
