"""What docker compose refuses, no comment and no setting lets in to whatever works on a project."""

import pytest

from composecheck import LoadError, Stack, check, load
from composecheck.cli import main

REFUSED = """
services:
  api:
    image: api:1
    networks: [backnd]  # composecheck: ignore[undefined-network] somebody else's
networks:
  backend: {}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compose.yml").write_text(REFUSED)
    return tmp_path


def test_a_check_hides_what_a_comment_suppresses(project):
    assert check(environment={}).exit_code == 0


@pytest.mark.parametrize("door", [load, Stack])
def test_no_comment_opens_the_library(project, door):
    with pytest.raises(LoadError, match="backnd"):
        door("compose.yml", environment={})


@pytest.mark.parametrize("setting", ["ignore: [undefined-network]", "severity: {undefined-network: off}",
                                     "severity: {undefined-network: note}", "ignore: [network]"])  # fmt: skip
@pytest.mark.parametrize("door", [load, Stack])
def test_no_setting_opens_the_library(project, door, setting):
    (project / "compose.yml").write_text(REFUSED.replace("  # composecheck: ignore", " #"))
    (project / ".composecheck.yaml").write_text(setting)
    with pytest.raises(LoadError, match="backnd"):
        door("compose.yml", environment={})


@pytest.mark.parametrize(("command", "code"), [("plan", 2), ("up", 2), ("config", 1)])
def test_no_comment_opens_the_command_line(project, capsys, command, code):
    assert main([command]) == code
    assert "'backnd'" in capsys.readouterr().err


def test_a_graph_is_drawn_all_the_same(project, capsys):
    (project / "compose.yml").write_text(REFUSED.replace("  # composecheck: ignore", " #"))
    assert main(["graph"]) == 0
    captured = capsys.readouterr()
    assert "api" in captured.out
    assert "backnd" in captured.err


def test_an_error_of_ours_that_a_comment_suppresses_hinders_no_start(project):
    (project / "compose.yml").write_text(
        "services:\n  api:\n    image: api:1\n    depends_on:\n"
        "      db: {condition: service_healthy}  # composecheck: ignore[healthy-without-healthcheck] image\n"
        "  db: {image: 'postgres:16'}\n"
    )
    assert Stack("compose.yml", environment={}).project.services.keys() == {"api", "db"}
