"""The commands on a stack that stands, on the simulated engine: what they print, and what they refuse."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from composecheck import Simulated, Stack
from composecheck.cli import COMMANDS, main, standing
from composecheck.cli.instead import _INSTEAD, _OF_COMPOSE
from composecheck.cli.logs import Lines, _Reading
from composecheck.engine.protocol import ProbeResult, Status
from composecheck.loading.schema_fast import read_schema
from composecheck.report import containers
from composecheck.snapshot import Snapshot

STACK = """
name: shop
services:
  api:
    image: example/api
    ports: ["80", "9000/udp"]
    depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}}
  job:
    image: example/job
    command: ["--password=hunter2secret"]
    environment: {JOB_PASSWORD: hunter2secret}
    depends_on: {db: {condition: service_healthy}}
  db:
    image: example/db
    healthcheck: {test: [CMD, "true"], interval: 2s, retries: 3}
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return the exit code and output of a command on a stack that stands."""
    (tmp_path / "compose.yml").write_text(STACK)
    monkeypatch.chdir(tmp_path)
    session = Simulated()
    Stack("compose.yml", engine=session).up()
    monkeypatch.setattr(standing, "connect", lambda: session)

    def command(*arguments):
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return command


def test_ps_tells_goal_state_and_ports(run):
    code, out, err = run("ps")
    lines = [re.split(r"  +", line) for line in out.splitlines()]
    assert code == 0
    assert lines[0] == ["container", "service", "ready when", "state", "since", "ports"]
    assert lines[1][:4] == ["shop-api-1", "api", "port answers", "running"]
    assert lines[1][5] == "127.0.0.1:49152 -> 80/tcp, 127.0.0.1:49153 -> 9000/udp"
    assert lines[2][:4] == ["shop-db-1", "db", "healthcheck", "running (healthy)"]
    assert (len(lines), err) == (3, "1 more with -a\n")
    assert re.search(r"job +ends with 0 +exited \(0\)", run("ps", "-a", "job")[1])
    assert run("ps", "-q", "db")[1] == "shop-db-1\n"


def test_what_a_probe_said_last_is_shown_of_one_that_is_not_healthy_and_nothing_steers_the_terminal():
    sick = Status("1", "shop-db-1", "db", 1, "running", "unhealthy", ProbeResult(1, "no \x1b[2J"), since=5.0)
    text = containers.table([sick], {}, standing.masking(None), now=65.0)
    assert text.splitlines()[1:] == [
        "shop-db-1  db       -           running (unhealthy)  1m     -",
        "  probe  exit 1: no \\x1b[2J",
    ]
    odd = sick._replace(service="d\x1b[2Jb", image="\u202e")
    assert "d\\x1b[2Jb" in containers.table([odd], {}, standing.masking(None))
    well = sick._replace(health="healthy", probe=ProbeResult(0, "yes"))
    assert "probe" not in containers.table([well], {}, standing.masking(None))


@pytest.mark.parametrize(
    "command",
    [
        ("ps", "-a"), ("wait",), ("wait", "db"), ("wait", "--for", "completed"), ("port", "api", "80"),
        ("port", "api"), ("restart", "db"), ("start",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_json_keeps_its_schema(run, command):
    code, out, _ = run(*command, "--format", "json")
    assert code == 0
    jsonschema.validate(json.loads(out), read_schema("containers.schema.json"))


def test_failed_wait_prints_its_json_too(run):
    run("stop", "db")
    code, out, err = run("wait", "--format", "json")
    assert code == 1
    assert "service 'db' failed: exit code 143" in err
    found = json.loads(out)
    jsonschema.validate(found, read_schema("containers.schema.json"))
    assert {each["service"]: each["state"] for each in found["services"]}["db"] == "failed"


def test_wait_prints_what_up_prints(run):
    code, out, err = run("wait")
    assert code == 0
    assert re.search(r"db +ready \(unchanged\)", out)
    assert "db   ready: its healthcheck says healthy" in err


def test_wait_for_ends(run):
    assert run("wait", "--for", "stopped", "job") == (
        0,
        "container 'shop-job-1' ended with exit code 0\n",
        "",
    )
    run("stop", "api")
    assert run("wait", "--for", "stopped", "api")[:2] == (
        143, "container 'shop-api-1' ended with exit code 143\n",
    )  # fmt: skip
    code, _, err = run("wait", "--for", "completed", "api")
    assert (code, err) == (1, "composecheck: service 'api' has not completed: exit code 143\n")


def test_a_job_that_has_not_begun_is_waited_for(run):
    session = standing.connect()
    job = session._world.containers["job", 1]
    job.ended = None  # as it is before somebody starts it

    def begin(seconds):
        job.ended = 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("composecheck.cli.wait.time.sleep", begin)
        assert run("wait", "--for", "completed")[:2] == (0, "container 'shop-job-1' ended with exit code 0\n")


def test_stop_goes_from_dependents_to_dependencies_and_start_the_other_way(run):
    code, _, err = run("stop")
    assert code == 0
    assert err.splitlines() == [
        "shop-api-1  stopping", "shop-api-1  stopped", "shop-db-1  stopping", "shop-db-1  stopped",
    ]  # fmt: skip
    code, _, err = run("start", "api")
    assert code == 0
    assert [line.split()[1] for line in err.splitlines() if "starting" in line] == ["db", "job", "api"]


def test_kill_takes_a_signal_in_any_form(run):
    for form in ("HUP", "sighup", "1"):
        assert run("kill", "-s", form, "db") == (0, "", "shop-db-1  sent SIGHUP\n")
    assert run("kill", "db") == (0, "", "shop-db-1  killed\n")
    assert run("kill", "db") == (0, "", "no container runs\n")


def test_port_prints_an_address_alone(run):
    assert run("port", "api", "80") == (0, "127.0.0.1:49152\n", "")
    assert run("port", "--protocol", "udp", "api", "9000")[1] == "127.0.0.1:49153\n"
    code, _, err = run("port", "api", "81")
    assert code == 2
    assert "does not publish port 81/tcp (published: 80/tcp, 9000/udp)" in err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("ps", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("logs", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("wait", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("stop", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("start", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("restart", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("kill", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("port", "dbb", "80"), "no such service: 'dbb'; did you mean 'db'?"),
        (("exec", "dbb", "sh"), "no such service: 'dbb'; did you mean 'db'?"),
        (("run", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("pull", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("build", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("down", "dbb"), "no such service: 'dbb'; did you mean 'db'?"),
        (("kill", "-s", "SIGTREM", "db"), "no such signal: 'SIGTREM'; did you mean 'SIGTERM'?"),
        (("kill", "-s", "99"), "no such signal: '99'"),
        (("stop", "-t", "soon"), "'soon' is not a duration such as '30s' or '1m30s'"),
        (("stop", "--timeout=-1s"), "'-1s' is negative"),
        (("wait", "--wait-timeout", "x"), "'x' is not a duration"),
        (("wait", "--for", "ever"), "invalid choice: 'ever'"),
        (("logs", "--since", "noon"), "'noon' is no time; a duration ('10m') or a moment"),
        (("logs", "-n", "few"), "'few' is no number of lines, and not 'all'"),
        (("port", "api", "0"), "'0' is no number from 1 to 65535"),
        (("exec", "job", "sh"), "container 'shop-job-1' does not run: it is exited (exit code 0)"),
        (("exec", "--index", "3", "db", "sh"), "service 'db' has no container 3 (there is 1)"),
        (("exec", "-e", "=1", "db", "sh"), "'=1' is not KEY=VALUE"),
        (("down", "--rmi", "some"), "invalid choice: 'some'"),
        (("-p", "other", "ps"), "project 'other' does not stand"),
        (("-p", "other", "stop"), "project 'other' does not stand"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_cannot_be_is_one_clear_line(run, command, said):
    code, out, err = run(*command)
    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1]


def test_down_of_a_service_names_it_alone(run):
    assert run("down", "api") == (0, "", "shop-api-1  removed\n")
    assert run("ps", "-a", "api")[0] == 2
    assert "image example/db  removed" in run("down", "--rmi", "all")[2]


@pytest.mark.parametrize("command", ["top", "events", "cp", "rm", "scale", "ls", "pause", "watch", "version"])
def test_command_of_compose_that_is_not_there_is_answered_with_what_to_type(run, command):
    code, out, err = run(command)
    assert (code, out) == (2, "")
    assert f"no such command: '{command}'; `" in err


def test_a_command_that_is_there_has_nothing_in_its_place():
    assert not set(COMMANDS) & {*_INSTEAD, *_OF_COMPOSE}


def test_command_that_nobody_has_is_compared_with_those_that_there_are(run):
    assert "no such command: 'lgos'; did you mean 'logs'?" in run("lgos")[2]


def test_project_is_named_by_its_variable_where_no_file_lies(run, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    assert run("ps")[0] == 2
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "shop")
    code, out, _ = run("ps", "-q")
    assert (code, out.split()) == (0, ["shop-api-1", "shop-db-1"])


@pytest.mark.parametrize(
    ("policy", "arguments", "pulled"),
    [
        ("", (), ["a", "b"]), ("", ("--ignore-buildable",), ["a"]), ("pull_policy: never", (), ["b"]),
        ("pull_policy: build", (), ["b"]), ("pull_policy: missing", (), ["b"]),
        ("pull_policy: missing", ("--policy", "always"), ["a", "b"]), ("", ("--policy", "missing"), ["b"]),
    ],
)  # fmt: skip
def test_pull_goes_by_the_policies(tmp_path, monkeypatch, capsys, policy, arguments, pulled):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "compose.yml").write_text(
        f"services:\n  a:\n    image: a\n    {policy}\n  b: {{image: b, build: .}}\n  c: {{build: .}}\n"
    )
    monkeypatch.chdir(tmp_path)
    session = Simulated(snapshot=Snapshot(images={"a": "linux/amd64", "b": None}))
    monkeypatch.setattr(standing, "connect", lambda: session)
    assert main(["pull", *arguments]) == 0
    assert sorted(capsys.readouterr().err.split()) == sorted([*pulled, *["pulled"] * len(pulled)])


def test_build_takes_what_has_a_build(run, tmp_path):
    assert run("build") == (0, "", "no service to build\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "compose.yml").write_text("name: shop\nservices: {a: {build: .}, b: {image: b}}\n")
    assert run("build") == (0, "", "shop-a  built\n")


# Logs


class Written:
    """A session whose containers have written something."""

    def __init__(self, lines):
        self.lines = lines

    def follow(self, container, **_options):
        return iter(self.lines[container])


def status(name):
    return Status(id=name, name=f"shop-{name}", service=name.partition("-")[0], number=1, state="running")


def shown(*arguments, color=False, text="2030-01-01T00:00:00.000000001Z hello"):
    import argparse

    from composecheck.cli.logs import configure

    parser = argparse.ArgumentParser()
    configure(parser)
    found = [status("api-1"), status("cache-1")]
    mask = standing.masking(None)
    return Lines("shop", found, parser.parse_args(arguments), mask, color=color).of(found[0], text)


def test_logs_of_several_containers_are_in_the_order_of_their_time():
    lines = {"db-1": ["t1 a", "t4 b"], "api-1": ["t2 c", "t3 d"]}
    read = _Reading(Written(lines), "shop", None, None)
    assert [line for _, line in read.so_far([status("db-1"), status("api-1")])] == [
        "t1 a", "t2 c", "t3 d", "t4 b",
    ]  # fmt: skip


def test_a_line_has_the_container_before_it():
    assert shown() == "api-1   | hello"
    assert shown("-t") == "api-1   | 2030-01-01T00:00:00.000000001Z hello"
    assert shown("--no-log-prefix") == "hello"
    assert shown(color=True) == "\x1b[36mapi-1   |\x1b[0m hello"


def test_colours_of_a_line_stay_where_they_are_shown_and_all_else_that_steers_is_an_escape():
    text = "t \x1b[31mred\x1b[0m \x1b[2Jgone"
    assert shown(text=text) == "api-1   | red \\x1b[2Jgone"
    assert shown(text=text, color=True) == ("\x1b[36mapi-1   |\x1b[0m \x1b[31mred\x1b[0m \\x1b[2Jgone\x1b[0m")


def test_a_secret_of_the_project_reaches_no_log(run, monkeypatch):
    del run
    _, model = standing.meant(_arguments())
    assert standing.masking(model)("with hunter2secret") == "with ***"


def _arguments():
    import argparse

    parser = argparse.ArgumentParser()
    from composecheck.cli import add_project_options

    add_project_options(parser)
    return parser.parse_args([])
