"""What docker compose refuses, no comment and no setting lets in to whatever works on a project."""

import pytest

from composecheck import LoadError, Stack, UsageError, check, load
from composecheck.cli import main
from composecheck.lint import accepted, verdict
from composecheck.loading.options import Options
from composecheck.plan import plan
from composecheck.settings import Settings

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


WORKS = {"Stack.of": Stack.of, "plan": plan}
works = pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)


@works
def test_what_a_check_lets_pass_and_docker_compose_refuses_is_not_worked_on(project, work):
    report = check("compose.yml", environment={})
    assert report.exit_code == 0
    with pytest.raises(UsageError, match="not known to be one that docker compose accepts; 'load' returns"):
        work(report.project)


@works
@pytest.mark.parametrize("rule", ["undefined-network", "undefined-link"])
def test_a_check_without_a_rule_of_docker_compose_accepts_nothing(project, work, rule):
    settings = Settings(severity={rule: "off"})
    with pytest.raises(UsageError, match="'load' returns one that is"):
        work(check("compose.yml", environment={}, config=settings).project)


@works
def test_a_project_that_is_only_read_is_not_worked_on(project, work):
    (project / "compose.yml").write_text("services: {a: {image: 'a:1'}}")
    with pytest.raises(UsageError, match="'load' returns one that is"):
        work(verdict(Options(environment={})).project)
    as_written, _ = accepted(Options(environment={}, interpolate=False))
    with pytest.raises(UsageError, match="'load' returns one that is"):
        work(as_written)


@works
@pytest.mark.parametrize(
    "door", [load, lambda *files, **more: check(*files, **more).project], ids=["load", "check"]
)
def test_a_project_that_is_accepted_is_worked_on(project, work, door):
    (project / "compose.yml").write_text(
        "services:\n  api:\n    image: api:1\n    depends_on: {db: {condition: service_healthy}}\n"
        "  db: {image: 'postgres:16', healthcheck: {test: [NONE]}}\n"  # an error of ours
    )
    work(door("compose.yml", environment={}))


@works
@pytest.mark.parametrize("nothing", ["compose.yml", None, 7])
def test_what_is_no_project_is_not_worked_on(work, nothing):
    with pytest.raises(UsageError, match=f"a Project is wanted, as 'load' returns one, and not {nothing!r}"):
        work(nothing)
