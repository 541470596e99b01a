"""When a wait is a safe fix: its probe fits, has the time it takes, and nobody decided otherwise."""

import pytest

API = (
    "services:\n  api:\n    image: example/api\n    environment: {STORE_HOST: store}\n"
    "    depends_on: [store]\n  store:\n"
)
SETS = "    environment: {POSTGRES_PASSWORD: x}\n"
POSTGRES = f"    image: postgres:16\n{SETS}"
MARIADB = "    image: mariadb:11\n    environment: {MARIADB_ROOT_PASSWORD: x}\n"
REDIS = "    image: redis:7\n    healthcheck: {test: [CMD, redis-cli, ping], %s}\n"
ZOOKEEPER = "    image: zookeeper:3.9\n"
WHITELIST = ZOOKEEPER + "    environment: {ZOO_4LW_COMMANDS_WHITELIST: mntr}\n"


def outcome(folder, text):
    """Return what becomes of a fix: "safe", "unsafe" with what it changes, or "none"."""
    folder["compose.yml"] = text
    folder.check("--fix")
    if folder["compose.yml"] != text:
        return "safe"
    lines = folder.check("--fix", "--unsafe-fixes").out.splitlines()
    fixed = [line for line in lines if line.startswith("fixed: ") and " unguarded-dependency: " in line]
    return f"unsafe: {fixed[0].rpartition(' (changes ')[2][:-1]}" if fixed else "none"


@pytest.mark.parametrize(
    ("store", "becomes"),
    [
        pytest.param(POSTGRES, "safe", id="fits"),
        pytest.param(POSTGRES.replace("postgres:16", "'postgres:${V:-16}'"), "none", id="tag varies"),
        pytest.param("    image: ${MONGO_IMAGE:-mongo:6.0}\n", "none", id="image varies"),
        pytest.param("    image: mongo:6.0\n", "safe", id="by its name"),
        pytest.param("    image: mongo:6.0\n    network_mode: host\n", "none", id="by the host's name"),
        pytest.param(POSTGRES.replace("16", "9.2"), "none", id="before pg_isready"),
        pytest.param("    image: rabbitmq:3.6\n", "none", id="before rabbitmq-diagnostics ping"),
        pytest.param("    image: rabbitmq:3-management\n", "safe", id="a present one"),
        pytest.param(POSTGRES.replace("}", ", POSTGRES_USER: me}"), "safe", id="user"),
        pytest.param(POSTGRES.replace("}", ", POSTGRES_USER: me too}"), "none", id="user of two words"),
        pytest.param(ZOOKEEPER, "safe", id="four letters"),
        pytest.param(WHITELIST, "none", id="other four letters"),
        pytest.param(
            f"{POSTGRES}    volumes: ['./s:/docker-entrypoint-initdb.d']\n", "unsafe: timing", id="scripts"
        ),
        pytest.param(
            f"{POSTGRES}    volumes: ['./s/a.sql:/docker-entrypoint-initdb.d/a.sql']\n",
            "unsafe: timing",
            id="script",
        ),
        pytest.param(
            f"{POSTGRES}    secrets: [{{source: s, target: /docker-entrypoint-initdb.d/a.sql}}]\n"
            "secrets: {s: {file: s/a.sql}}\n",
            "unsafe: timing",
            id="script as a secret",
        ),
        pytest.param(f"{MARIADB}    volumes: ['./s:/var/lib/mysql']\n", "unsafe: timing", id="old data"),
        pytest.param(f"{MARIADB}    volumes: ['./new:/var/lib/mysql']\n", "safe", id="new data"),
        pytest.param(
            f"{MARIADB}    volumes: ['kept:/var/lib/mysql']\nvolumes: {{kept: {{external: true}}}}\n",
            "unsafe: timing",
            id="external volume",
        ),
        pytest.param(REDIS % "interval: 2s, retries: 30", "safe", id="time enough"),
        pytest.param(REDIS % "interval: 1s, retries: 3", "none", id="far too little time"),
        pytest.param(REDIS % "interval: 30s, retries: 30", "unsafe: timing", id="slow"),
        pytest.param(
            "    image: own\n    healthcheck: {test: [CMD, ok], interval: 2s, retries: 59}\n",
            "unsafe: timing",
            id="less than two minutes for who knows what",
        ),
        pytest.param(
            "    image: own\n    healthcheck: {test: [CMD, ok], interval: 2s, retries: 60}\n",
            "safe",
            id="two minutes for who knows what",
        ),
    ],
)
def test_wait_is_safe_where_its_probe_fits_and_has_time(folder, store, becomes):
    folder["s/a.sql"] = "select 1;\n"
    (folder.path / "new").mkdir()
    assert outcome(folder, API + store) == becomes


@pytest.mark.parametrize(
    ("keys", "becomes"),
    [
        ("    command: postgres --port=6000\n", "-h 127.0.0.1 -p 6000 -U"),
        ("    command: [-c, port=6000, -c, max_connections=200]\n", "-h 127.0.0.1 -p 6000 -U"),
        ("    command: postgres -c listen_addresses='*'\n", "-h 127.0.0.1 -U"),
        ("    command: postgres --listen_addresses=store\n", "-h store -U"),
        ("    command: postgres --listen-addresses=localhost\n", "-h 127.0.0.1 -U"),
        ("    command: postgres -c wal_level=logical\n", "-h 127.0.0.1 -U"),
        ("    command: postgres --listen_addresses=\n", ""),
        ("    command: postgres -c listen_addresses=\n", ""),
        ("    command: postgres -c config_file=/opt/own\n", ""),
        ("    command: postgres --config_file=/opt/own\n", ""),
        ("    command: postgres -hstore\n", ""),
        ("    command: my-postgres\n", "-h 127.0.0.1 -U"),
        ("    command: sleep 1000\n", ""),
        ("    command: psql -h elsewhere\n", ""),
        ("    environment: {POSTGRES_PASSWORD: x, PGPORT: 6000}\n", "-h 127.0.0.1 -p 6000 -U"),
        ("    environment: {POSTGRES_PASSWORD: x, PGTZ: UTC}\n", "-h 127.0.0.1 -U"),
        ("    environment: {POSTGRES_PASSWORD: x, PGHOSTADDR: 10.5.0.2}\n", ""),
        ("    environment: {POSTGRES_PASSWORD: x, PGSSLMODE: verify-full}\n", ""),
        ("    environment: {POSTGRES_PASSWORD: x, POSTGRES_INITDB_ARGS: -c port=6000}\n", "-p 6000 -U"),
        ("    environment: {POSTGRES_PASSWORD: x, POSTGRES_INITDB_ARGS: --data-checksums}\n", "1 -U"),
    ],
)
def test_probe_asks_where_the_server_listens(folder, keys, becomes):
    store = f"    image: postgres:16\n{keys}"
    fixed = folder.fixed(API + (store if "PASSWORD" in keys else store + SETS))
    assert ("pg_isready" in fixed) == bool(becomes)
    assert becomes in fixed


@pytest.mark.parametrize(
    ("image", "command", "becomes"),
    [
        ("redis:7", "redis-server --save 60 1", "safe"),
        ("redis:7", "/usr/local/bin/redis-server", "safe"),
        ("redis:7", "tail -f /dev/null", "none"),
        ("redis:7", "/opt/start", "none"),
        ("redis:7", "redis-server /opt/own", "none"),
        ("redis:7", "redis-server /opt/elsewhere", "safe"),
        ("minio/minio:RELEASE.2024-01-01T00-00-00Z", "server /data", "safe"),
        ("mysql:8.4", "mysqld --skip_networking=0", "safe"),
        ("mysql:8.4", "mysqld --skip_networking", "none"),
        ("mysql:8.4", "mysqld --defaults-extra-file=/opt/elsewhere", "none"),
        ("mysql:8.4", "mysqld --init-file=/opt/elsewhere", "safe"),
        ("mongo:7", "mongod --replSet rs", "safe"),
        ("mongo:7", "mongod --replSet rs --shardsvr", "none"),
        ("mongo:4", "mongo --host elsewhere", "none"),
        ("timescale/timescaledb:2.14.2-pg16", "postgres -c max_connections=50", "safe"),
    ],
)
def test_only_the_server_of_an_image_is_known_to_answer(folder, image, command, becomes):
    folder["own"] = "port 7000\n"
    variables = "POSTGRES_PASSWORD: x, MYSQL_ROOT_PASSWORD: x, MINIO_ROOT_USER: me"
    store = f"    image: {image}\n    environment: {{{variables}}}\n    command: {command}\n"
    mount = "    volumes: ['./own:/opt/own']\n" if image.startswith("redis") else ""
    assert outcome(folder, API + store + mount) == becomes


@pytest.mark.parametrize(
    ("server", "test", "becomes"),
    [
        ("redis-server", "redis-cli ping", "safe"),
        ("redis-server", "redis-cli -p 6379 ping", "safe"),
        ("redis-server", "redis-cli -p 7000 ping", "unsafe: what starts beside one that is never ready"),
        ("redis-server --port 7000", "redis-cli ping", "unsafe: what starts beside one that is never ready"),
        ("redis-server --port 7000", "redis-cli -p 7000 ping", "safe"),
        ("redis-server --requirepass x", "redis-cli ping", "safe"),
        ("redis-server --requirepass x", "redis-cli -a x ping | grep PONG", "safe"),
        (
            "redis-server --requirepass x",
            "redis-cli ping | grep PONG",
            "unsafe: what starts beside one that is never ready",
        ),
    ],
)
def test_healthcheck_that_is_there_asks_its_own_server(folder, server, test, becomes):
    store = f"    image: redis:7\n    command: {server}\n"
    probe = f"    healthcheck: {{test: {test}, interval: 2s, retries: 30}}\n"
    assert outcome(folder, API + store + probe) == becomes


def test_probe_lasts_for_minutes_where_a_store_is_filled_first(folder):
    folder["s/a.sql"] = "select 1;\n"
    filled = f"{POSTGRES}    volumes: ['./s:/docker-entrypoint-initdb.d']\n"
    text = API.replace("[store]", "{store: {condition: service_healthy}}")
    assert "      retries: 150\n" in folder.fixed(text + filled)
    assert "      retries: 90\n" in folder.fixed(text + POSTGRES)


@pytest.mark.parametrize(
    ("store", "retries"),
    [
        pytest.param(POSTGRES, 90, id="3 minutes for data of an earlier start"),
        pytest.param(MARIADB, 90, id="the same"),
        pytest.param("    image: minio/minio\n    command: server /data\n", 90, id="of objects"),
        pytest.param("    image: rabbitmq:4\n", 30, id="5 minutes"),
        pytest.param("    image: redis:7\n", 30, id="1 minute for a cache"),
        pytest.param("    image: cassandra:5\n", 36, id="6 minutes, twice a slow first boot"),
    ],
)
def test_probe_lasts_for_a_slow_start(folder, store, retries):
    assert f"      retries: {retries}\n" in folder.fixed(API + store)


@pytest.mark.parametrize("listed", ["[store, cache]", "[cache, store]"])
def test_both_waits_of_a_short_list_are_made(folder, listed):
    text = API.replace("[store]", listed).replace(
        "{STORE_HOST: store}", "{STORE_HOST: store, CACHE_HOST: cache}"
    )
    text += POSTGRES + "  cache:\n    image: redis:7\n"
    fixed = folder.fixed(text)
    assert fixed.count("condition: service_healthy") == 2
    assert "a condition that is written" not in folder.check("--fix", "--unsafe-fixes").out


LATER = "unsafe: what starts where a file is left out"


def test_wait_for_a_job_is_made_once_that_waits_itself(folder):
    text = API.replace("[store]", "[store, seed]") + POSTGRES
    text += "  seed: {image: alpine, command: psql -h store -c 'select 1', depends_on: [store]}\n"
    fixed = folder.fixed(text)
    assert fixed.count("condition: service_healthy") == 2
    assert fixed.count("condition: service_completed_successfully") == 1


def test_what_is_written_stays_a_decision_beside_another_doubt(folder):
    text = API.replace("[store]", "{store: {condition: service_started}}")
    probe = "    healthcheck: {test: [CMD, ok], interval: 2s, retries: 3}\n"
    assert outcome(folder, text + "    image: own\n" + probe) == (
        "unsafe: timing and a condition that is written"
    )


ASKED = {
    "copied": ("    build: .\n", "until nc -z api 80; do sleep 1; done\ntouch /ok\n", ""),
    "copied with a library": ("    build: .\n", ". /lib.sh\nawait\ntouch /ok\n", ""),
    "mounted": (
        "    image: own\n    command: sh /run.sh\n    volumes: ['./run.sh:/run.sh']\n",
        "until nc -z api 80; do sleep 1; done\ntouch /ok\n",
        "",
    ),
    "by a variable": (
        "    build: .\n    environment: {PEER: api}\n",
        "until nc -z $PEER 80; do sleep 1; done\n",
        "",
    ),
    "another one": (
        "    build: .\n",
        "until nc -z late 80; do sleep 1; done\n",
        "  late: {image: x, depends_on: [api]}\n",
    ),
}


@pytest.mark.parametrize("case", ASKED)
def test_nobody_is_to_wait_for_one_whose_script_waits_for_it(folder, case):
    keys, script, others = ASKED[case]
    folder["Dockerfile"] = 'FROM alpine\nCOPY *.sh /\nCOPY run.sh lib.sh /\nCMD ["sh", "/run.sh"]\n'
    folder["run.sh"], folder["lib.sh"] = script, "await() { until nc -z api 80; do sleep 1; done; }\n"
    probe = "    healthcheck: {test: [CMD, test, -f, /ok], interval: 2s, retries: 60}\n"
    assert outcome(folder, API + keys + probe + others) == "none"
    folder["run.sh"] = "until nc -z cache 80; do sleep 1; done\ntouch /ok\n"
    unasked = keys.replace("{PEER: api}", "{PEER: cache}")
    assert outcome(folder, API + unasked + probe + others) == "safe"


def test_who_is_told_a_url_of_its_dependent_may_call_back(folder):
    probe = "    healthcheck: {test: [CMD, test, -f, /ok], interval: 2s, retries: 60}\n"
    told = "    image: own\n    environment: {PEER: 'http://%s/hook'}\n"
    assert outcome(folder, API + told % "api" + probe) == "unsafe: who answers whom"
    assert outcome(folder, API + told % "localhost:3000" + probe) == "safe"


OVER = {
    "a port": ("    command: -p 6000\n", "none"),
    "a port's variable": ("    environment: {PGPORT: 6000}\n", "none"),
    "an image": ("    image: postgres:15\n", "none"),
    "a healthcheck": ("    healthcheck: {test: [CMD, pg_isready], interval: 2s, retries: 60}\n", LATER),
    "nothing of it": ("    stop_grace_period: 3s\n    environment: {TZ: UTC}\n", "safe"),
}


@pytest.mark.parametrize("case", OVER)
def test_a_file_stays_right_without_the_one_that_is_laid_over_it(folder, case):
    keys, becomes = OVER[case]
    folder["compose.override.yml"] = f"services:\n  store:\n{keys}"
    assert outcome(folder, API + POSTGRES) == becomes


def test_what_an_override_adds_it_may_wait_for(folder):
    text = "services:\n  api:\n    image: example/api\n    environment: {STORE_HOST: store}\n"
    folder["compose.yml"] = text
    probe = "    healthcheck: {test: [CMD, pg_isready, -h, localhost], interval: 2s, retries: 60}\n"
    override = f"services:\n  api: {{depends_on: [store]}}\n  store:\n{POSTGRES}{probe}"
    folder["compose.override.yml"] = override
    folder.check("--fix")
    assert "condition: service_healthy" in folder["compose.override.yml"]


def test_job_that_an_override_makes_is_none_without_it(folder):
    folder["compose.override.yml"] = "services:\n  store: {command: [echo, done]}\n"
    assert outcome(folder, API + "    image: alpine\n") == LATER


def test_test_that_hangs_on_a_variable_without_a_value_may_never_pass(folder):
    probe = "    healthcheck: {test: 'pg_isready -h localhost -U %s', interval: 2s, retries: 60}\n"
    unset = outcome(folder, API + POSTGRES + probe % "$NOBODY")
    assert unset == "unsafe: what starts beside one that is never ready"
    assert outcome(folder, API + POSTGRES + probe % "${NOBODY:-me}") == "safe"
    listed = probe.replace("'pg", "[CMD-SHELL, 'pg").replace("%s'", "%s']")
    assert outcome(folder, API + POSTGRES + listed % "$NOBODY") == unset
    assert outcome(folder, API + POSTGRES + listed % "me") == "safe"


JOB = "    image: alpine\n    command: %s\n"
FAILS = "unsafe: what starts after a job that fails"


@pytest.mark.parametrize(
    ("keys", "becomes"),
    [
        (JOB % "sh -c 'echo a; touch /x'", "safe"),
        (JOB % "chown -R 1000 /data", "safe"),
        (JOB % "sh -c 'echo a; exit 1'", FAILS),
        (JOB % "sh -c 'test -f /x || exit 3'", FAILS),
        (JOB % "grep -q a /etc/passwd", FAILS),
        (JOB % "psql -c 'CREATE TABLE users (id int)'", FAILS),
        (JOB % "psql -c 'CREATE TABLE IF NOT EXISTS users (id int)'", "safe"),
        (JOB % "sh /make.sh" + "    volumes: ['./make.sh:/make.sh']\n", FAILS),
        (JOB % "sh -c 'exit 1'" + "    restart: on-failure\n", "safe"),
        (JOB % "sh /run.sh" + "    volumes: ['./run.sh:/run.sh']\n", FAILS),
        (JOB % "curl http://api/ping", "none"),
        (JOB % "curl http://late/ping", "none"),
        (JOB % "curl http://other/ping", FAILS),
        (JOB % "curl http://other/ping" + "    depends_on: [other]\n", FAILS),
        (JOB % "curl http://other/ping" + "    depends_on: {other: {condition: service_healthy}}\n", "safe"),
        (JOB % "alembic upgrade head" + "    environment: {DATABASE_URL: 'postgres://a@other/b'}\n", FAILS),
    ],
)
def test_wait_for_a_job_is_safe_where_that_has_what_it_needs(folder, keys, becomes):
    folder["run.sh"], folder["make.sh"] = "echo a\nexit 3\n", "mkdir /data/new\n"
    others = "  late: {image: x, depends_on: [api]}\n  other:\n    image: own\n"
    others += "    healthcheck: {test: [CMD, ok], interval: 10s, retries: 3}\n"
    assert outcome(folder, API + keys + others) == becomes


@pytest.mark.parametrize(
    ("waits", "retries", "becomes"),
    [
        ("until nc -z db 3306; do sleep 1; done; exec own", 60, "unsafe: timing"),
        ("until nc -z db 3306; do sleep 1; done; exec own", 105, "safe"),
        ("exec own", 60, "safe"),
    ],
)
def test_who_waits_itself_is_probed_meanwhile(folder, waits, retries, becomes):
    keys = f"    image: own\n    command: sh -c '{waits}'\n"
    keys += f"    healthcheck: {{test: [CMD, ok], interval: 2s, retries: {retries}}}\n"
    if "db" in waits:
        keys += "    depends_on: [db]\n  db: {image: 'mysql:8.4', environment: {MYSQL_ROOT_PASSWORD: x}}\n"
    assert outcome(folder, API + keys) == becomes


def test_job_whose_end_is_awaited_already_may_be_awaited_once_more(folder):
    others = "  other: {image: x, depends_on: {store: {condition: service_completed_successfully}}}\n"
    assert outcome(folder, API + JOB % "sh -c 'exit 1'") == FAILS
    assert outcome(folder, API + JOB % "sh -c 'exit 1'" + others) == "safe"


def test_to_wait_for_a_job_that_asks_its_dependent_would_never_end(folder):
    folder["compose.yml"] = API + JOB % "curl http://api/ping"
    out = folder.check().out
    assert "let 'api' try until 'store' has done its work" in out
    assert "to wait for its end may never end: 'store' may itself need 'api'" in out
    assert "condition:" not in out


@pytest.mark.parametrize(
    "target",
    [POSTGRES, REDIS % "interval: 2s, retries: 30", "    image: alpine\n    command: [echo, done]\n"],
)
def test_condition_that_is_written_is_a_decision(folder, target):
    text = API.replace("[store]", "{store: {condition: service_started}}") + target
    assert outcome(folder, text) == "unsafe: a condition that is written"
    assert outcome(folder, API + target) == "safe"


@pytest.mark.parametrize(
    "store", [POSTGRES, MARIADB, "    image: rabbitmq:4\n", REDIS % "interval: 5s, retries: 30"]
)
def test_after_a_safe_fix_there_is_no_new_note(folder, store):
    folder["compose.yml"] = API + store
    before = folder.check("--notes", "--format", "json").out.count('"rule"')
    assert outcome(folder, API + store) == "safe"
    assert folder.check("--notes", "--format", "json").out.count('"rule"') < before


def test_the_probe_of_rabbitmq_comes_after_the_servers_cookie(folder):
    assert "interval: 10s" in folder.fixed(f"{API}    image: rabbitmq:4\n")
