from itertools import pairwise

import pytest

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
