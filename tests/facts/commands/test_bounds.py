"""How long commands wait, and what they do when that is over."""

import shlex

import pytest

from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.commands.waits import waits_for

BOUNDS = [
    ("./wait-for-it.sh db:5432 -- run", 15, "goes on"),
    ("./wait-for-it.sh -t 60 db:5432 -- run", 60, "goes on"),
    ("./wait-for-it.sh db:5432 --timeout=60 -- run", 60, "goes on"),
    ("./wait-for-it.sh -h db -p 5432 -s -- run", 15, "fails"),
    ("./wait-for-it.sh db:5432 --strict -t 5 -- run", 5, "fails"),
    ("./wait-for-it.sh db:5432 -t 0 -- run", None, "fails"),
    ("./wait-for-it.sh db:5432 -- run --strict -t 0", 15, "goes on"),
    ("./wait-for db:5432 -- run", 15, "fails"),
    ("./wait-for db:5432 -t 90 -- run", 90, "fails"),
    ("./wait-for -t90 db:5432 -- run", 90, "fails"),
    ("dockerize -wait tcp://db:5432 run", 10, "fails"),
    ("dockerize -wait tcp://db:5432 -timeout 2m run", 120, "fails"),
    ("dockerize -wait tcp://db:5432 -timeout 0s run", 0, "fails"),
    ("wait4x tcp db:5432 -- run", 10, "fails"),
    ("wait4x tcp db:5432 --timeout 1m30s -- run", 90, "fails"),
    ("wait4x tcp db:5432 -t 0 -- run", None, "fails"),
    ("sh -c 'wait-on tcp:db:5432 && run'", None, "fails"),
    ("sh -c 'wait-on -t 0 tcp:db:5432 && run'", 0, "fails"),
    ("sh -c 'wait-on -t 5000 tcp:db:5432 && run'", 5, "fails"),
    ("sh -c 'wait-on -t 30s tcp:db:5432 && run'", 30, "fails"),
    ("sh -c 'cub kafka-ready -b db:9092 1 40 && run'", 40, "fails"),
    ("sh -c 'curl --retry 5 --retry-connrefused http://db && run'", 31, "fails"),
    ("sh -c 'curl --retry 5 --retry-delay 3 --retry-connrefused http://db && run'", 15, "fails"),
    ("sh -c 'curl --retry 50 --retry-max-time 40 --retry-connrefused http://db && run'", 40, "fails"),
    ("sh -c 'wget --retry-connrefused -t 4 http://db && run'", 6, "fails"),
    ("sh -c 'wget --retry-connrefused --tries=0 http://db && run'", None, "fails"),
    ("sh -c 'mysqladmin --wait=6 -h db ping && run'", 30, "fails"),
    # What the shell makes of it.
    ("sh -c './wait-for-it.sh db:5432 && run'", 15, "fails"),
    ("sh -c './wait-for-it.sh db:5432; run'", 15, "goes on"),
    ("sh -c 'set -e; ./wait-for-it.sh db:5432; run'", 15, "fails"),
    ("bash -ec './wait-for db:5432 || true; run'", 15, "goes on"),
    ("sh -c './wait-for db:5432 || exit 1; run'", 15, "fails"),
    ("sh -c 'if ! ./wait-for db:5432; then echo no; exit 1; fi; run'", 15, "fails"),
    ("sh -c 'if ! ./wait-for db:5432; then echo no; fi; run'", 15, "goes on"),
    ("sh -c './wait-for db:5432; [ $? -eq 0 ] || exit 1; run'", 15, "fails"),
    ("timeout 30 sh -c 'until nc -z db 1; do sleep 1; done'", 30, "fails"),
    ("sh -c 'timeout 30 sh -c \"until nc -z db 1; do sleep 1; done\"; run'", 30, "goes on"),
    # Loops that count.
    ("sh -c 'until nc -z db 1; do sleep 1; done; run'", None, "fails"),
    ("sh -c 'for i in 1 2 3; do nc -z db 1 && break; sleep 2; done; run'", 6, "goes on"),
    ("sh -c 'for i in $(seq 30); do nc -z db 1 && break; sleep 2; done; run'", 60, "goes on"),
    ("sh -c 'for i in `seq 4`; do nc -z db 1 && break; sleep 1; done; run'", 4, "goes on"),
    ("sh -c 'for i in $(seq 1 $MAX); do nc -z db 1 && break; sleep 1; done; run'", None, "fails"),
    ("sh -c 'for i in 1 2; do nc -z db 1 && break; sleep 1; done; echo no; exit 1'", 2, "fails"),
    (
        "sh -c 'n=9; while sleep 3; do nc -z db 1 && break; ((n -= 3)); [ $n -le 0 ] && exit 1; done'",
        9,
        "fails",
    ),
    ("sh -c 'for i in $(seq 1 30); do if nc -z db 1; then break; fi; sleep 1; done; run'", 30, "goes on"),
    ("bash -c 'for i in {1..20}; do nc -z db 1 && break; sleep 1; done; run'", 20, "goes on"),
    ("bash -c 'for ((i=0; i<25; i++)); do nc -z db 1 && break; sleep 1; done; run'", 25, "goes on"),
    (
        "bash -c 'for i in {1..9}; do nc -z db 1 && break; [ $i = 9 ] && exit 1; sleep 1; done; run'",
        9,
        "fails",
    ),
    ("sh -c 'n=0; until nc -z db 1 || [ $n -ge 30 ]; do n=$((n+1)); sleep 1; done; run'", 30, "goes on"),
    ("sh -c 'n=30; until nc -z db 1 || [ $n -le 0 ]; do n=$((n-1)); sleep 2; done; run'", 60, "goes on"),
    (
        "sh -c 'N=20; n=0; until nc -z db 1; do n=$((n+1)); [ $n -gt $N ] && exit 1; sleep 1; done; run'",
        20,
        "fails",
    ),
    (
        "sh -c 'M=30; c=0; while [ $c -lt $M ]; do nc -z db 1 && break; sleep 3; c=$((c+3)); done; run'",
        30,
        "goes on",
    ),
    (
        "sh -c 'E=$(( $(date +%s) + 60 )); until nc -z db 1; do [ $(date +%s) -gt $E ] && exit 1; done; run'",
        60,
        "fails",
    ),
    ("bash -c 'until nc -z db 1; do ((SECONDS > 45)) && exit 1; sleep 1; done; run'", 45, "fails"),
    (
        "sh -c 'f() { for i in 1 2; do nc -z db 1 && return 0; sleep 4; done; return 1; }; f || exit 1; run'",
        8,
        "fails",
    ),
    (
        "sh -c 'f() { for i in 1 2; do nc -z db 1 && return 0; sleep 4; done; return 1; }; f; run'",
        8,
        "goes on",
    ),
]


@pytest.mark.parametrize(("command", "seconds", "then"), BOUNDS)
def test_wait_has_a_bound_and_says_what_follows(command, seconds, then):
    wait = waits_for(Hosts(["db"]), shlex.split(command), {})
    assert (wait.seconds, wait.then) == (seconds, then)


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [({}, 30), ({"WAIT_TIMEOUT": "90"}, 90), ({"WAIT_HOSTS_TIMEOUT": "300"}, 300)],
)
def test_docker_compose_wait_takes_its_bound_from_the_environment(environment, seconds):
    command = ["sh", "-c", "/wait && run"]
    wait = waits_for(Hosts(["db"]), command, {"WAIT_HOSTS": "db:5432", **environment})
    assert (wait.seconds, wait.then) == (seconds, "fails")


def test_bound_may_stand_in_a_variable():
    loop = "until nc -z db 1; do n=$((n+1)); [ $n -gt ${RETRIES:-12} ] && exit 1; sleep $PAUSE; done; run"
    command = ["sh", "-c", loop]
    assert waits_for(Hosts(["db"]), command, {"PAUSE": "5"}).seconds == 60
    assert waits_for(Hosts(["db"]), command, {"PAUSE": "5", "RETRIES": "2"}).seconds == 10


def test_longest_of_several_waits_counts():
    command = ["sh", "-c", "./wait-for-it.sh db:5432; until nc -z db 5432; do sleep 1; done; run"]
    assert waits_for(Hosts(["db"]), command, {}).seconds is None
