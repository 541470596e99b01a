"""A wait by a command that the image does not have is none."""

import pytest

from composecheck import check

LOOP = "while ! nc -z db 5432; do sleep 1; done; exec python app.py"


def unguarded(folder, dockerfile, script, more=""):
    """Return what is said of `web`, which depends on `db`."""
    (folder / "Dockerfile").write_text(f"{dockerfile}\n")
    (folder / "entry.sh").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "entry.sh").chmod(0o755)
    file = folder / "compose.yml"
    command = 'entrypoint: ["./entry.sh"]'
    file.write_text(
        f"services:\n  web: {{build: ., depends_on: [db], {command}, environment: {{DB: 'db:5432'}}{more}}}\n"
        "  db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: a}}\n"
    )
    found = check(file, environment={}).diagnostics
    return [d for d in found if d.rule in ("unguarded-dependency", "guarded-by-restart")]


COPIED = "\nWORKDIR /app\nCOPY . ."


@pytest.mark.parametrize(
    "script",
    [
        LOOP,
        "until nc -z db 5432; do sleep 1; done\nexec python app.py",
        "until timeout 2 nc -z db 5432; do sleep 1; done\nexec python app.py",
        "for i in 1 2 3; do nc -z db 5432 && break; sleep 1; done\nexec python app.py",
        "wait_for_db() { while ! nc -z db 5432; do sleep 1; done; }\nwait_for_db\nexec python app.py",
    ],
)
@pytest.mark.parametrize("more", ["", ", restart: always"])
def test_a_wait_by_what_is_not_there_guards_nothing(script, more, tmp_path):
    (found,) = unguarded(tmp_path, f"FROM python:3.12-slim{COPIED}", script, more)
    assert found.rule == "unguarded-dependency"
    assert found.severity == "warning"
    assert "its wait calls 'nc', which its image does not have" in found.message
    assert found.remedy.startswith("install 'nc' in the image of 'web'; or take that wait out")
    assert found.fix is None


@pytest.mark.parametrize(
    "dockerfile",
    [
        f"FROM python:3.12-alpine{COPIED}",
        f"FROM registry.example/base:1{COPIED}",
        f"FROM python:3.12-slim\nRUN apt-get update && apt-get install -y netcat-openbsd{COPIED}",
        f"FROM python:3.12-slim\nRUN ./setup.sh{COPIED}",
        f"FROM python:3.12-slim\nCOPY --from=busybox /bin/nc /usr/bin/nc{COPIED}",
    ],
)
def test_where_it_may_be_there_it_waits(dockerfile, tmp_path):
    assert unguarded(tmp_path, dockerfile, LOOP) == []


def test_what_the_script_installs_is_there(tmp_path):
    script = f"apt-get update && apt-get install -y netcat-openbsd\n{LOOP}"
    assert unguarded(tmp_path, f"FROM python:3.12-slim{COPIED}", script) == []


def test_another_way_to_wait_counts(tmp_path):
    script = f"until python ask.py db 5432; do sleep 1; done\n{LOOP}"
    assert unguarded(tmp_path, f"FROM python:3.12-slim{COPIED}", script) == []
