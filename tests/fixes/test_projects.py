"""Fixes in projects of several files, and in several projects that have a file in common."""

from __future__ import annotations

API = "services:\n  api:\n    image: api\n    depends_on: [db]\n"
DB = "services:\n  db:\n    image: postgres:16\n"
WAITS = "{db: {condition: service_healthy}}"
EVERY = ("--notes", "--unsafe-fixes")
PROBE = (
    '    healthcheck:\n      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"]\n'
    "      interval: 2s\n      timeout: 5s\n      retries: 90\n"
)


def test_override_file(folder):
    folder["compose.yml"], folder["compose.override.yml"] = DB, API
    folder.check("--fix")
    assert folder["compose.yml"] == DB + PROBE
    assert folder["compose.override.yml"] == API.replace("[db]", WAITS)


def test_condition_that_an_override_takes_back_is_mended_there(folder):
    folder["a.yml"] = API.replace("[db]", WAITS) + DB.partition("\n")[2] + PROBE
    folder["b.yml"] = API
    folder.check("-f", "a.yml", "-f", "b.yml", "--fix")
    assert folder["b.yml"] == API.replace("[db]", WAITS)


def test_healthcheck_and_condition_are_made_together_or_not_at_all(folder):
    db = DB.replace("  db:\n    image", "  db: &db\n    image") + "  other: *db\n"
    api = API.partition("\n")[2].replace("[db]", "[db]  # one")
    folder["compose.yml"] = db + api
    out = folder.check("--fix").out
    assert (
        "not fixed: compose.yml:7 unguarded-dependency: it would change 'services.other.healthcheck'" in out
    )
    assert folder["compose.yml"] == db + api


def test_included_file_in_the_folder_is_changed(folder):
    folder["compose.yml"] = "include: [sub/db.yml]\n" + API
    folder["sub/db.yml"] = DB
    folder.check("--fix")
    assert folder["sub/db.yml"] == DB + PROBE
    assert WAITS in folder["compose.yml"]


def test_file_of_another_folder_is_left_alone_unless_it_is_given(folder, monkeypatch):
    folder["app/compose.yml"] = "include: [../db.yml]\n" + API
    folder["db.yml"] = DB
    monkeypatch.chdir(folder.path / "app")
    out = folder.check("--fix").out
    assert "unguarded-dependency: '" in out
    assert "db.yml' is outside the project's folder" in out
    assert folder["db.yml"] == DB
    assert WAITS not in folder["app/compose.yml"]
    monkeypatch.chdir(folder.path)
    folder.check("app/compose.yml", "--fix")
    assert folder["db.yml"] == DB + PROBE
    assert WAITS in folder["app/compose.yml"]


def test_file_that_projects_share_is_fixed_once(folder):
    folder["db.yml"] = DB.replace("16\n", "16\n    ports: ['5432:5432']\n")
    for name in "abc":
        folder[f"{name}/compose.yml"] = "include: [../db.yml]\n" + API
    out = folder.check("a", "b", "c", "--fix", *EVERY).out
    assert folder["db.yml"] == DB + "    ports: ['127.0.0.1:5432:5432']\n" + PROBE
    assert out.count("fixed: db.yml:4 database-port-on-all-addresses") == 1
    assert out.count("/compose.yml:5 unguarded-dependency") == 3
    assert "6 services in 3 files of 3 projects" in out


def test_change_that_another_project_does_not_want_is_refused(folder):
    base = "services:\n  app:\n    image: app\n    depends_on: [db]\n"
    db = "  db: {image: db, healthcheck: {test: x, interval: 2s, retries: 60}}\n"
    folder["base.yml"] = base + db
    for name, more in (("a", ""), ("b", ", restart: always")):
        app = f"  app: {{extends: {{file: ../base.yml, service: app}}{more}}}\n"
        folder[f"{name}/compose.yml"] = f"services:\n{app}{db}"
    out = folder.check("a", "b", "--fix").out
    assert "not fixed: base.yml:4 unguarded-dependency" in out
    assert folder["base.yml"] == base + db
    folder.check("a", "--fix", "--diff")
    folder.check("a", "--fix")
    assert WAITS in folder["base.yml"]


def test_suppressed_findings_and_other_rules_are_left_alone(folder):
    text = API.replace("[db]", "[db]  # composecheck: ignore[unguarded-dependency] it waits by itself")
    text += "  db: {image: db, healthcheck: {test: x, interval: 2s, retries: 60}}\n"
    text += "  r: {image: redis:7, ports: ['6379:6379']}\n"
    folder["compose.yml"] = text
    folder.check("--fix", "--select", "no-shared-network", *EVERY)
    assert folder["compose.yml"] == text
    folder.check("--fix", *EVERY)
    assert folder["compose.yml"] == text.replace("'6379:", "'127.0.0.1:6379:")


def test_what_is_fixed_is_told_and_then_what_remains(folder):
    folder["compose.yml"] = (
        "services:\n  api:\n    image: api\n    depends_on:\n      - db\n      - odd\n"
        "  db:\n    image: postgres:16\n  odd: {image: odd}\n"
    )
    code, out, err = folder.check("--fix")
    assert (code, err) == (1, "")
    assert out.startswith(
        "fixed: compose.yml:5 unguarded-dependency: "
        "service 'api' starts without waiting until 'db' is ready\n\n"
        "compose.yml:7:7: warning: service 'api' starts without waiting until 'odd' is ready"
    )
    assert folder.check("--fix", "--format", "json").err == ""


def test_database_that_is_configured_otherwise_gets_no_healthcheck(folder):
    for more in (
        "command: redis-server --tls-port 6380 --port 0",
        "environment: {REDIS_ADDR: elsewhere}",
        "entrypoint: /my.sh",
        "volumes: ['./redis.conf:/usr/local/etc/redis/redis.conf']",
        "healthcheck: {disable: true}",
        "healthcheck: {interval: 3s}",
    ):
        text = f"services:\n  api: {{image: a, depends_on: [r]}}\n  r: {{image: redis:7, {more}}}\n"
        folder["compose.yml"] = text
        folder.check("--fix")
        assert folder["compose.yml"] == text, more


def test_healthcheck_that_is_asked_too_seldom_keeps_its_time(folder):
    text = (
        "services:\n  api: {image: a, depends_on: {d: {condition: service_healthy}}}\n"
        "  d:\n    image: d\n    healthcheck:\n      test: [CMD, ready]\n      interval: 30s  # slow\n"
    )
    assert folder.fixed(text) == text
    assert folder.fixed(text, "--notes") == text
    assert folder.fixed(text, *EVERY) == text.replace("30s  # slow\n", "2s  # slow\n      retries: 45\n")
