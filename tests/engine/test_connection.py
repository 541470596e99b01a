"""Which engine is meant, and clear words where it cannot be reached."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from composecheck.engine.docker import connect
from composecheck.engine.moby.connection import endpoint, proxies
from composecheck.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home without a docker configuration, and an environment that names no engine."""
    for variable in (
        "DOCKER_HOST",
        "DOCKER_CONTEXT",
        "DOCKER_CONFIG",
        "DOCKER_TLS_VERIFY",
        "DOCKER_CERT_PATH",
    ):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".docker").mkdir()
    return tmp_path


def context(home: Path, name: str, host: str) -> None:
    folder = home / ".docker" / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(json.dumps(meta))


def test_the_default_socket_where_nothing_is_said(home):
    assert endpoint().url == "unix:///var/run/docker.sock"


def test_docker_host_wins_over_everything(home, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    monkeypatch.setenv("DOCKER_CONTEXT", "other")
    assert (endpoint().url, endpoint().said_by) == ("tcp://192.0.2.1:2375", "DOCKER_HOST")


def test_the_current_context_of_the_docker_cli(home):
    (home / ".docker" / "config.json").write_text('{"currentContext": "desk"}')
    context(home, "desk", "unix:///run/desk.sock")
    assert endpoint().url == "unix:///run/desk.sock"
    assert endpoint().said_by == "the docker CLI's current context 'desk'"


def test_docker_context_wins_over_the_current_one(home, monkeypatch):
    (home / ".docker" / "config.json").write_text('{"currentContext": "desk"}')
    context(home, "lab", "ssh://lab")
    monkeypatch.setenv("DOCKER_CONTEXT", "lab")
    assert (endpoint().url, endpoint().said_by) == ("ssh://lab", "context 'lab' of DOCKER_CONTEXT")


def test_docker_config_names_the_folder(home, tmp_path, monkeypatch):
    folder = tmp_path / "elsewhere" / ".docker"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"currentContext": "there"}')
    context(folder.parent, "there", "unix:///run/there.sock")
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    assert endpoint().url == "unix:///run/there.sock"


def test_a_context_that_does_not_exist_is_named(home, monkeypatch):
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    with pytest.raises(
        EngineError, match=r"context 'gone' of DOCKER_CONTEXT does not exist; .*docker context use"
    ):
        connect()


def test_an_engine_that_is_not_there_names_what_was_tried(home, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{home}/none.sock")
    with pytest.raises(EngineError) as raised:
        connect()
    assert str(raised.value) == (
        f"cannot reach a Docker Engine at unix://{home}/none.sock (DOCKER_HOST): there is no such socket; "
        "start Docker, or set DOCKER_HOST to where it runs"
    )
    assert raised.value.exit_code == 3


def test_a_port_where_nobody_listens(home, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
    with pytest.raises(EngineError, match="nothing answers there"):
        connect()


def test_a_host_that_does_not_exist(home, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://composecheck.invalid:2375")
    with pytest.raises(
        EngineError, match=r"cannot reach a Docker Engine at tcp://composecheck\.invalid:2375"
    ):
        connect()


def test_an_address_that_is_none(home, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "nonsense://x")
    with pytest.raises(EngineError, match="nonsense://x"):
        connect()


def test_a_socket_that_one_may_not_open(home, monkeypatch):
    """As the system refuses it; root may open every socket, so that the real thing shows nothing there."""

    def refuse(*_arguments):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(EngineError, match="permission denied; add yourself to the socket's group"):
        connect()


def test_something_that_is_no_engine(home, monkeypatch):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        threading.Thread(target=_answer, args=(server,), daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(EngineError, match="cannot reach a Docker Engine"):
            connect()


def _answer(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.recv(4096)
    connection.sendall(b"SSH-2.0-OpenSSH\r\n")
    connection.close()


def test_proxies_of_the_docker_configuration_are_those_of_the_engine_or_the_default_ones(home):
    said = {"default": {"httpProxy": "http://p"}, "tcp://other": {"noProxy": "localhost"}}
    (home / ".docker" / "config.json").write_text(json.dumps({"proxies": said}))
    assert proxies("unix:///x") == {"HTTP_PROXY": "http://p", "http_proxy": "http://p"}
    assert proxies("tcp://other") == {"NO_PROXY": "localhost", "no_proxy": "localhost"}
