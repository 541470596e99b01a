"""Commands that start their program again by themselves whenever it ends."""

import pytest

from composecheck.facts import Facts
from composecheck.facts.commands.waiting import runs_again
from composecheck.lint import examine
from composecheck.loading.options import Options


@pytest.fixture
def place(tmp_path):
    """Returns the place that says that a service with this command starts its program again."""

    def find(command):
        (tmp_path / "compose.yml").write_text(
            "services:\n  a:\n    image: x\n    command: |\n"
            + "".join(f"      {line}\n" for line in ["bash -c '", *command.splitlines(), "'"])
        )
        facts = Facts(examine(Options(folder=tmp_path, environment={})).project)
        return runs_again(facts, facts.services["a"])

    return find


@pytest.mark.parametrize(
    "command",
    [
        "while true; do serve --db db; sleep 2; done",
        "cd /app; while :; do serve; sleep 2; done",
        "export A=b && until false; do serve; done",
    ],
)
def test_program_is_started_again(place, command):
    assert place(command).line == 4


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "while true; do sleep 2; done",
        "migrate; while true; do serve; done",
        "set -e; while true; do serve; done",
        "while true; do serve && break; done",
        "while [ -f x ]; do serve; done",
        "if [ $A ]; then while true; do serve; done; fi",
    ],
)
def test_program_is_started_once_or_something_before_it_is(place, command):
    assert place(command) is None
