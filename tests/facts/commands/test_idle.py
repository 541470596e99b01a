"""Containers that only sit there, and those that merely look like it."""

import pytest

from composecheck.facts import Facts
from composecheck.facts.commands.idle import idles
from composecheck.lint import examine
from composecheck.loading.options import Options

IDLE = [
    "command: sleep infinity",
    "command: sleep 1d",
    "command: [sleep, '86400']",
    "command: tail -f /dev/null",
    "entrypoint: [tail, -F, /dev/null]",
    "entrypoint: [tini, --, sleep, infinity]",
    "command: bash -c 'while true; do sleep 3600; done'",
    "command: sh -c 'while :; do sleep 30; done'",
    "command: sh -c 'while sleep 1000; do :; done'",
    "command: sh -c 'until false; do sleep 5; done'",
    "command: sh -c 'echo ready; exec tail -f /dev/null'",
    "command: sh -c 'trap \"exit 0\" TERM; sleep infinity & wait'",
    "entrypoint: /bin/sh, tty: true",
    "command: bash, stdin_open: true",
    "command: [/bin/bash, -l], tty: true",
    "command: cat, tty: true",
]
BUSY = [
    "init: true",
    "tty: true",
    "command: bash",
    "command: cat",
    "command: bash -c run, tty: true",
    "command: [bash, start.sh], tty: true",
    "command: tail -f /var/log/app.log",
    "command: sleep 5",
    "command: sh -c 'while true; do curl http://db; sleep 60; done'",
    "command: sh -c 'while true; do curl http://db; done; sleep infinity'",
    "command: sh -c 'worker & sleep infinity'",
    "command: sh -c 'sleep 5; run'",
    "entrypoint: /init.sh, command: sleep infinity",
]


@pytest.fixture
def place(tmp_path):
    """Returns the text of the place that says that a service with these keys idles."""

    def find(body):
        (tmp_path / "compose.yml").write_text(f"services:\n  a: {{image: x, {body}}}\n")
        facts = Facts(examine(Options(folder=tmp_path, environment={})).project)
        return idles(facts, facts.services["a"])

    return find


@pytest.mark.parametrize("body", IDLE)
def test_container_only_sits_there(place, body):
    assert place(body).text in body


@pytest.mark.parametrize("body", BUSY)
def test_container_may_have_work_to_do(place, body):
    assert place(body) is None


@pytest.mark.parametrize(
    ("text", "idle"),
    [("#!/bin/sh\nwhile :; do sleep 60; done\n", True), ("#!/bin/sh\nrun; sleep inf\n", False)],
)
def test_script_that_only_sits_there_does_so(place, tmp_path, text, idle):
    (tmp_path / "sit.sh").write_text(text)
    found = place("command: sh /s/sit.sh, volumes: ['.:/s']")
    assert (found is not None) is idle
