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
            "    image: own\n    healthcheck: {test: [CMD, ok], interval: 2s, retries: 29}\n",
            "unsafe: timing",
            id="less than a minute for who knows what",
        ),
        pytest.param(
            "    image: own\n    healthcheck: {test: [CMD, ok], interval: 2s, retries: 30}\n",
            "safe",
            id="a minute for who knows what",
        ),
    ],
)
def test_wait_is_safe_where_its_probe_fits_and_has_time(folder, store, becomes):
    folder["s/a.sql"] = "select 1;\n"
    (folder.path / "new").mkdir()
    assert outcome(folder, API + store) == becomes


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
