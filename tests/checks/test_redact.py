from itertools import pairwise

import pytest

from composecheck.lint import check
from composecheck.text.redact import is_secret, mask, secret_ranges, secrets_of


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
        ('command: ["--password", "foo", "--x"]', 'command: ["--password", "***", "--x"]'),
        ("command: api --token=abc --port 80", "command: api --token=*** --port 80"),
        ("TOKEN: ${TOKEN}", "TOKEN: ${TOKEN}"),
        ("secrets: [db_password]", "secrets: [db_password]"),
        ("secret: &a foo", "secret: &a ***"),
        ("PASSWORD: *a", "PASSWORD: *a"),
        ("PASSWORD:", "PASSWORD:"),
        ("image: postgres:16", "image: postgres:16"),
    ],
)
def test_line_shows_no_secret(line, shown):
    for first, last in reversed(secret_ranges(line)):
        line = f"{line[:first]}***{line[last:]}"
    assert line == shown


def test_known_values_are_masked_wherever_they_are():
    assert mask("tried hunter22, then hunter2", ["hunter2", "hunter22"]) == "tried ***, then ***"
    assert mask("redis://:pw@cache, http://a:8080/x@y") == "redis://:***@cache, http://a:8080/x@y"


def test_ranges_do_not_overlap():
    line = "PASSWORD=postgres://me:hunter2@db"
    ranges = secret_ranges(line, ["hunter2", "me"])
    assert all(one[1] < two[0] for one, two in pairwise(ranges))


def test_password_that_is_a_service_name_hides_nothing(tmp_path):
    text = "services: {gitea: {image: x, environment: {DB_PASSWORD: gitea, API_TOKEN: s3cr3t-t0ken}}}"
    (tmp_path / "compose.yml").write_text(text)
    project = check(tmp_path / "compose.yml", environment={}).project
    assert secrets_of(project) == {"s3cr3t-t0ken"}
