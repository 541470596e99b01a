"""The fix that asks a database by TCP: where it listens, and only where that is known."""

from __future__ import annotations

import pytest

HEAD = "services:\n  api: {image: api, depends_on: {db: {condition: service_healthy}}}\n  db:\n"
PROBES = {"postgres:16": "pg_isready -U shop", "mysql:8.4": "mysqladmin ping -uroot -px"}
LASTING = "start_period: 2m, interval: 2s, retries: 5"
VARIABLES = "POSTGRES_PASSWORD: x, MYSQL_ROOT_PASSWORD: x"


def stack(image, keys="", *, times=LASTING, variables=VARIABLES, test=None):
    """Return a stack with a database that is asked through its socket."""
    probe = test or PROBES[image]
    own = f"    image: {image}\n" if image else "    build: .\n"
    return (
        f"{HEAD}{own}    environment: {{{variables}}}\n"
        f'    healthcheck: {{test: ["CMD-SHELL", "{probe}"], {times}}}\n{keys}'
    )


@pytest.mark.parametrize(
    ("image", "keys", "mended"),
    [
        ("postgres:16", "", "pg_isready -h 127.0.0.1 -U shop"),
        ("mysql:8.4", "", "mysqladmin -h 127.0.0.1 ping -uroot -px"),
        (
            "postgres:16",
            "    command: postgres -c max_connections=200 -N 50\n",
            "pg_isready -h 127.0.0.1 -U shop",
        ),
        ("postgres:16", "    command: postgres -p 5433\n", "pg_isready -h 127.0.0.1 -p 5433 -U shop"),
        ("postgres:16", "    command: postgres -c port=5433\n", "pg_isready -h 127.0.0.1 -p 5433 -U shop"),
        ("postgres:16", "    command: postgres --port=5433\n", "pg_isready -h 127.0.0.1 -p 5433 -U shop"),
        ("mysql:8.4", "    command: --port=3307\n", "mysqladmin -h 127.0.0.1 -P 3307 ping -uroot -px"),
        (
            "mysql:8.4",
            "    command: [mysqld, --port, '3307']\n",
            "mysqladmin -h 127.0.0.1 -P 3307 ping -uroot -px",
        ),
        (
            "mysql:8.4",
            "    command: --character-set-server=utf8mb4 --skip-name-resolve --default-time-zone=+00:00\n",
            "mysqladmin -h 127.0.0.1 ping -uroot -px",
        ),
    ],
)
def test_it_asks_where_the_server_is_known_to_listen(folder, image, keys, mended):
    text = stack(image, keys)
    assert folder.fixed(text) == text.replace(PROBES[image], mended)
    folder["compose.yml"] = text
    shown = mended.split(" -U")[0].split(" ping")[0]
    assert f"only the server itself answers: '{shown}'" in folder.check().out


@pytest.mark.parametrize(
    ("image", "keys"),
    [
        ("mysql:8.4", "    command: -P 3307\n"),
        ("mysql:8.4", "    command: --skip-networking\n"),
        ("mysql:8.4", "    command: --skip_networking=ON\n"),
        ("mysql:8.4", "    command: --bind-address=10.5.0.2\n"),
        ("mysql:8.4", "    command: --bind-address=127.0.0.1\n"),
        ("mysql:8.4", "    command: --require-secure-transport=ON\n"),
        ("mysql:8.4", "    command: --require_secure_transport=ON\n"),
        ("mysql:8.4", "    command: --defaults-file=/my.cnf\n"),
        ("mysql:8.4", "    command: sh -c 'exec mysqld'\n"),
        ("mysql:8.4", "    command: --port=${DB_PORT_INSIDE:-3306}\n"),
        ("mysql:8.4", "    volumes: ['./my.cnf:/etc/mysql/conf.d/my.cnf']\n"),
        ("mysql:8.4", "    volumes: ['settings:/etc/mysql/conf.d']\nvolumes: {settings: {}}\n"),
        ("mysql:8.4", "    network_mode: host\n"),
        ("postgres:16", "    command: [postgres, -c, 'listen_addresses=']\n"),
        ("postgres:16", "    command: postgres -c listen_addresses=10.5.0.2\n"),
        ("postgres:16", "    command: postgres --listen-addresses=10.5.0.2\n"),
        ("postgres:16", "    command: postgres -c config_file=/tmp/own\n"),
        ("postgres:16", "    command: postgres -c ssl=on\n"),
        ("postgres:16", "    volumes: ['./own:/etc/postgresql/postgresql.conf']\n"),
        ("postgres:16", "    volumes: ['./data:/var/lib/postgresql/data']\n"),
        ("postgres:16", "    entrypoint: /start\n"),
        ("postgres:16", "    network_mode: host\n    command: postgres -c listen_addresses=10.5.0.2\n"),
    ],
)
def test_it_is_not_made_where_the_server_may_listen_elsewhere(folder, image, keys):
    folder["data/postgresql.conf"] = "listen_addresses = ''\n"
    text = stack(image, keys)
    assert folder.fixed(text, "--unsafe-fixes") == text
    assert "look up whether it listens there" in folder.check().out


@pytest.mark.parametrize(
    ("image", "variable"),
    [
        ("postgres:16", "PGPORT: 5433"),
        ("postgres:16", "PGSSLMODE: verify-full"),
        ("postgres:16", "POSTGRES_INITDB_ARGS: -c listen_addresses="),
        ("mysql:8.4", "MYSQL_TCP_PORT: 3307"),
        ("mysql:8.4", "MYSQL_ROOT_HOST: localhost"),
    ],
)
@pytest.mark.parametrize("way", ["environment", "env_file"])
def test_variables_of_server_and_client_leave_it_alone(folder, image, variable, way):
    if way == "environment":
        text = stack(image, variables=f"{VARIABLES}, {variable}")
    else:
        folder["db.env"] = variable.replace(": ", "=", 1) + "\n"
        text = stack(image, "    env_file: db.env\n")
    assert folder.fixed(text, "--unsafe-fixes") == text


@pytest.mark.parametrize("test", ["pg_isready -p 5433", "PGPORT=5433 pg_isready", "pg_isready $$WHERE"])
def test_test_that_says_itself_where_to_ask_is_left_alone(folder, test):
    text = stack("postgres:16", test=test)
    assert folder.fixed(text, "--unsafe-fixes") == text


@pytest.mark.parametrize(
    ("added", "mended"),
    [
        ("ENV PGTZ=UTC\nLABEL a=b\n", "safe"),
        ("COPY dump.sql /docker-entrypoint-initdb.d/\n", "unsafe"),
        ("ENV PGPORT=5433\n", "none"),
        ("RUN echo port=5433 >> /usr/share/postgresql/postgresql.conf.sample\n", "none"),
        ('CMD ["postgres", "-p", "5433"]\n', "none"),
    ],
)
def test_dockerfile_is_read(folder, added, mended):
    folder["Dockerfile"] = f"FROM postgres:16\n{added}"
    folder["dump.sql"] = "select 1;\n"
    text = stack("", test="pg_isready -U shop")
    tcp = text.replace("pg_isready", "pg_isready -h 127.0.0.1")
    assert folder.fixed(text) == (tcp if mended == "safe" else text)
    assert folder.fixed(text, "--unsafe-fixes") == (text if mended == "none" else tcp)


@pytest.mark.parametrize(
    ("keys", "times"),
    [
        ("    volumes: ['./scripts:/docker-entrypoint-initdb.d:ro']\n", LASTING),
        ("    volumes: ['./scripts/dump.sql:/docker-entrypoint-initdb.d/dump.sql']\n", LASTING),
        ("", "interval: 2s, retries: 5"),
        ("", "interval: 5s, retries: 5, start_period: 4s"),
    ],
)
def test_it_is_unsafe_where_only_the_temporary_server_may_have_come_in_time(folder, keys, times):
    folder["scripts/dump.sql"] = "select 1;\n"
    text = stack("postgres:16", keys, times=times)
    assert folder.fixed(text) == text
    out = folder.check("--fix", "--unsafe-fixes").out
    assert "pg_isready -h 127.0.0.1" in folder["compose.yml"]
    assert out.splitlines()[0].endswith(" (changes timing)")


def test_it_is_safe_where_the_healthcheck_lasts_exactly_as_long_as_a_slow_start(folder):
    text = stack("postgres:16", times="interval: 5s, retries: 5, start_period: 5s")
    assert "pg_isready -h 127.0.0.1" in folder.fixed(text)


def test_unset_variable_in_the_test_leaves_it_alone(folder):
    text = stack("postgres:16", test="pg_isready -U $NOBODY_SETS_THIS")
    assert folder.fixed(text, "--unsafe-fixes").count("-h 127.0.0.1") == 0
