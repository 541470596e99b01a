import gc
import io
import json
import os
import re
import subprocess
import sys
import time

import pytest

from composecheck import Report, UsageError, check, check_paths
from composecheck.cli import counter, main
from composecheck.lint import examine
from composecheck.lint.several import examine_all
from composecheck.lint.walk import Walk, walk
from composecheck.loading.options import Options
from composecheck.report import json as report_json

CLEAN = "services:\n  db: {image: pg}\n"
RACE = "services:\n  api: {image: api, depends_on: [db]}\n  db: {image: pg}\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a function that makes files in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return make


def paths(*given):
    return [os.path.normpath(found.path) for found in walk(given).projects]


def found(report):
    return [(d.span.source.shown, d.rule) for d in report.diagnostics]


def test_folder_is_searched_for_default_names_in_order(tree):
    tree(
        dict.fromkeys(
            ["b/compose.yaml", "a/x/docker-compose.yml", "docker-compose.yaml", "a/compose.yml"], CLEAN
        )
    )
    assert paths(".") == [".", "a", "a/x", "b"]
    assert paths("b", "a") == ["b", "a", "a/x"]


def test_other_names_are_projects_only_when_they_are_named(tree):
    tree(
        dict.fromkeys(
            ["compose.yml", "compose.prod.yml", "docker-compose.ci.yaml", "x/stack.compose.yml"], CLEAN
        )
    )
    assert paths(".") == ["."]
    assert paths("compose.prod.yml", "x/stack.compose.yml") == ["compose.prod.yml", "x/stack.compose.yml"]


@pytest.mark.parametrize("name", [".git", ".hidden", "node_modules", "__pycache__", "env"])
def test_what_belongs_to_tools_is_not_searched_unless_it_is_named(tree, name):
    tree({"compose.yml": CLEAN, f"{name}/compose.yml": CLEAN, f"{name}/deep/compose.yml": CLEAN})
    tree({"env/pyvenv.cfg": ""})
    assert paths(".") == ["."]
    assert paths(name) == [name, f"{name}/deep"]


def test_what_git_ignores_is_not_searched_unless_it_is_named(tree):
    tree(dict.fromkeys(["compose.yml", "dist/compose.yml", "dist/deep/compose.yml", "a/compose.yml"], CLEAN))
    tree({".gitignore": "dist/\ncompose.override.yml\n", "a/.gitignore": "/compose.yml\n"})
    tree({"compose.override.yml": "services: {}\n"})
    assert paths(".") == ["."]
    assert paths("a") == ["a"]
    # The override is not for everybody, but docker compose takes it here.
    assert [found.files for found in walk(["."]).projects] == [("./compose.yml", "./compose.override.yml")]
    assert paths("dist", "a/compose.yml") == ["dist", "dist/deep", "a/compose.yml"]


def test_patterns_of_the_repository_count_in_its_folders(tree):
    tree(dict.fromkeys(["a/b/compose.yml", "a/c/compose.yml", "a/d/compose.yml"], CLEAN))
    tree({".git/info/exclude": "b\n", ".gitignore": "a/c\n"})
    assert paths("a") == ["a/d"]


@pytest.mark.parametrize("folder", ["/proc", "/sys", "/dev", "/proc/self"])
def test_what_the_kernel_shows_is_not_searched(folder):
    with pytest.raises(UsageError, match="no Compose file"):
        walk([folder])


def test_links_in_a_circle_end_the_search_of_no_folder(tree, tmp_path):
    tree({"a/compose.yml": CLEAN, "b/real.yml": CLEAN})
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "b/compose.yml").symlink_to("real.yml")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/compose.yml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "c/docker-compose.yml")
    (tmp_path / "loop").symlink_to("loop")
    assert paths(".") == ["a", "b"]


def test_project_named_twice_is_one(tree, tmp_path):
    tree({"a/compose.yml": RACE, "b/compose.yml": CLEAN, "b/compose.override.yml": "services: {}\n"})
    (tmp_path / "link").symlink_to("a")
    assert paths(".", "a", "./a/", str(tmp_path / "a"), "link", "a/compose.yml") == ["a", "b"]
    assert paths("b", "b/compose.yml") == ["b", "b/compose.yml"]  # with the override, and without


@pytest.mark.parametrize("given", [["absent"], ["a", "absent.yml"], ["empty"], ["a", "empty"], ["x" * 300]])
def test_path_without_a_project_is_usage(tree, tmp_path, capsys, given):
    tree({"a/compose.yml": "a: ["})
    (tmp_path / "empty/deep").mkdir(parents=True)
    assert main(["check", *given]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert given[-1] in err
    assert ("looked for compose.yaml, compose.yml, docker-compose.yml" in err) == (given[-1] == "empty")


@pytest.mark.parametrize("option", [["-f", "compose.yml"], ["--project-directory", "."]])
def test_path_with_another_way_to_name_the_project_is_usage(tree, capsys, option):
    tree({"compose.yml": CLEAN})
    assert main([*option, "check", "compose.yml"]) == 2
    assert option[0] in capsys.readouterr().err


def test_folder_that_cannot_be_searched_is_named_and_stops_nothing(tree, tmp_path, monkeypatch, capsys):
    tree({"a/compose.yml": CLEAN})
    (tmp_path / "data").mkdir()
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("data"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert main(["check", "."]) == 0
    out, err = capsys.readouterr()
    assert out == "no problems found: 1 service in 1 file\n"
    assert err == "composecheck: 'data' is not searched: permission denied\n"


def test_folder_is_read_with_its_override_and_its_env_file_a_file_alone(tree):
    override = "services:\n  db: {healthcheck: {test: 'x $NOT_SET'}}\n  api: {restart: '$POLICY'}\n"
    tree({"a/compose.yml": RACE, "a/compose.override.yml": override, "a/.env": "POLICY=always\n"})
    assert found(check_paths("a", environment={})) == [("a/compose.override.yml", "unset-variable")]
    assert found(check_paths("a/compose.yml", environment={})) == [("a/compose.yml", "unguarded-dependency")]


@pytest.mark.parametrize("given", ["a", "a/compose.yml"])
def test_project_is_what_it_is_when_one_stands_in_its_folder(tree, monkeypatch, tmp_path, given):
    text = (
        'services:\n  api: {image: "x:${TAG}", build: ./src, environment: {IN: "$PWD"}, env_file: api.env}\n'
    )
    tree({"a/compose.yml": text, "a/.env": "TAG=7\n", "a/api.env": "", ".env": "TAG=wrong\n"})
    (tmp_path / "a/src").mkdir()
    tree({"a/src/Dockerfile": "FROM scratch\n"})
    (project,) = check_paths(given, environment={"PWD": str(tmp_path)}).projects
    monkeypatch.chdir(tmp_path / "a")
    wanted = check(
        environment={"PWD": str(tmp_path / "a")} if given == "a" else {"PWD": str(tmp_path)}
    ).project
    assert project.services["api"].image == "x:7"
    assert project.name == wanted.name == "a"
    assert project.node.plain() == wanted.node.plain()


def test_compose_file_of_the_process_is_not_the_folders(tree):
    tree(
        {
            "a/compose.yml": RACE,
            "b/compose.yml": CLEAN,
            "b/other.yml": RACE,
            "b/.env": "COMPOSE_FILE=other.yml\n",
        }
    )
    report = check_paths("a", "b", environment={"COMPOSE_FILE": "nowhere.yml"})
    assert found(report) == [
        ("a/compose.yml", "unguarded-dependency"),
        ("b/other.yml", "unguarded-dependency"),
    ]


def test_env_file_is_relative_to_the_current_folder(tree):
    text = "services:\n  api: {image: api, restart: '$POLICY', depends_on: [db]}\n  db: {image: x}\n"
    tree({"a/compose.yml": text, "b/compose.yml": text, "some.env": "POLICY=always\n"})
    assert found(check_paths(".", env_files=["some.env"], environment={})) == []


def test_profiles_are_those_of_every_project(tree):
    text = "services:\n  debug: {image: x, profiles: [debug], depends_on: [nobody]}\n"
    tree({"a/compose.yml": text, "b/compose.yml": text})
    assert len(check_paths(".", profiles=["debug"], environment={}).diagnostics) == 2


def test_report_is_that_of_all(tree, capsys):
    tree({"a/compose.yml": RACE, "b/compose.yml": CLEAN, "b/compose.override.yml": "services: {}\n"})
    tree({"c/compose.yml": "a: [", "d.yml": "services:\n  x: {image: x, depends_on: [nobody]}\n"})
    report = check_paths(".", "d.yml", environment={})
    rules = [
        ("a/compose.yml", "unguarded-dependency"),
        ("c/compose.yml", "invalid-yaml"),
        ("d.yml", "undefined-dependency"),
    ]
    assert found(report) == rules
    assert (report.count("error"), report.services, report.files, len(report.projects)) == (2, 4, 5, 4)
    assert report.projects[2] is None
    assert report.owners == (0, 2, 3)
    assert main(["check", ".", "d.yml"]) == 1
    assert capsys.readouterr().out.endswith(
        "\n2 errors and 1 warning found: 4 services in 5 files of 4 projects\n"
    )
    summary = json.loads(report_json.render(report))["summary"]
    assert summary == {
        "errors": 2,
        "warnings": 1,
        "notes": 0,
        "suppressed": 0,
        "files": 5,
        "services": 4,
        "projects": 4,
        "more_files": [],
    }


def test_project_that_another_one_includes_is_no_other_one(tree):
    extends = "{extends: {file: b/compose.yml, service: db}}"
    tree({"compose.yml": f"include: [a/compose.yml]\nservices: {{x: {extends}}}"})
    tree({"a/compose.yml": RACE, "b/compose.yml": CLEAN})
    report = check_paths(".", environment={})
    assert [project.folder.rpartition("/")[2] for project in report.projects[1:]] == ["b"]
    assert found(report) == [("a/compose.yml", "unguarded-dependency")]
    tree({"a/compose.override.yml": "services: {db: {tty: true}}"})
    assert len(check_paths(".", environment={}).projects) == 3


def test_repeats_are_told_once(tree):
    tree({"a.yml": RACE, "b/compose.yml": CLEAN, "b/.env": "COMPOSE_FILE=compose.yml:../a.yml\n"})
    assert found(check_paths("a.yml", "b", environment={})) == [("a.yml", "unguarded-dependency")]


def test_one_project_is_reported_as_check_does(tree, capsys):
    tree({"compose.yml": RACE})
    assert main(["check"]) == main(["check", "."]) == main(["check", "compose.yml"]) == 1
    first, second, third = re.split(r"(?<=1 file\n)(?=.)", capsys.readouterr().out)
    assert first == second == third


@pytest.mark.parametrize(
    ("env", "rule", "place"),
    [
        ("COMPOSE_FILE=gone.yml\n", "unreadable-file", "b/gone.yml"),
        ("COMPOSE_PROJECT_NAME=Not A Name\n", "unreadable-file", "b/compose.yml"),
    ],
)
def test_project_that_cannot_be_loaded_does_not_stop_the_others(tree, capsys, env, rule, place):
    tree({"a/compose.yml": RACE, "b/compose.yml": CLEAN, "b/.env": env, "c/compose.yml": RACE})
    report = check_paths(".", environment={})
    assert found(report)[1] == (place, rule)
    assert all(each.remedy for each in report.diagnostics)
    assert len(report.diagnostics) == 3
    assert main(["check", "."]) == 1
    assert "of 3 projects" in capsys.readouterr().out


@pytest.mark.parametrize("option", [["-p", "Not A Name"], ["--env-file", "absent.env"]])
def test_option_that_no_project_can_use_is_usage(tree, capsys, option):
    tree({"a/compose.yml": RACE, "b/compose.yml": CLEAN})
    assert main([*option, "check", "."]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert option[1] in err


def test_each_finding_is_masked_with_the_secrets_of_its_own_project(tree):
    tree({"a/compose.yml": RACE.replace("image: api,", "image: api, environment: {API_TOKEN: gateway},")})
    tree({"b/compose.yml": RACE.replace("api", "gateway")})
    # Its password is no service of its own, whose name would hide nothing.
    text = "services:\n  a: {image: a, environment: {PASSWORD: gateway}, depends_on: [gateway]}\n"
    tree({"c/compose.yml": text})
    texts = [
        d["message"] for d in json.loads(report_json.render(check_paths(".", environment={})))["diagnostics"]
    ]
    assert "'gateway'" in texts[1]
    assert "'***'" in texts[2]


def test_library_raises_for_what_is_not_there(tree):
    with pytest.raises(UsageError, match=r"absent\.yml: no such file or folder"):
        check_paths("absent.yml")


def test_standard_input_is_a_project(tree):
    done = subprocess.run(
        [sys.executable, "-m", "composecheck", "check", "-"],
        input=RACE,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:2:34: warning: ")


def test_collector_is_as_it_was(tree):
    tree({"a/compose.yml": CLEAN, "b/compose.yml": CLEAN})
    assert gc.isenabled()
    check_paths(".", environment={})
    assert gc.isenabled()


def test_cost_of_a_project_does_not_grow_with_their_number(tree):
    tree({f"p{n:03}/compose.yml": RACE.replace("api", f"api{n}") for n in range(400)})
    projects = walk(["."]).projects

    def seconds(count):
        started = time.process_time()
        report = examine_all(Walk(projects[:count]), Options(environment={}))
        report_json.render(report)
        assert len(report.diagnostics) == count
        return time.process_time() - started

    seconds(10)
    assert seconds(400) < 8 * 1.7 * min(seconds(50), seconds(50))


class Terminal(io.StringIO):
    """A terminal, or a file where it is none."""

    def __init__(self, terminal=True):
        super().__init__()
        self._terminal = terminal

    def isatty(self):
        return self._terminal


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    now = [100.0]
    monkeypatch.setattr(counter, "monotonic", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    return now


def count(stream, clock, seconds, names=("a", "b\033[31m" + "c" * 80, "c")):
    with counter.Counter(len(names), stream) as step:
        for done, name in enumerate(names):
            step(done, name)
            clock[0] += seconds
    return stream.getvalue()


def test_long_run_is_counted_in_one_line_of_a_terminal_and_leaves_none(clock):
    written = count(Terminal(), clock, 0.7)
    assert written == "\r\033[Kchecking 3 of 3: c\r\033[K"
    _, second, *_, last = count(Terminal(), clock, 1.1).split("\r\033[K")
    assert second.startswith("checking 2 of 3: b\\x1b[31mccc")
    assert len(second) == 39
    assert last == ""


@pytest.mark.parametrize(("terminal", "seconds"), [(True, 0.3), (False, 9.0)])
def test_short_run_and_a_stream_that_is_no_terminal_show_no_count(clock, terminal, seconds):
    assert count(Terminal(terminal), clock, seconds) == ""


def test_count_is_written_ten_times_a_second_at_most(clock):
    written = count(Terminal(), clock, 0.01, [str(n) for n in range(300)])
    assert 15 <= written.count("checking") <= 21


def test_count_is_erased_when_the_run_is_interrupted(tree, clock):
    def interrupted(_):
        raise KeyboardInterrupt

    stream = Terminal()
    tree({"a/compose.yml": CLEAN})
    clock_step = counter.Counter(2, stream)
    clock[0] += 2
    with pytest.raises(KeyboardInterrupt), clock_step:
        examine_all(walk(["a"]), Options(), examine=interrupted, progress=clock_step)
    assert stream.getvalue().endswith("\r\033[K")


def test_own_way_to_examine_is_used_for_each(tree):
    tree({"a/compose.yml": RACE, "b/compose.yml": RACE})
    asked = []

    def first_only(options):
        asked.append(options.folder.name)
        report = examine(options)
        return report if options.folder.name == "a" else Report(report.projects, (), report.files)

    assert len(examine_all(walk(["."]), Options(environment={}), examine=first_only).diagnostics) == 1
    assert asked == ["a", "b"]


def test_a_project_that_is_not_saved_yet_is_found_in_its_folder(tmp_path):
    (tmp_path / "empty").mkdir()
    texts = {tmp_path / "empty" / "compose.yml": "services: {api: {image: a, depends_on: [nobody]}}"}
    report = check_paths(tmp_path, environment={}, texts=texts)
    assert [d.rule for d in report.diagnostics if d.severity == "error"] == ["undefined-dependency"]
