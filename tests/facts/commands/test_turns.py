"""A long script is followed for each host as if it were followed for that one alone."""

from __future__ import annotations

import random

import pytest

from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.commands.turns import LONG
from composecheck.facts.commands.waits import Process, Wait

HOSTS = ("db", "cache", "my-db", "queue.internal", "search", "10.0.0.7")
PIECES = (
    "until nc -z {0} 80; do sleep 1; done",
    "until nc -z {0} 80; do sleep 1; n=$((n+1)); [ $n -gt 7 ] && exit 1; done",
    "for i in 1 2 3; do pg_isready -h{0} && break; sleep 2; done",
    "wait-for-it {0}:80 -t 5",
    "wait-for-it {0}:80 --strict -t 9 -- echo there",
    "while ! curl -f http://{0}:80/health; do sleep 2; done",
    "H={0}",
    "until nc -z $H 80; do sleep 3; done",
    "ask() {{ nc -z $1 80; }}",
    "until ask {0}; do sleep 1; done",
    "for h in {0} {1}; do until nc -z $h 80; do sleep 1; done; done",
    'if [ -n "$H" ]; then wait-for-it {0}:1 -t 3; fi',
    'if [ "$1" = web ]; then wait-for-it {0}:1 -t 4; fi',
    "until nc -z {0} 80 && nc -z {1} 80; do sleep 1; done",
    "wait-for-{0}",
    "until python manage.py migrate; do sleep 1; done",
    "until (echo > /dev/tcp/{0}/80); do sleep 1; done",
    "wait-for-it {0}:80 -t 6 &",
    "set -e",
    "set +e",
    "set -- web {0}",
    "shift",
    "[ $? = 0 ] || exit 1",
    "echo asked {0}",
    "cd /app",
    "migrate",
    "exec serve",
)


def hosts(name):
    kind = {"db": "database", "my-db": "database", "cache": "cache"}.get(name, "")
    return Hosts([name], kind=kind, machine="host\\.docker\\.internal", published=[80])


@pytest.mark.parametrize("seed", range(60))
def test_hosts_in_turn_are_waited_for_as_each_alone(seed):
    chance = random.Random(seed)  # noqa: S311 - the same ones every time
    lines = [chance.choice(PIECES).format(*chance.sample(HOSTS, 2)) for _ in range(LONG + 8)]
    argv = ["bash", "-c", "\n".join(lines), "bash", "web"]
    turns, order = Process(argv, {}), [*HOSTS, *HOSTS]
    chance.shuffle(order)
    found = {(name, turns.waits_for(hosts(name))) for name in order}
    assert found == {(name, Process(argv, {}).waits_for(hosts(name))) for name in HOSTS}


def test_an_address_that_others_have_too_is_looked_for_everywhere():
    lines = [f"until nc -z localhost {port}; do sleep 1; done" for port in range(8000, 8000 + LONG)]
    process = Process(["sh", "-c", "\n".join(lines)], {})
    for port in range(8000, 8000 + LONG):
        assert process.waits_for(Hosts(["a"], machine="localhost", published=[port])) == Wait()
    assert process.waits_for(Hosts(["a"], machine="localhost", published=[80])) is None
    assert process.waits_for(Hosts(["a"], beside="localhost")) == Wait()
