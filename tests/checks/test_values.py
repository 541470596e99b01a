"""Values that reach a program otherwise than they were meant: hashes, quotes, URLs, names of variables."""

import pytest

from composecheck.lint import examine
from composecheck.loading.options import Options


@pytest.fixture
def found(tmp_path):
    """Returns the (severity, file, line) of what a rule finds in files."""

    def find(rule, text, files=None, **environment):
        for name, content in (files or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        (tmp_path / "compose.yml").write_text(text)
        report = examine(Options(folder=tmp_path, environment=environment))
        return [
            (d.severity, d.span.source.shown.rpartition("/")[2], d.span.line)
            for d in report.diagnostics
            if d.rule == rule
        ]

    return find


def service(body, image="x:1", more=""):
    """Return a file with one service, whose body begins in line 4."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"services:\n  a:\n    image: {image}\n{lines}{more}"


# Hashes of no password.
BCRYPT = "$2y$10$QzGhCeq0lnBYuDrfLgAXTuDpq1aQ4IZ0PMDEXAMPLEEXAMPLE"
APR1 = "$apr1$TeStSaLt$abcdefghijklmnopqrstu1"
SHA512 = "$6$rounds=5000$salty$abcdefghijklmnopqrstuvwxyzabcdef"
ARGON2 = "$argon2id$v=19$m=65540,t=3,p=4$c2FsdHNhbHQ$aGFzaA"


@pytest.mark.parametrize(
    "value", [BCRYPT, APR1, SHA512, ARGON2, f"ann:{BCRYPT}", BCRYPT.replace("$2y$10", "$$2y$$10")]
)
def test_hash_in_a_file_loses_its_parts(found, value):
    text = service(f"environment:\n  A: '{value}'\nlabels:\n  - 'auth=ann:{value}'")
    assert found("interpolated-secret", text) == [
        ("warning", "compose.yml", 5),
        ("warning", "compose.yml", 7),
    ]
    assert found("unset-variable", text) == []


@pytest.mark.parametrize("line", ['H="{}"', "H={}", "export H={}", 'H="ann:{}"'])
@pytest.mark.parametrize("name", [".env", "own.env"])
def test_hash_in_an_env_file_loses_its_parts(found, line, name):
    files = {name: f"A=1\n{line.format(BCRYPT)}\n"}
    text = service("env_file: own.env" if name == "own.env" else "environment: {H: $H}")
    assert found("interpolated-secret", text, files) == [("warning", name, 2)]


@pytest.mark.parametrize(
    ("body", "files", "file", "line"),
    [
        ("environment: {DB_PASSWORD: 'pa$word1'}", {}, "compose.yml", 4),
        ("environment:\n  - API_TOKEN=x!$y", {}, "compose.yml", 5),
        ("environment: {A: $PASSWORD}", {".env": "A=1\nPASSWORD=pa$word1\n"}, ".env", 2),
        ("env_file: own.env", {"own.env": 'SECRET_KEY="a-$b&c"\n'}, "own.env", 1),
    ],
)
def test_password_loses_a_part(found, body, files, file, line):
    assert found("interpolated-secret", service(body), files) == [("warning", file, line)]


@pytest.mark.parametrize(
    "body",
    [
        "environment: {DB_PASSWORD: 'pa$$word1'}",
        "environment: {DB_PASSWORD: '$word1'}",
        "environment: {DB_PASSWORD: 'app-$STAGE'}",
        "environment: {DB_PASSWORD: 'app-${stage}'}",
        "environment: {TITLE: 'a$b'}",
        "environment: {PASSWORD: x, TITLE: 'a$b'}",
        "environment: {PASSWORD_FILE: /run/$name}",
    ],
)
def test_variable_is_one_or_the_value_no_password(found, body):
    assert found("interpolated-secret", service(body)) == []


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (service(f"environment: {{A: '{BCRYPT.replace('$', '$$')}'}}"), {}),
        (service("environment: {A: $H}"), {".env": f"H='{BCRYPT}'\n"}),
        (service("env_file: [{path: own.env, format: raw}]"), {"own.env": f"H={BCRYPT}\n"}),
        (service("env_file: own.env"), {"own.env": 'H="' + BCRYPT.replace("$", "\\$") + '"\n'}),
        (service("environment: {A: 'a$1$2b$NAME'}"), {}),
        (service("environment: {A: 'rewrite ^ /$1$is_args$args'}"), {}),
        (service("environment: {A: '$2 for $THREE'}"), {}),
        (service("environment: {A: '$2y$10$7', B: $UNSET}"), {}),
        (service("environment: {A: '$2a$10$1234567890123456789012 $UNSET'}"), {}),
    ],
)
def test_text_is_no_hash_or_loses_nothing(found, text, files):
    assert found("interpolated-secret", text, files) == []


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ('PORT="8080"', "warning"),
        ("DEBUG='true'", "warning"),
        ('URL="http://b:1"', "warning"),
        ('MARIADB_USER="shop"', "warning"),
        ('B_PASSWORD="hush"', "warning"),
        ('TITLE="My shop"', "note"),
    ],
)
def test_quotes_behind_the_name_are_a_part_of_the_value(found, line, severity):
    text = service(
        f"environment:\n  - A=1\n  - {line}",
        "mariadb:11.4",
        "  b:\n    image: y:1\n    environment: {P: hush}\n",
    )
    assert found("quoted-variable", text) == [(severity, "compose.yml", 6)]


@pytest.mark.parametrize(
    "body",
    [
        "environment:\n  - 'A=\"8080\"'",
        'environment:\n  - "A=8080"',
        "environment: {A: '\"8080\"'}",
        'environment: {A: "8080"}',
        'environment:\n  - A=["a"]',
        'environment:\n  - A="a" "b"',
        'environment:\n  - A="',
        'environment:\n  - A=say "8"',
        'command: [A="8"]',
    ],
)
def test_quotes_are_meant_or_off(found, body):
    assert found("quoted-variable", service(body)) == []


def test_values_with_quotes_of_one_service_are_one_finding(found):
    text = service('environment:\n  - A="1"\n  - B="2"\n  - C="3"')
    assert found("quoted-variable", text) == [("warning", "compose.yml", 5)]


URL = "environment: {{URL: 'postgres://app:{}@db/app'}}"


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ("p@ss", "warning"),
        ("a/b", "warning"),
        ("a#b", "warning"),
        ("a?b", "warning"),
        ("5%z", "warning"),
        ("a:b", "note"),
    ],
)
@pytest.mark.parametrize("variable", ["$PW", "${PW}", "${PW:-x}"])
def test_password_that_a_url_cannot_hold(found, value, severity, variable):
    assert found("unencoded-credentials", service(URL.format(variable)), PW=value) == [
        (severity, "compose.yml", 4)
    ]


@pytest.mark.parametrize(
    "body",
    [
        "environment: {URL: 'postgres://app:${PW:-p@ss}@db/app'}",
        "environment: {URL: 'postgres://${PW:-a@b}:x@db/app'}",
        "environment: ['URL=amqp://app:${PW:-p/ss}@db']",
        "command: run --url redis://:${PW:-a#b}@db",
        "environment: {URL: 'postgres://app:p@ss@db:5432/app'}",
        "environment: ['URL=amqp://app:p@@db']",
    ],
)
def test_default_that_a_url_cannot_hold(found, body):
    assert found("unencoded-credentials", service(body)) == [("warning", "compose.yml", 4)]


@pytest.mark.parametrize(
    "body",
    [
        "environment: {URL: 'postgres://app:${PW:-p%40ss}@db/app'}",
        "environment: {URL: 'postgres://app:${PW:-p-s_s.~!}@db/app'}",
        "environment: {URL: 'postgres://app:${UNSET}@db/app'}",
        "environment: {URL: 'postgres://app:x@db/${PATH_OF:-a/b}'}",
        "environment: {URL: 'http://${HOST:-h}/?mail=${M:-a@b}'}",
        "environment: {URL: '${URL:-postgres://app:p@db/app}'}",
        "environment: {URL: 'postgres://app:$$PW@db/app', PW: p@ss}",
        "environment: {PW: '${PW:-p@ss}', URL: 'postgres://db/app'}",
        "environment: {URL: 'postgres://app:p@db/app?mail=a@b'}",
        "environment: {URL: 'redis://:p@a:1,redis://:p@b:1'}",
        "environment: {URL: 'mongodb://u:p@a:1,u:p@b:1/x'}",
        "environment: {MAIL: '${M:-a@b}', SITE: 'https://x'}",
    ],
)
def test_url_holds_what_it_is_given(found, body):
    assert found("unencoded-credentials", service(body)) == []


@pytest.mark.parametrize(
    ("image", "environment", "line"),
    [
        ("postgres:16", "POSTGRES_DATABASE: shop", 5),
        ("postgres:16", "POSTGRES_USERNAME: app", 5),
        ("postgres:16", "POSTGRES_PASS: x", 5),
        ("postgres:16", "POSTGRES_PASWORD: x", 5),
        ("mysql:8.4", "MYSQL_DB: shop", 5),
        ("mariadb:11.4", "MARIADB_USERNAME: app", 5),
        ("mongo:7", "MONGO_INITDB_ROOT_USER: app", 5),
        ("mongo:7", "MONGO_INITDB_DB: app", 5),
        ("rabbitmq:3", "RABBITMQ_DEFAULT_PASSWORD: x", 5),
        ("rabbitmq:3-management", "RABBITMQ_DEFAULT_USERNAME: x", 5),
    ],
)
def test_variable_by_a_name_that_the_image_does_not_read(found, image, environment, line):
    text = service(f"environment:\n  {environment}", image)
    assert found("misnamed-image-variable", text) == [("warning", "compose.yml", line)]


@pytest.mark.parametrize(
    ("image", "body"),
    [
        ("postgres:16", "environment: {POSTGRES_DB: shop, POSTGRES_DATABASE: shop}"),
        ("postgres:16", "environment: {POSTGRES_USER: app, POSTGRES_DATABASE: app}"),
        ("postgres:16", "environment: {POSTGRES_PASSWORD_FILE: /x, POSTGRES_PASS: x}"),
        ("postgres:16", "environment: {POSTGRES_HOST: db, POSTGRES_PORT: 5432, POSTGRES_MAX_CONNECTIONS: 1}"),
        ("postgres:16", "environment: {POSTGRES_DATABASE: shop}\ncommand: sh -c 'echo $$POSTGRES_DATABASE'"),
        (
            "postgres:16",
            "environment: {POSTGRES_DATABASE: x}\nhealthcheck: {test: 'pg_isready -d $$POSTGRES_DATABASE'}",
        ),
        ("mariadb:11.4", "environment: {MYSQL_DATABASE: shop, MARIADB_DB: shop}"),
        ("example/app:1", "environment: {POSTGRES_DATABASE: shop}"),
        ("adminer:4", "environment: {MYSQL_DB: shop}"),
        ("postgres:16", "env_file: own.env"),
    ],
)
def test_variable_is_read_or_does_no_harm(found, image, body):
    files = {"own.env": "POSTGRES_DATABASE=shop\n"}
    assert found("misnamed-image-variable", service(body, image), files) == []


def test_variable_that_a_mounted_script_may_read_is_a_note(found):
    body = "environment: {POSTGRES_DATABASE: shop}\nvolumes: ['./i:/docker-entrypoint-initdb.d']"
    assert found("misnamed-image-variable", service(body, "postgres:16")) == [("note", "compose.yml", 4)]


SECRETS = "secrets: {db-password: {environment: P}, other: {environment: P}}\n"


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("secrets: [db-password]\nenvironment: {P_FILE: /run/secrets/db_password}", "warning"),
        ("environment: {P_FILE: /run/secrets/other}", "warning"),
        ("secrets: [{source: other, target: pw}]\nenvironment: {P: /run/secrets/other}", "warning"),
        ("environment: {P: /run/secrets/other}", "note"),
        ("secrets: [other]\nenvironment: {P_FILE: /run/secret/other}", "warning"),
        ("environment: {P_FILE: /var/run/secrets/other}", "warning"),
        ("secrets: [other]\ncommand: sh -c 'cat /run/secrets/db-password'", "note"),
    ],
)
def test_path_of_a_secret_that_the_service_lacks(found, body, severity):
    (finding,) = found("missing-secret-path", service(body, more=SECRETS))
    assert finding[0] == severity


@pytest.mark.parametrize(
    "body",
    [
        "secrets: [db-password]\nenvironment: {P_FILE: /run/secrets/db-password}",
        "secrets: [{source: other, target: pw}]\nenvironment: {P_FILE: /run/secrets/pw}",
        "secrets: [{source: other, target: /run/secrets/a/b}]\nenvironment: {P_FILE: /run/secrets/a/b}",
        "secrets: [other]\nenvironment: {P_FILE: /var/run/secrets/other}",
        "volumes: ['./s:/run/secrets']\nenvironment: {P_FILE: /run/secrets/x}",
        "volumes: ['./s:/run/secrets/x:ro']\nenvironment: {P_FILE: /run/secrets/x}",
        "environment: {DIR: /run/secrets}",
        "environment: {DIR: /run/secrets/}",
        "secrets: [other]\ncommand: sh -c 'cat /run/secrets/other.'",
        "volumes: ['./s:/run']\ncommand: sh -c 'cat /run/secrets/x'",
    ],
)
def test_path_of_a_secret_that_is_there(found, body):
    assert found("missing-secret-path", service(body, more=SECRETS)) == []


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("environment: {PORT: 9999}\nports: ['80:9200']", 4),
        ("environment: {APP_PORT: '9999'}\nports: ['9999:80', '81:81']", 4),
        ("environment: {PORT: 3006}\nhealthcheck: {test: [CMD, curl, 'http://127.0.0.1:3000/']}", 5),
        ("command: uvicorn app:app --host 0.0.0.0 --port 9000\nports: ['8000:8000']", 4),
        ("command: [gunicorn, -b, '0.0.0.0:9000', app]\nports: ['8000:8000']", 4),
        ("command: python manage.py runserver 0.0.0.0:9000\nports: ['8000:8000']", 4),
        ("command: sh -c 'migrate && serve --port=9000'\nports: ['8000:8000']", 4),
        ("environment: {port: 3006}\nhealthcheck: {test: 'nc -z localhost:3000'}", 5),
    ],
)
def test_ports_that_disagree_are_a_note(found, body, line):
    assert found("disagreeing-port", service(body)) == [("note", "compose.yml", line)]


@pytest.mark.parametrize(
    ("body", "image"),
    [
        ("environment: {PORT: 9200}\nports: ['80:9200']", "x:1"),
        ("environment: {PORT: 9200}\nports: ['80:80', '81:9200']", "x:1"),
        ("environment: {PORT: 9200}\nports: ['80:80']\nexpose: [9200]", "x:1"),
        ("environment: {PORT: 9200}", "x:1"),
        ("command: serve --port 8000\nports: ['80:8000']", "x:1"),
        ("command: serve --db-port 5432\nports: ['80:8000']", "x:1"),
        ("command: serve --port 9000 --bind 0.0.0.0:8000\nports: ['80:8000']", "x:1"),
        ("command: serve --redis redis:6379\nports: ['80:8000']", "x:1"),
        ("environment: {PORT: 9}\ncommand: serve --port 8000\nports: ['80:8000']", "x:1"),
        ("environment: {DB_PORT: 5432}\nports: ['80:80']", "x:1"),
        ("environment: {PORT: 9200, HTTP_PORT: 80}\nports: ['80:81']", "x:1"),
        ("environment: {PORT: 9200}\nports: ['80:80']\nnetwork_mode: host", "x:1"),
        ("environment: {PORT: 9200}\nports: ['80:80']", "nginx:1"),
        ("environment: {PORT: '9200/tcp'}\nports: ['80:80']", "x:1"),
        ("environment: {PORT: 3006}\nhealthcheck: {test: [CMD, curl, 'http://localhost:3006/']}", "x:1"),
        ("environment: {PORT: 3006}\nhealthcheck: {test: [CMD, curl, 'http://other:3000/']}", "x:1"),
        (
            "environment: {PORT: 36}\nports: ['1:36', '2:3000']\nhealthcheck: {test: 'curl localhost:3000'}",
            "x:1",
        ),
    ],
)
def test_ports_agree_or_nobody_can_tell(found, body, image):
    assert found("disagreeing-port", service(body, image)) == []
