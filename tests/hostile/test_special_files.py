"""What is no file, has no end or is too large ends in a finding, wherever a project names it."""

import json
import os
import socket
import subprocess
import sys

import pytest

from composecheck.loading.dotenv import MAX_ENV_BYTES

USES = {
    "env_file": "services: {a: {image: 'x:1', env_file: [it]}}\n",
    "raw env_file": "services: {a: {image: 'x:1', env_file: [{path: it, format: raw}]}}\n",
    "label_file": "services: {a: {image: 'x:1', label_file: it}}\n",
    "include": "include: [it]\nservices: {a: {image: 'x:1'}}\n",
    "env_file of include": "include: [{path: more.yml, env_file: it}]\nservices: {a: {image: 'x:1'}}\n",
    "extends": "services: {a: {extends: {file: it, service: b}}}\n",
    "dockerfile": "services: {a: {build: {context: ., dockerfile: it}}}\n",
    "script": "services: {a: {image: 'x:1', volumes: ['./it:/it'], command: sh /it, depends_on: [b]},"
    " b: {image: 'y:1'}}\n",
    "secret": "services: {a: {image: 'x:1', secrets: [s]}}\nsecrets: {s: {file: it}}\n",
}
# What of these Docker Compose leaves to the engine is not read, or only for what a finding says.
UNREAD = ("script", "secret")
WHATS = ("pipe", "socket", "folder", "loop", "/dev/zero", "/dev/tty", "/dev/stdin", "/proc/kmsg", "huge")


def make(path, what):
    if what == "pipe":
        os.mkfifo(path)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.relpath(path))
    elif what == "folder":
        path.mkdir()
    elif what == "loop":
        path.symlink_to(path.name)
    elif what == "huge":
        with path.open("wb") as file:
            file.truncate(MAX_ENV_BYTES * 20)
    else:
        path.symlink_to(what)


def checked(folder, *arguments, stdin=subprocess.PIPE):
    """Return what a check prints, with a standard input that never ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "composecheck", "check", "--format", "json", *arguments],
        cwd=folder,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail("it waits for ever")
        return process.stdout.read(), process.stderr.read(), process.returncode


@pytest.mark.slow_but_every(4)
@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("use", USES)
def test_what_is_no_file_is_a_finding_and_is_not_waited_for(tmp_path, monkeypatch, use, what):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "it", what)
    (tmp_path / "compose.yml").write_text(USES[use])
    (tmp_path / "more.yml").write_text("services: {b: {image: 'x:1'}}\n")
    out, err, code = checked(tmp_path)
    if use in UNREAD:
        assert (json.loads(out)["summary"]["services"], err) == (2 if use == "script" else 1, "")
        assert code in {0, 1}
        return
    if what in {"huge", "/proc/kmsg"} and use == "dockerfile":
        assert (err, code) == ("", 0)  # it is a file, of which nothing is known
        return
    errors = [one for one in json.loads(out)["diagnostics"] if one["severity"] == "error"]
    assert (bool(errors), err, code) == (True, "", 1)
    # The kernel's log may have something to read after all.
    assert len(errors) == 1 or what == "/proc/kmsg"


@pytest.mark.parametrize("what", WHATS)
def test_compose_file_that_is_none_is_told(tmp_path, monkeypatch, what):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "compose.yml", what)
    out, err, code = checked(tmp_path)
    assert "Traceback" not in err
    assert code == (1 if out else 2)


@pytest.mark.parametrize("what", WHATS)
def test_env_file_of_the_project_that_is_none_is_told(tmp_path, monkeypatch, what):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / ".env", what)
    (tmp_path / "compose.yml").write_text("services: {a: {image: 'x:1'}}\n")
    out, err, code = checked(tmp_path)
    # Compose passes over what is no file, and so do we.
    assert (err, code) == ("", int(what in {"huge", "/proc/kmsg"}))
    assert json.loads(out)["summary"]["services"] == 1


def test_pipe_that_an_env_file_names_is_not_read_as_one_that_the_user_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "pipe", "pipe")
    (tmp_path / ".env").write_text("COMPOSE_FILE=pipe\n")
    out, err, code = checked(tmp_path)
    assert (json.loads(out)["diagnostics"][0]["message"], err, code) == (
        "'pipe' cannot be read: is a pipe, not a file",
        "",
        1,
    )


def test_device_that_is_always_empty_stands_for_no_file(tmp_path):
    (tmp_path / "compose.yml").write_text("services: {a: {image: 'x:1', env_file: /dev/null}}\n")
    assert checked(tmp_path)[1:] == ("", 0)


def test_one_large_env_file_of_many_services_is_a_finding(tmp_path):
    (tmp_path / "a.env").write_text("A=" + "x" * (MAX_ENV_BYTES - 2))
    services = "".join(f"  s{number}: {{image: 'x:1', env_file: a.env}}\n" for number in range(6))
    (tmp_path / "compose.yml").write_text(f"services:\n{services}")
    out, err, code = checked(tmp_path)
    rules = [one["rule"] for one in json.loads(out)["diagnostics"] if one["severity"] == "error"]
    assert (rules, err, code) == (["document-limit"] * 2, "", 1)
