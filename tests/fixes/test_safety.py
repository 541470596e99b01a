"""Which fixes are made: safe ones of what is shown, and none where there is an error beside it."""

from __future__ import annotations

import pytest

PORT = "services:\n  redis:\n    image: redis:7\n    ports:\n      - 6379:6379\n"
WAITS = "services:\n  api: {image: a, depends_on: {d: {condition: service_healthy}}}\n"
SLOW = (
    WAITS + "  d:\n    image: d\n    healthcheck:\n      test: [CMD, ready]\n"
    "      interval: 30s\n      start_period: 0s\n"
)


@pytest.mark.parametrize(
    "arguments", [(), ("--unsafe-fixes",), ("--notes",), ("--notes", "--select", "health")]
)
def test_neither_what_is_not_shown_nor_what_is_unsafe_is_changed(folder, arguments):
    folder["compose.yml"] = PORT
    assert folder.check("--diff", *arguments).out == ""
    folder.check("--fix", *arguments)
    assert folder["compose.yml"] == PORT


def test_unsafe_fix_says_what_it_changes(folder):
    folder["compose.yml"] = PORT
    out = folder.check("--fix", "--notes", "--unsafe-fixes").out
    assert out.startswith("fixed: compose.yml:5 database-port-on-all-addresses: ")
    assert out.splitlines()[0].endswith(" (changes publishing)")
    folder["compose.yml"] = SLOW
    out = folder.check("--fix", "--notes", "--unsafe-fixes").out
    assert out.splitlines()[0].endswith(" (changes timing)")


def test_notes_that_make_a_check_fail_are_shown_and_mended(folder):
    folder["compose.yml"] = PORT
    folder.check("--fix", "--unsafe-fixes", "--fail-on", "note")
    assert "127.0.0.1:6379:6379" in folder["compose.yml"]


def test_unsafe_fixes_alone_are_a_wrong_usage(folder):
    folder["compose.yml"] = PORT
    code, out, err = folder.check("--unsafe-fixes")
    assert (code, out) == (2, "")
    assert "'--unsafe-fixes' goes with '--fix' or '--diff'" in err


def test_text_marks_what_a_fix_would_be_made_of_and_counts_it(folder):
    folder["compose.yml"] = (
        "services:\n  api:\n    image: api\n    depends_on: [db, odd]\n"
        "  db: {image: postgres:16, ports: ['5432:5432'], environment: {POSTGRES_PASSWORD: x}}\n"
        "  odd: {image: odd}\n"
    )
    out = folder.check("--notes").out
    assert [
        line.endswith("[unguarded-dependency] [*]") for line in out.splitlines() if "without wai" in line
    ] == [
        True,
        False,
    ]
    assert "database-port-on-all-addresses]\n" in out
    assert "([*] 1 fixable with --fix, 1 more with --fix --unsafe-fixes)" in out
    assert "found: 3 services in 1 file ([*] 1 fixable with --fix, 3 notes more" in folder.check().out
    folder.check("--fix")
    assert "fixable" not in folder.check().out
    assert "(1 fixable with --fix --unsafe-fixes)" in folder.check("--notes").out


FAULTS = {
    "unknown-key": "      test: [CMD, redis-cli, ping]\n      wibble: 5\n",
    "healthcheck-missing-tool": "      test: [CMD, curl, -f, 'http://localhost']\n",
}


@pytest.mark.parametrize("rule", FAULTS)
def test_mapping_that_has_an_error_is_left_alone(folder, rule):
    text = f"{WAITS}  d:\n    image: redis:7\n    volumes: ['./redis.conf:/etc/redis.conf']\n"
    text += f"    healthcheck:\n      interval: 30s\n{FAULTS[rule]}"
    folder["compose.yml"] = text
    out = folder.check("--fix", "--notes", "--unsafe-fixes").out
    assert f"slow-healthcheck: there is an error beside it: {rule} in line " in out
    assert "interval: 30s" in folder["compose.yml"]


def test_error_elsewhere_keeps_no_fix_from_being_made(folder):
    text = SLOW + "    networks: [nowhere]\n"
    assert "interval: 2s" in folder.fixed(text, "--notes", "--unsafe-fixes")


def test_nobody_is_made_to_wait_for_a_healthcheck_that_cannot_succeed(folder):
    text = (
        "services:\n  api: {image: a, depends_on: [d]}\n"
        "  d:\n    image: redis:7\n    volumes: ['./redis.conf:/etc/redis.conf']\n"
        "    healthcheck:\n      test: [CMD, curl, -f, 'http://localhost']\n"
        "      interval: 2s\n      retries: 30\n"
    )
    for arguments in ((), ("--select", "unguarded-dependency")):
        folder["compose.yml"] = text
        out = folder.check("--fix", *arguments).out
        assert out.startswith(
            "not fixed: compose.yml:2 unguarded-dependency: the healthcheck of 'd' is not sound: "
            "healthcheck-missing-tool in line 7\n"
        )
        assert folder["compose.yml"] == text
    assert "[*]" not in folder.check().out


HEALTH = (
    "services:\n  app: {image: app, depends_on: {db: {condition: service_healthy}}}\n"
    "  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD_FILE: /x, POSTGRES_USER: me}\n"
    "    healthcheck:\n      test: [CMD-SHELL, 'pg_isready -U %s']\n      interval: 1m\n"
)


def test_variable_of_a_healthcheck_is_one_finding_and_one_change(folder):
    folder["compose.yml"] = HEALTH % "$POSTGRES_USER"
    out = folder.check("--notes").out
    assert "healthcheck-interpolated-variable" in out
    assert "unset-variable" not in out
    assert "-U $$POSTGRES_USER" in folder.fixed(HEALTH % "$POSTGRES_USER")


def test_test_that_lacks_a_variable_is_not_changed_otherwise(folder):
    text = HEALTH % "${USER_OF_DB}"
    assert "-h 127.0.0.1" not in folder.fixed(text, "--notes")
    assert "-h 127.0.0.1" in folder.fixed(HEALTH % "me", "--notes")


def test_what_is_only_possible_is_not_fixed_unasked(folder):
    text = (
        "services:\n  queue: {image: 'python:3.12', command: python work.py, depends_on: [cache]}\n"
        "  cache: {image: 'redis:7', healthcheck: {test: [CMD, redis-cli, ping]}}\n"
    )
    folder["compose.yml"] = text
    assert "perhaps the order is all it needs" in folder.check("--notes").out
    assert "service_healthy" not in folder.fixed(text, "--notes")
    assert "service_healthy" in folder.fixed(text, "--notes", "--unsafe-fixes")


def test_all_lines_that_are_told_are_those_of_the_file_as_it_was(folder):
    text = (
        "services:\n  web:\n    image: a\n    depends_on:\n      - c\n"
        "  c:\n    image: redis:7\n    healthcheck:\n      test: [CMD, redis-cli, ping]\n"
        "      interval: 2s\n      retries: 30\n"
        "  api: {image: a, depends_on: [d]}\n"
        "  d:\n    image: redis:7\n    volumes: ['./redis.conf:/etc/redis.conf']\n"
        "    healthcheck:\n      test: [CMD, curl, -f, 'http://localhost']\n"
        "      interval: 2s\n      retries: 30\n"
    )
    (folder.path / "redis.conf").write_text("")
    folder["compose.yml"] = text
    out = folder.check("--fix").out.splitlines()
    assert folder["compose.yml"].count("\n") > text.count("\n")
    assert out[0].startswith("fixed: compose.yml:5 unguarded-dependency: ")
    assert out[1] == (
        "not fixed: compose.yml:12 unguarded-dependency: the healthcheck of 'd' is not sound: "
        "healthcheck-missing-tool in line 17"
    )


def test_difference_counts_nothing_that_was_refused(folder):
    folder["compose.yml"] = (
        "x-app: &app\n  image: api\n  depends_on: [db]\nservices:\n  api: {<<: *app}\n"
        "  job: {<<: *app, restart: always}\n"
        "  db: {image: db, healthcheck: {test: x, interval: 2s, retries: 60}}\n"
    )
    assert "[*] 1 fixable" in folder.check().out
    code, out, err = folder.check("--diff")
    assert (code, out) == (1, "")
    assert err.startswith("not fixed: compose.yml:3 unguarded-dependency: it would change ")
    assert "fixable" not in err


def test_what_lies_outside_is_told_alike_before_and_after(folder, monkeypatch):
    folder["app/compose.yml"] = "include: [../db.yml]\nservices:\n  api: {image: api, depends_on: [db]}\n"
    folder["db.yml"] = (
        "services:\n  db:\n    image: postgres:16\n    healthcheck: {test: x, interval: 2s, retries: 60}\n"
    )
    monkeypatch.chdir(folder.path / "app")
    out = folder.check("--fix").out
    assert out.startswith("fixed: compose.yml:3 unguarded-dependency: ")
    assert "POSTGRES_PASSWORD" not in out


def test_healthcheck_that_a_fix_has_written_stays_as_it_is(folder):
    text = (
        "services:\n  app:\n    image: example/app:1\n    environment: {KAFKA: 'broker:9092'}\n"
        "    depends_on: [broker]\n  broker:\n    image: confluentinc/cp-kafka:7.8.0\n"
        "    environment:\n      KAFKA_PROCESS_ROLES: broker,controller\n"
        "      KAFKA_LISTENERS: PLAINTEXT://0.0.0.0:9092,CONTROLLER://0.0.0.0:9093\n"
        "      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://broker:9092\n"
    )
    once = folder.fixed(text, "--notes", "--unsafe-fixes")
    assert "      interval: 10s\n" in once  # a JVM is started for each probe
    assert "slow-healthcheck" not in folder.check("--notes").out


def test_key_is_corrected_before_it_is_retimed(folder):
    text = SLOW.replace("start_period: 0s", "retires: 5")
    once = folder.fixed(text, "--notes", "--unsafe-fixes")
    assert once.count("retries: ") == 1
    assert "retires" not in once
