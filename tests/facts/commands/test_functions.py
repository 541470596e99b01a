"""Waits in functions, and those that are named after what they wait for."""

import pytest

from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.commands.waits import waits_for

LOOP = 'wait_for() { until nc -z "$1" "$2"; do sleep 1; done; }; '


def waits(script, names=("db",), environment=None, **given):
    return waits_for(Hosts(names, **given), ["bash", "-c", script], environment or {}) is not None


@pytest.mark.parametrize(
    "script",
    [
        LOOP + "wait_for db 5432; run",
        LOOP + "wait_for cache 6379; wait_for db 5432; run",
        LOOP + 'for each in cache db; do wait_for "$each" 1; done; run',
        LOOP + "main() { wait_for db 5432; run; }; main",
        "function up { until nc -z db 1; do sleep 1; done; }\nup\nrun",
        "answers() { nc -z db 1; }; until answers; do sleep 1; done; run",
        "state() { curl -s http://db/health; }; until [ $(state) = ok ]; do sleep 1; done; run",
        "ask() { nc -z db 1; echo $?; }; while true; do [ $(ask) -eq 0 ] && break; sleep 1; done; run",
        "while true; do nc -z db 1; if [ $? -eq 0 ]; then break; fi; sleep 1; done; run",
        "until [ \"$code\" = 200 ]; do code=$(curl -so /dev/null -w '%{http_code}' http://db); done; run",
        'args=(-s "http://db:9200/"); for _ in 1 2; do o="$(curl "${args[@]}")"; [ $o ] && break; done; run',
        "while ! exec 6<>/dev/tcp/db/5432; do sleep 1; done; run",
        "while (!</dev/tcp/db/5432) >/dev/null 2>&1; do sleep 1; done; run",
        "until (mc alias set m http://db:9000 a b) do sleep 1; done; run",
        "up() {\npython <<END\nconnect(host='db')\nEND\n}\nuntil up; do sleep 1; done; run",
        "IFS=: read -r h p <<< db:5432; until nc -z $h $p; do sleep 1; done; run",
        "set -- db 5432; until nc -z $1 $2; do sleep 1; done; run",
        'if [ -n "$WAIT" ]; then until nc -z db 1; do sleep 1; done; fi; run',
        "case $ROLE in web) until nc -z db 1; do sleep 1; done ;; esac; run",
        "cat <<END | tee /etc/conf && until nc -z db 1; do sleep 1; done\ntext\nEND\nrun",
        "while :; do nc -z db 1 || { sleep 1; continue; }; break; done; run",
    ],
)
def test_script_waits(script):
    assert waits(script)
    assert not waits(script, ("queue",))


@pytest.mark.parametrize(
    "script",
    [
        LOOP + "run --db db",
        LOOP + "wait_for cache 6379; run --db db",
        LOOP + "run; wait_for db 5432",
        "for f in *.sql; do psql -h db -f $f || exit 1; done; run",
        "for f in *.sql; do if ! psql -h db -f $f; then exit 1; fi; done; run",
        "while true; do if ! curl -f http://db; then break; fi; sleep 1; done; run",
        "until run --db db; do sleep 1; done &\nserve",
        "f() { f; }; f; g() { h; }; h() { g; }; g",
    ],
)
def test_script_does_not_wait(script):
    assert not waits(script)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("python manage.py wait_for_db && run", "database"),
        ("python manage.py wait_for_database; run", "database"),
        ("wait_for_database_to_be_reachable() { until dbshell; do sleep 1; done; }\n"
         "wait_for_database_to_be_reachable; run", "database"),
        ("wait_for_mq() { while true; do celery status; [ $? = 0 ] && break; done; }; wait_for_mq; run",
         "broker"),
        ("until python manage.py migrate; do sleep 2; done; run", "database"),
        ("until alembic upgrade head; do sleep 2; done; run", "database"),
        ("until celery -A app inspect ping; do sleep 2; done; run", "broker"),
    ],
)  # fmt: skip
def test_name_of_a_kind_means_what_is_of_that_kind(script, kind):
    assert waits(script, ("x",), kind=kind)
    assert not waits(script, ("x",), kind="proxy")


def test_script_for_all_services_waits_for_each():
    assert waits("./bin/wait-for-services.sh && run", ("x",))


def test_client_takes_its_host_from_the_environment():
    script = "until pg_isready; do sleep 1; done; run"
    assert waits(script, environment={"PGHOST": "db"})
    assert not waits(script, environment={"PGHOST": "other"})
    assert not waits(script)


@pytest.mark.parametrize(
    "script",
    [
        "if [ $LOCAL ]; then HOST=localhost; else HOST=db; fi; until nc -z $HOST 1; do sleep 1; done; run",
        "case $MODE in a) HOST=db;; *) HOST=localhost;; esac; until nc -z $HOST 1; do sleep 1; done; run",
    ],
)
def test_variable_may_be_what_each_way_makes_it(script):
    assert waits(script)
    assert not waits(script, ("queue",))
