"""What a process runs is followed once for all hosts that answer alike, and found as if for each alone."""

import pytest

from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.commands.waits import Process, Reading, waits_for

SCRIPT = """
wait_for_cache() { for i in 1 2 3; do check && return; sleep 1; done; exit 1; }
log() { local at=$1; at=$(date); echo $at; }
log a; log b; log c
until nc -z db 5432; do sleep 1; done
wait_for_cache
curl --retry 5 --retry-connrefused http://queue/
for host in one two; do until nc -z $host 1; do sleep 1; done; done
exec api
"""
NAMES = ["other", "db", "cache", "more", "queue", "one", "two", "three", "db"]


@pytest.fixture
def followed(monkeypatch):
    """Return the hosts for which something was followed from its beginning."""
    found = []
    process = Reading.process

    def counted(self, argv, values, depth):
        if not depth:
            found.append(self.hosts)
        return process(self, argv, values, depth)

    monkeypatch.setattr(Reading, "process", counted)
    return found


def test_hosts_that_answer_alike_are_followed_for_once(followed):
    process = Process(["sh", "-c", SCRIPT], {})
    assert [process.waits_for(Hosts([f"host{n}"])) for n in range(50)] == [None] * 50
    assert len(followed) == 1
    assert process.waits_for(Hosts(["db"])).seconds is None
    assert process.waits_for(Hosts(["db", "other"])).seconds is None
    assert len(followed) == 2


@pytest.mark.parametrize("names", [NAMES, NAMES[::-1]])
def test_each_host_gets_what_it_would_alone(names, followed):
    process = Process(["sh", "-c", SCRIPT], {})
    found = [process.waits_for(Hosts([name])) for name in names]
    assert len(followed) < len(names)
    assert found == [waits_for(Hosts([name]), ["sh", "-c", SCRIPT], {}) for name in names]


def test_what_waits_for_nobody_has_one_outcome(followed):
    process = Process(["api"], {})
    assert [process.waits_for(Hosts([name])) for name in NAMES] == [None] * len(NAMES)
    assert len(followed) == 1


def test_function_that_sets_only_its_own_is_followed_twice(monkeypatch):
    called = []
    inside = Reading._block

    def counted(self, block, scope, **work):
        called.append(scope.arguments[:1])
        return inside(self, block, scope, **work)

    monkeypatch.setattr(Reading, "_block", counted)
    local = "f() { local at=$1; at=$HOME/$at; echo $at; }\n"
    ours = "f() { at=$HOME/$1; echo $at; }\n"
    for text in (local, ours):
        waits_for(Hosts(["db"]), ["sh", "-c", text + "f x\n" * 9], {})
    assert called.count(("f",)) == 2 + 9
