"""Programs of the project, in other languages than the shell's, that wait before the service's own starts."""

import pytest

from composecheck.lint import examine
from composecheck.loading.options import Options

COMPOSE = """\
services:
  app:
    build: .
    environment: {DATABASE_URL: "postgres://u:x@db/x"}
    depends_on: [db]
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: x}
    volumes: ["data:/var/lib/postgresql/data"]
volumes: {data: }
"""
APP = """\
import os
import psycopg2
connection = psycopg2.connect(os.environ["DATABASE_URL"])
"""
PATIENT = """\
import os, time
import psycopg2
while True:
    try:
        psycopg2.connect(os.environ["DATABASE_URL"]).close()
        break
    except psycopg2.OperationalError:
        time.sleep(2)
"""
SOCKETS = """\
const net = require('net');
function ask() {
  const socket = net.connect(5432, 'db');
  socket.on('connect', () => process.exit(0));
  socket.on('error', () => setTimeout(ask, 1000));
}
ask();
"""
RUBY = """\
require 'pg'
until (PG.connect(ENV['DATABASE_URL']) rescue false)
  sleep 1
end
"""
SUPERVISED = '[supervisord]\nnodaemon=true\n[program:web]\ncommand=sh -c "%s"\n'
BOTH = "python prestart.py && python app.py"


@pytest.fixture
def severities(tmp_path):
    """Returns the severities of what is found of the dependency, given the files and the last instruction."""

    def find(files, last):
        lines = "FROM python:3.12\nWORKDIR /srv\nRUN pip install psycopg2\nCOPY . .\n"
        for name, text in {"app.py": APP, "compose.yml": COMPOSE, **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        (tmp_path / "Dockerfile").write_text(f"{lines}{last}\n")
        report = examine(Options(folder=tmp_path, environment={}))
        return [d.severity for d in report.diagnostics if d.rule == "unguarded-dependency"]

    return find


@pytest.mark.parametrize(
    ("files", "last"),
    [
        ({"prestart.py": PATIENT}, f"CMD {BOTH}"),
        ({"checks/db.py": PATIENT}, "CMD python -m checks.db && exec python app.py"),
        ({"ask.js": SOCKETS}, "CMD node ask.js && python app.py"),
        ({"ask.rb": RUBY}, "CMD ruby ask.rb; python app.py"),
        (
            {"tools/ask.py": f"#!/usr/bin/env python3\n{PATIENT}"},
            "COPY tools/ask.py /usr/local/bin/ask\nCMD ask && python app.py",
        ),
        (
            {
                "entry.sh": '#!/bin/sh\nready() {\n  python prestart.py\n}\nready\nexec "$@"\n',
                "prestart.py": PATIENT,
            },
            'COPY entry.sh /entry.sh\nENTRYPOINT ["/entry.sh"]\nCMD ["python", "app.py"]',
        ),
        ({"Procfile": f"web: {BOTH}\n", "prestart.py": PATIENT}, 'CMD ["honcho", "start"]'),
        ({"Procs": f"web: {BOTH}\n", "prestart.py": PATIENT}, 'CMD ["honcho", "start", "-f", "Procs"]'),
        (
            {"conf": SUPERVISED % BOTH, "prestart.py": PATIENT},
            'COPY conf /etc/supervisor/conf.d/supervisord.conf\nCMD ["supervisord", "-n"]',
        ),
    ],
)
def test_program_that_asks_until_it_is_answered_is_a_wait(severities, files, last):
    assert severities(files, last) == []


@pytest.mark.parametrize(
    ("files", "last"),
    [
        ({"prestart.py": APP}, f"CMD {BOTH}"),
        ({"prestart.py": f"{APP}for row in connection:\n    print(row)\n"}, f"CMD {BOTH}"),
        ({"ask.js": "console.log(process.env.DATABASE_URL)\n"}, "CMD node ask.js && python app.py"),
        ({"prestart.py": PATIENT.replace("psycopg2", "redis").replace("DATABASE", "CACHE")}, f"CMD {BOTH}"),
        ({"prestart.py": PATIENT}, "CMD python app.py && python prestart.py"),
        ({"prestart.py": PATIENT}, "CMD python prestart.py & python app.py"),
        ({"Procfile": "web: python app.py\n"}, 'CMD ["honcho", "start"]'),
        (
            {"conf": SUPERVISED % "python app.py"},
            'COPY conf /etc/supervisord.conf\nCMD ["supervisord", "-c", "/etc/supervisord.conf"]',
        ),
    ],
)
def test_program_that_asks_once_or_somebody_else_or_too_late_is_none(severities, files, last):
    assert severities(files, last) != []


def test_program_that_is_the_work_itself_is_no_wait(severities):
    assert severities({"main.py": PATIENT}, "CMD exec python main.py") == ["note"]
