"""What counts as waiting for a dependency, and what only looks like it."""

import shlex
from time import process_time

import pytest

from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.commands.shell import read
from composecheck.facts.commands.waits import waits_for

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
    "bash -euo pipefail -c 'until pg_isready -h db; do sleep 1; done; exec app'",
    "bash -o pipefail -c 'wait-for-it db:5432 && app'",
    "bash -ce 'wait-for-it db:5432 && app'",
    # The loop's variable is each of its words in turn.
    "sh -c 'for h in cache db; do until nc -z $h 5432; do sleep 1; done; done; run'",
    "sh -c 'for hp in db:5432 cache:6379; do ./wait-for-it.sh $hp; done; run'",
    "sh -c 'ALL=\"cache db\"; for h in $ALL; do until nc -z ${h} 1; do sleep 1; done; done; run'",
    "sh -c 'for hp in db:5432; do until nc -z ${hp%:*} ${hp#*:}; do sleep 1; done; done; run'",
    # Commands that try again by themselves.
    "sh -c 'cub kafka-ready -b db:9092 1 20 && run'",
    "sh -c 'curl --retry 10 --retry-connrefused http://db:80 && run'",
    "curl --retry=10 --retry-all-errors http://db:80",
    "sh -c 'mysqladmin --wait=30 -h db ping && run'",
    "sh -c 'wget --retry-connrefused -qO- http://db/ && run'",
    # Something goes on in the background, or is done before, but not the work.
    "sh -c 'tail -f log & until nc -z db 1; do sleep 1; done; run'",
    "sh -c 'collect & until nc -z db 1; do sleep 1; done; run'",
    "sh -c 'migrate --offline && ./wait-for-it.sh db:5432 -- run'",
    "sh -c 'migrate --offline; dockerize -wait tcp://db:5432 run'",
    "sh -c 'build; timeout 60 bash -c \"until nc -z db 1; do sleep 1; done; run\"'",
    "sh -c 'apk add curl; until nc -z db 1; do sleep 1; done'",
    "sh -c 'case $1 in web) wait-for-it db:1 && web ;; esac'",
    # Quotes that a shell takes off, and those that another reads.
    "sh -c \"until nc -z 'db' 1; do sleep 1; done; run\"",
    "sh -c 'H=db; export H; sh -c \"until nc -z \\$H 1; do sleep 1; done; run\"'",
    # A wait with an end is one.
    "sh -c 'n=0; until nc -z db 1 || [ $n -ge 30 ]; do n=$((n+1)); sleep 1; done; run'",
    "sh -c 'while ! nc -z db 1 && [ $n -lt 30 ]; do sleep 1; done; run'",
    "sh -c 'while ! nc -z db 1 && sleep 1; do :; done; run'",
    "sh -c 'while ! (echo > /dev/tcp/db/1); do sleep 1; done; run'",
    "sh -c 'until echo try; nc -z db 1; do sleep 1; done; run'",
    "sh -c 'case $1 in (web|api) wait-for-it db:1 && web ;; esac'",
    "sh -c 'up() { wait-for-it db:1; }; up; run'",
    # The work waits with it, in the background or in another shell.
    "sh -c 'wait-for-it db:5432 -- run & tail -f /dev/null'",
    "sh -c 'sleep 10; wait-for-it db:5432 && run & wait'",
    "sh -c '(until nc -z db 1; do sleep 1; done; run) & other'",
    "timeout 60 bash -c 'until echo > /dev/tcp/$0/$1; do sleep 1; done' db 5432",
    "sh -c 'wait_up() { until nc -z db 1; do sleep 1; done; }; wait_up; run'",
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
    "sh -c './wait-for-it.sh db:5432 & run'",
    "sh -c '{ ./wait-for-it.sh db:5432 && echo up; } & run'",
    "sh -c 'if true; then wait-for-it db:1; fi & run'",
    "sh -c '(wait-for-it db:1) > log 2>&1 & run'",
    # Nor for what comes after the work.
    "sh -c 'run; ./wait-for-it.sh db:5432'",
    "sh -c 'run & until nc -z db 5432; do sleep 1; done; wait'",
    "sh -c 'run; until nc -z db 5432; do echo waiting; sleep 1; done'",
    # A wrapper's name among the arguments of what runs none.
    "sh -c 'echo wait-for-it.sh db:5432; run'",
    "sh -c 'chmod +x wait-for-postgres.sh; run'",
    "sh -c 'curl -sO https://example.org/wait-for-postgres.sh; run'",
    "echo wait-for-it.sh db:5432",
    # A condition that does not need the host.
    "sh -c 'until nc -z db 5432 || true; do sleep 1; done; run'",
    "sh -c 'until nc -z db 5432 || nc -z cache 1; do sleep 1; done; run'",
    "sh -c 'until nc -z db 5432 || break; do sleep 1; done; run'",
    "sh -c 'while ! nc -z db 1 && ! nc -z cache 1; do sleep 1; done; run'",
    "sh -c 'until nc -z db 1; true; do sleep 1; done; run'",
    "sh -c 'for h in cache queue; do until nc -z $h 1; do sleep 1; done; done; run --db db'",
    "sh -c 'for h in db cache; do ping -c1 $h; done; run'",
    "sh -c 'for h in db; do until nc -z my-$h 1; do sleep 1; done; done; run'",
    # It tries once.
    "sh -c 'curl http://db:80 && run'",
    "sh -c 'curl --retry 3 http://db:80 && run'",
    "sh -c 'curl --retry 3 --retry-connrefused http://cache && run --db db'",
    "sh -c 'mysqladmin -h db ping && run'",
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


@pytest.mark.parametrize(
    "command",
    [
        ["./wait-for-it.sh", "$DB_HOST:5432", "--", "run"],
        ["sh", "-c", "until nc -z '$DB_HOST' 1; do sleep 1; done; run"],
        ["sh", "-c", "until nc -z \\$DB_HOST 1; do sleep 1; done; run"],
        ["sh", "-c", 'until nc -z "\\$DB_HOST" 1; do sleep 1; done; run'],
    ],
)
def test_variable_that_nothing_expands_is_no_host(command):
    assert not waits_for(Hosts(["db"]), command, {"DB_HOST": "db"})


def test_shell_expands_what_another_quoted_for_it():
    command = ["sh", "-c", "sh -c 'until nc -z $DB_HOST 1; do sleep 1; done'; run"]
    assert waits_for(Hosts(["db"]), command, {"DB_HOST": "db"})


@pytest.mark.parametrize("word", ["wait-for-it", "--", "sh", "-c", "curl"])
def test_long_commands_are_read_in_linear_time(word):
    began = process_time()
    assert not waits_for(Hosts(["db"]), [word] * 20_000, {})
    assert not waits_for(Hosts(["db"]), ["sh", "-c", " ".join([word] * 20_000)], {})
    assert process_time() - began < 2


def test_wait_takes_its_hosts_from_the_environment():
    command = ["sh", "-c", "/wait && api"]
    assert waits_for(Hosts(["db"]), command, {"WAIT_HOSTS": "cache:6379, db:5432"})
    assert not waits_for(Hosts(["db"]), command, {"WAIT_HOSTS": "cache:6379"})


def test_every_name_of_the_dependency_counts():
    loop = ["sh", "-c", "until nc -z database 5432; do sleep 1; done"]
    assert waits_for(Hosts(["db", "database"]), loop, {})


def test_deeply_nested_loops_are_read():
    script = read("while a; do " * 500 + "b; " + "done; " * 500)
    assert len(script.commands) >= 10


@pytest.mark.parametrize(
    "script", ["'", '"', "$(", "`", "\\", "<<E", "until", "done", "do", "a &", "(", "until x; do"]
)
def test_broken_script_is_read_all_the_same(script):
    read(script)
