"""What counts as waiting for a dependency, and what only looks like it."""

import shlex

import pytest

from composecheck.guards.shell import read
from composecheck.guards.waits import Hosts, waits_for

WAITING = [
    "./wait-for-it.sh db:5432 -- api",
    "./wait-for-it.sh -h db -p 5432 -t 0 -- api",
    "bash wait-for-it.sh --host=db --port=5432 -- api",
    "wait-for db:5432 -- api",
    "wait-for-it other:1 -- wait-for-it db:5432 -- api",
    "dockerize -wait tcp://db:5432 -timeout 20s api",
    "dockerize -timeout 20s -wait=http://db:80/health api",
    "wait4x tcp db:5432 -- api",
    "wait4x postgresql postgres://me:pw@db:5432/x -- api",
    "npx wait-on tcp:db:5432 && api",
    "python manage.py wait_for_db",
    "sh -c './wait-for-postgres.sh && api'",
    "sh -c 'wait-for-it db:5432 && exec api'",
    "/usr/bin/env bash -euc 'wait-for-it db:5432; api'",
    "tini -- sh -c 'until nc -z db 5432; do sleep 1; done; exec api'",
    "sh -c 'until nc -z db 5432; do sleep 1; done; exec api'",
    "bash -c 'while ! nc -z db 5432; do sleep 1; done; api'",
    "sh -c 'until pg_isready -hdb; do echo waiting; sleep 1; done && api'",
    "sh -c 'until psql -h \"db\" -c select; do\n  sleep 1\ndone\nexec api'",
    "sh -c 'until echo PING | nc db 6379 | grep -q PONG; do sleep 1; done'",
    "sh -c 'until (echo > /dev/tcp/db/5432) >/dev/null 2>&1; do sleep 1; done'",
    "timeout 60 bash -c 'until printf \"\" 2>>/dev/null >>/dev/tcp/db/5432; do sleep 1; done'",
    "sh -c 'timeout 60 sh -c \"until nc -z db 5432; do sleep 1; done\"; exec api'",
    "sh -c 'until [ \"$(curl -s http://db/ready)\" = ok ]; do sleep 1; done'",
    "sh -c 'while [ `curl -so /dev/null -w %{http_code} db:80` != 200 ]; do sleep 1; done'",
    "sh -c 'for i in 1 2 3; do curl -f http://db:80/ && break; sleep 1; done; api'",
    "sh -c 'while true; do if nc -z db 5; then break; fi; sleep 1; done'",
    "sh -c '(until nc -z db 1; do sleep 1; done) > log 2>&1 | tee x; exec api'",
    "sh -c 'H=db; until nc -z $H 5432; do sleep 1; done'",
    "sh -c 'until nc -z ${DB_HOST:-db} 5432; do :; done'",
    "sh -c 'cat <<END\ntext\nEND\nuntil nc -z db 1; do :; done'",
]
NOT_WAITING = [
    "api db",
    "api --database postgres://db:5432/x",
    "./wait-for-it.sh other:5432 -- api --db db:5432",
    "dockerize -wait tcp://other:5432 api db",
    "wait4x tcp other:5432 -- api db:5432",
    "echo 'until nc -z db 5432; do sleep 1; done'",
    "sh -c 'echo until nc -z db 5432; api'",
    "sh -c 'until nc -z cache 6379; do sleep 1; done; api --db db'",
    "sh -c '# until nc -z db 5432; do sleep 1; done\napi'",
    "sh -c 'cat <<END\nuntil nc -z db 1; do\nsleep 1\ndone\nEND\napi'",
    "sh -c 'while true; do sleep 1; done; psql -h db'",
    "sh -c 'while nc -z db 5432; do sleep 1; done'",
    "sh -c 'until ! nc -z db 1; do sleep 1; done'",
    "sh -c 'until false; do api --db db; sleep 1; done'",
    "sh -c 'for f in a b; do psql -h db -f $f; done'",
    "sh -c 'until ls /data/db; do sleep 1; done'",
    "sh -c 'until [ -f /data/db ]; do sleep 1; done'",
    "sh -c 'until [ \"$NAME\" = db ]; do sleep 1; done'",
    "sh -c 'until nc -z my-db 1; do sleep 1; done'",
    "sh -c 'until nc -z db.example.org 1; do sleep 1; done'",
    # A name is known as soon as the container runs: that is no readiness.
    "sh -c 'until getent hosts db; do sleep 1; done'",
    "sh -c 'until ping -c1 db; do sleep 1; done'",
    # Nobody waits for what goes on in the background.
    "sh -c 'until nc -z db 1; do sleep 1; done & exec api'",
    "sh -c '(until nc -z db 1; do sleep 1; done) 2>&1 | tee log & exec api'",
    "sh -c 'wait; api db'",
    "sh -c ''",
    "sh -c",
    "",
]


@pytest.mark.parametrize("command", WAITING)
def test_command_waits_for_db(command):
    assert waits_for(Hosts(["db"], ["postgres"]), shlex.split(command), {})


@pytest.mark.parametrize("command", WAITING)
def test_command_waits_for_no_other_host(command):
    assert not waits_for(Hosts(["queue"], ["rabbitmq"]), shlex.split(command), {})


@pytest.mark.parametrize("command", NOT_WAITING)
def test_command_does_not_wait_for_db(command):
    assert not waits_for(Hosts(["db"], ["postgres"]), shlex.split(command), {})


def test_host_may_stand_in_the_environment():
    loop = ["sh", "-c", "until nc -z $DB_HOST 5432; do sleep 1; done"]
    assert waits_for(Hosts(["db"]), loop, {"DB_HOST": "db"})
    assert not waits_for(Hosts(["db"]), loop, {"DB_HOST": "other"})
    assert not waits_for(Hosts(["db"]), loop, {"DB_HOST": None})


def test_wait_takes_its_hosts_from_the_environment():
    command = ["sh", "-c", "/wait && api"]
    assert waits_for(Hosts(["db"]), command, {"WAIT_HOSTS": "cache:6379, db:5432"})
    assert not waits_for(Hosts(["db"]), command, {"WAIT_HOSTS": "cache:6379"})


def test_every_name_of_the_dependency_counts():
    loop = ["sh", "-c", "until nc -z database 5432; do sleep 1; done"]
    assert waits_for(Hosts(["db", "database"]), loop, {})


def test_deeply_nested_loops_are_read():
    script = read("while a; do " * 5000 + "b; " + "done; " * 5000)
    assert len(script.loops) == 5000


@pytest.mark.parametrize(
    "script", ["'", '"', "$(", "`", "\\", "<<E", "until", "done", "do", "a &", "(", "until x; do"]
)
def test_broken_script_is_read_all_the_same(script):
    read(script)
