"""The projects that a configuration names: `projects: [[compose.yml, compose.prod.yml], ...]`."""

import pytest

from composecheck import Settings, check_paths
from composecheck.cli import main
from composecheck.lint.walk import walk

BASE = "services:\n  web: {image: w}\n  db: {image: x}\n"
PROD = "services:\n  web: {depends_on: [db]}\n"
DEV = (
    "services:\n  web: {depends_on: {db: {condition: service_healthy}}}\n"
    "  db: {healthcheck: {disable: true}}\n"
)
SETS = "projects:\n  - [compose.yml, compose.prod.yml]\n  - [compose.yml, compose.dev.yml]\n"
FILES = {"compose.yml": BASE, "compose.prod.yml": PROD, "compose.dev.yml": DEV, ".composecheck.yaml": SETS}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes files, and goes to a folder of them."""
    monkeypatch.delenv("COMPOSE_FILE", raising=False)

    def written(files, folder="."):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.chdir(tmp_path / folder)

    return written


def of_files(report):
    return [[source.shown for source in project.files] for project in report.projects if project]


def checked(*paths, **options):
    return of_files(check_paths(*paths, environment={}, **options))


BOTH = [["compose.yml", "compose.prod.yml"], ["compose.yml", "compose.dev.yml"]]


@pytest.mark.parametrize("paths", [[], ["."], ["compose.yml"], ["compose.dev.yml", "compose.yml"]])
def test_configured_projects_are_checked_each_as_one(write, paths):
    write(FILES)
    assert sorted(checked(*paths)) == sorted(BOTH)


def test_path_of_one_project_is_checked_as_that(write):
    write(FILES)
    assert checked("compose.prod.yml") == BOTH[:1]


def test_command_tells_what_is_found_in_all(write, capsys):
    write(FILES)
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert "\n'projects' of '.composecheck.yaml' says which files are checked here\n" in out
    assert "compose.prod.yml:2:22: warning" in out
    assert "compose.dev.yml:2:" in out
    assert out.endswith("1 error and 1 warning found: 4 services in 3 files of 2 projects\n")
    assert main(["check", "--no-config"]) == 0
    assert main(["check", "-f", "compose.yml"]) == 0
    assert main(["check", "compose.yml", "--no-config"]) == 0


def test_default_project_is_checked_too_unless_it_is_among_them(write):
    write(FILES | {".composecheck.yaml": "projects: [other.yml]", "other.yml": BASE})
    assert checked() == checked(".") == [["other.yml"], ["compose.yml"]]
    write({".composecheck.yaml": "projects: [other.yml, [compose.yml]]"})
    assert checked() == checked(".") == [["other.yml"], ["compose.yml"]]


def test_configuration_of_any_folder_on_the_way_counts(write):
    write({f"a/{name}": text for name, text in FILES.items()} | {"b/compose.yml": BASE})
    inside = [[f"a/{name}" for name in files] for files in BOTH]
    assert checked(".") == [*inside, ["b/compose.yml"]]
    assert checked("a") == checked("a/compose.yml") == inside


def test_configuration_above_names_files_below(write):
    files = {"deploy/base.yml": BASE, "deploy/prod.yml": PROD, "deploy/compose.yml": BASE}
    write(files | {".composecheck.yaml": "projects: [[deploy/base.yml, deploy/prod.yml]]"})
    pair = ["deploy/base.yml", "deploy/prod.yml"]
    assert checked() == [pair]
    assert checked(".") == checked("deploy") == [pair, ["deploy/compose.yml"]]
    write({}, "deploy")
    assert checked() == [["base.yml", "prod.yml"]]
    assert checked("prod.yml") == [["base.yml", "prod.yml"]]


def test_pyproject_names_projects(write):
    text = "[tool.composecheck]\nprojects = [['compose.yml', 'compose.prod.yml'], 'compose.dev.yml']\n"
    write({"compose.yml": BASE, "compose.prod.yml": PROD, "compose.dev.yml": BASE, "pyproject.toml": text})
    assert checked() == [["compose.yml", "compose.prod.yml"], ["compose.dev.yml"]]


def test_configuration_that_is_given_counts_for_all(write, tmp_path):
    write(FILES | {"conf/own.yaml": "projects: [[../compose.yml, ../compose.prod.yml]]"})
    assert checked(".", config="conf/own.yaml") == BOTH[:1]
    files = (str(tmp_path / "compose.yml"), str(tmp_path / "compose.prod.yml"))
    assert checked("compose.prod.yml", config=Settings(projects=(files,))) == BOTH[:1]
    assert checked("compose.yml", config=Settings()) == [["compose.yml"]]


def test_files_of_projects_are_no_more_files(write):
    write(FILES | {"compose.ci.yml": BASE})
    assert check_paths(environment={}).more == check_paths(".", environment={}).more == ("compose.ci.yml",)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("projects: [[compose.yml, compose.pord.yml]]", (1, 26), "'compose.pord.yml' does not exist"),
        ("projects: [sub]", (1, 12), "'sub' is no file"),
        ("projects: compose.yml", (1, 11), "'projects' must be a list of projects"),
        ("projects: [[]]", (1, 12), "a project has no files"),
        (
            "projects: [{files: compose.yml}]",
            (1, 12),
            "'projects[0]' must be a file's path or a list of them",
        ),
        ("projects: [[compose.yml, 3]]", (1, 26), "'projects[0][1]' must be a file's path, not the number 3"),
    ],
)
@pytest.mark.parametrize("arguments", [[], ["."], ["compose.yml"]])
def test_what_is_wrong_with_projects_has_its_place(write, capsys, text, place, message, arguments):
    write({"compose.yml": BASE, "compose.prod.yml": PROD, "sub/x": "", ".composecheck.yaml": text})
    assert main(["check", *arguments]) == 2
    out = capsys.readouterr().out
    line, column = place
    assert f".composecheck.yaml:{line}:{column}: error: {message}" in out
    assert out.count("error:") == 1


def test_wrong_configuration_of_a_folder_without_a_default_project_is_told(write, capsys):
    write({"other.yml": BASE, ".composecheck.yaml": "projects: [othr.yml]"})
    for arguments in ([], ["."]):
        assert main(["check", *arguments]) == 2
        assert "did you mean 'other.yml'?" in capsys.readouterr().out


def test_project_without_a_default_name_is_enough_for_a_folder(write):
    write({"other.yml": BASE, ".composecheck.yaml": "projects: [other.yml]"})
    assert checked() == checked(".") == [["other.yml"]]
    assert [found.path for found in walk(["."]).projects] == ["other.yml"]


def test_fixes_are_made_in_the_file_that_it_is_about(write, capsys):
    database = "{image: 'postgres:16', environment: {POSTGRES_PASSWORD: x}}"
    text = f"services:\n  web: {{image: w, depends_on: [db]}}\n  db: {database}\n"
    write({"base.yml": text, "more.yml": "services:\n  web: {tty: true}\n"})
    write({".composecheck.yaml": "projects: [[base.yml, more.yml]]"})
    main(["check", "--fix"])
    assert "fixed: base.yml:" in capsys.readouterr().out


def test_text_outside_the_repository_is_not_shown_whatever_a_configuration_names(write, tmp_path, capsys):
    write({"outside/secret.yml": "password: [hunter2", "outside/key": "", "repo/compose.yml": BASE})
    write({"repo/.git/HEAD": "", "repo/.composecheck.yaml": "projects: [../outside/secret.yml]"}, "repo")
    assert main(["check"]) == main(["check", "."]) == 1
    out = capsys.readouterr().out
    assert "secret.yml:1:" in out
    assert "hunter2" not in out
    write({"repo/.composecheck.yaml": "projects: [../outside/kez]"}, "repo")
    assert main(["check"]) == main(["check", "."]) == 2
    assert "'key'" not in capsys.readouterr().out
