"""The hosts in what a container is told: users, databases, passwords, tables and programs are none."""

import pytest

from composecheck import check
from composecheck.facts.said import asked, may_hold_host


@pytest.mark.parametrize(
    "words",
    [
        ["pg_isready -U app -d app"],
        ["pg_isready", "-U", "app", "-d", "app"],
        ["pg_isready --username=app --dbname app"],
        ["psql -U app app_db -c 'SELECT 1 FROM app'"],
        ["psql 'postgres://app:app@localhost:5432/app?user=app'"],
        ["psql 'host=localhost user=app dbname=app password=app'"],
        ["PGUSER=app PGPASSWORD=app pg_isready"],
        ["mysql", "-u", "app", "-papp", "-D", "app"],
        ["influx -username app -database app -execute 'show tables'"],
        ["redis-cli -a app ping"],
        ["redis-server", "--requirepass", "app"],
        ["celery -A app inspect ping"],
        ["gunicorn", "app:app"],
        ["app", "serve"],
        ["test -f /srv/app/ready && app status"],
        ["curl -f http://localhost:8080/app/health"],
    ],
)
def test_what_names_no_host(words):
    assert "app" not in asked(words)


@pytest.mark.parametrize(
    "words",
    [
        ["pg_isready -h app -U me"],
        ["curl -f http://app:8080/"],
        ["nc", "-z", "app", "80"],
        ["psql postgres://me:secret@app/db"],
        ["mongosh --host app --eval 1"],
        ["getent hosts app"],
        ["until ping -c 1 app; do sleep 1; done"],
        ["psql 'host=app user=me'"],
    ],
)
def test_what_names_a_host(words):
    assert "app" in asked(words)


@pytest.mark.parametrize(
    ("key", "holds"),
    [
        ("POSTGRES_USER", False),
        ("POSTGRES_DB", False),
        ("MYSQL_DATABASE", False),
        ("RABBITMQ_DEFAULT_PASS", False),
        ("DB_NAME", False),
        ("SECRET_KEY", False),
        ("DB_HOST", True),
        ("HOST_NAME", True),
        ("RABBITMQ_NODENAME", True),
        ("discovery.seed_hosts", True),
        ("PEER", True),
    ],
)
def test_keys_that_hold_a_host(key, holds):
    assert may_hold_host(key) is holds


@pytest.mark.parametrize(
    ("more", "waited"),
    [
        ("environment: {POSTGRES_USER: app, POSTGRES_DB: app, POSTGRES_PASSWORD: app}", True),
        ("volumes: ['./init.sql:/docker-entrypoint-initdb.d/init.sql']", True),
        ("volumes: ['./init.sh:/docker-entrypoint-initdb.d/init.sh']", True),
        ("environment: {PRIMARY_HOST: app, POSTGRES_PASSWORD: x}", False),
        ("volumes: ['./ask.sh:/docker-entrypoint-initdb.d/ask.sh']", False),
    ],
)
def test_database_named_after_a_service_is_waited_for(tmp_path, more, waited):
    (tmp_path / "init.sql").write_text("CREATE DATABASE app;\nGRANT ALL ON DATABASE app TO 'app';\n")
    (tmp_path / "init.sh").write_text('#!/bin/sh\npsql -U app -d app -c "CREATE TABLE app ()"\n')
    (tmp_path / "ask.sh").write_text("#!/bin/sh\ncurl http://app:80/\n")
    (tmp_path / "compose.yml").write_text(
        "services:\n  app: {image: a, depends_on: [postgres]}\n  postgres:\n    image: postgres:16\n"
        f"    {more}\n    healthcheck: {{test: pg_isready -U app -d app}}\n"
    )
    (found,) = (
        d
        for d in check(tmp_path / "compose.yml", environment={}).diagnostics
        if d.rule == "unguarded-dependency"
    )
    assert ("service_healthy" in found.remedy) is waited
    assert (found.fix is not None) is waited
    if not waited:
        assert "'postgres' may itself need 'app', which would itself be waiting" in found.remedy
