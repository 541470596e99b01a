"""Files, environment and name are found as Docker Compose finds them."""

from __future__ import annotations

import io
import os

import pytest

from composecheck.errors import UsageError
from composecheck.loading import Options, load_project

TEXT = "services: {s: {image: '${IMAGE:-none}'}}\n"


@pytest.fixture
def project(tmp_path):
    """Write files below a folder called "project", then load from it (or from a folder in it)."""
    root = tmp_path / "project"

    def project(contents, *, below="", environment=None, **options):
        root.mkdir(exist_ok=True)
        for name, text in contents.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        folder = root / below
        folder.mkdir(exist_ok=True)
        return load_project(Options(folder=folder, environment=environment or {}, **options)).project

    return project


def image(project):
    return project.services["s"].image


def names(project):
    return [os.path.basename(source.shown) for source in project.files]  # noqa: PTH119


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        (["compose.yaml", "compose.yml"], ["compose.yaml"]),
        (["docker-compose.yml", "compose.yml"], ["compose.yml"]),
        (["docker-compose.yaml", "docker-compose.yml"], ["docker-compose.yml"]),
        (["compose.yml", "compose.override.yaml"], ["compose.yml", "compose.override.yaml"]),
        (
            ["compose.yml", "compose.override.yaml", "compose.override.yml"],
            ["compose.yml", "compose.override.yml"],
        ),
        (["compose.yaml", "docker-compose.override.yml"], ["compose.yaml", "docker-compose.override.yml"]),
    ],
)
def test_default_files(project, files, taken):
    assert names(project(dict.fromkeys(files, TEXT))) == taken


def test_named_file_has_no_override(project):
    files = {"compose.yml": TEXT, "compose.override.yml": TEXT}
    assert names(project(files, files=("compose.yml",))) == ["compose.yml"]


def test_parents_are_searched(project):
    found = project({"compose.yml": TEXT, ".env": "IMAGE=up"}, below="sub")
    assert (found.name, image(found)) == ("project", "up")


def test_nothing_found_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no Compose file"):
        load_project(Options(folder=tmp_path, environment={}))


def test_named_file_that_is_missing_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"no\.yml"):
        load_project(Options(files=("no.yml",), folder=tmp_path, environment={}))


def test_files_from_the_environment(project):
    files = {"a.yml": TEXT, "b.yml": "services: {s: {image: b}}"}
    environment = {"COMPOSE_FILE": "a.yml|b.yml", "COMPOSE_PATH_SEPARATOR": "|"}
    assert names(project(files, environment=environment)) == ["a.yml", "b.yml"]


def test_files_from_the_env_file(project):
    assert names(project({"a.yml": TEXT, ".env": "COMPOSE_FILE=a.yml"})) == ["a.yml"]


def test_standard_input(project, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(TEXT.encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    found = project({".env": "IMAGE=in"}, files=("-",))
    assert (found.files[0].path, image(found), found.name) == ("<stdin>", "in", "project")


def test_environment_wins_over_env_file(project):
    files = {"compose.yml": TEXT, ".env": "IMAGE=file"}
    assert image(project(files, environment={"IMAGE": "environment"})) == "environment"
    assert image(project(files)) == "file"


def test_later_env_file_wins(project):
    files = {"compose.yml": TEXT, "a": "IMAGE=a", "b": "IMAGE=b", ".env": "IMAGE=default"}
    assert image(project(files, env_files=("a", "b"))) == "b"
    assert image(project(files, environment={"COMPOSE_ENV_FILES": "b,a"})) == "a"


def test_env_file_sees_those_before_it(project):
    files = {"compose.yml": TEXT, "a": "A=1", "b": "IMAGE=x$A"}
    assert image(project(files, env_files=("a", "b"))) == "x1"


def test_missing_env_file_is_a_usage_error(project):
    with pytest.raises(UsageError, match="nope"):
        project({"compose.yml": TEXT}, env_files=("nope",))


@pytest.mark.parametrize(("value", "seen"), [("1", "none"), ("true", "none"), ("0", "file")])
def test_default_env_file_can_be_disabled(project, value, seen):
    files = {"compose.yml": TEXT, ".env": "IMAGE=file"}
    assert image(project(files, environment={"COMPOSE_DISABLE_ENV_FILE": value})) == seen


def test_project_directory_is_where_paths_and_env_file_lie(project, tmp_path):
    files = {"a/compose.yml": "services: {s: {image: '$IMAGE', volumes: [./x:/x]}}", "b/.env": "IMAGE=b"}
    found = project(files, files=("a/compose.yml",), project_directory="b")
    assert (found.name, image(found)) == ("b", "b")
    assert found.services["s"].mounts[0].source == str(tmp_path / "project" / "b" / "x")


@pytest.mark.parametrize(
    ("option", "environment", "text", "name"),
    [
        ("given", {"COMPOSE_PROJECT_NAME": "env"}, "name: file\n", "given"),
        (None, {"COMPOSE_PROJECT_NAME": "env"}, "name: file\n", "env"),
        (None, {}, "name: My.File\n", "myfile"),
        (None, {"X": "y"}, "name: a-${X}\n", "a-y"),
        (None, {}, "", "project"),
    ],
)
def test_name(project, option, environment, text, name):
    text += "services: {s: {image: $COMPOSE_PROJECT_NAME}}\n"
    found = project({"compose.yml": text}, name=option, environment=environment)
    assert (found.name, image(found)) == (name, name)


def test_last_name_wins(project):
    files = {"a.yml": "name: a\n" + TEXT, "b.yml": "name: b\n", "c.yml": "services: {}\n"}
    assert project(files, files=("a.yml", "b.yml", "c.yml")).name == "b"


@pytest.mark.parametrize("name", ["Upper", "-a", "a b", "é"])
def test_given_name_must_be_normal(project, name):
    with pytest.raises(UsageError, match="invalid project name"):
        project({"compose.yml": TEXT}, name=name)
    with pytest.raises(UsageError, match="COMPOSE_PROJECT_NAME"):
        project({"compose.yml": TEXT}, environment={"COMPOSE_PROJECT_NAME": name})


PROFILES = "services: {s: {image: x}, a: {image: x, profiles: [p, q]}, b: {image: x, profiles: [r]}}\n"


@pytest.mark.parametrize(
    ("options", "enabled"),
    [
        ({}, ["s"]),
        ({"profiles": ("p",)}, ["s", "a"]),
        ({"profiles": ("*",)}, ["s", "a", "b"]),
        ({"environment": {"COMPOSE_PROFILES": "q, r"}}, ["s", "a", "b"]),
        ({"environment": {"COMPOSE_PROFILES": "q"}, "profiles": ("r",)}, ["s", "b"]),
    ],
)
def test_profiles(project, options, enabled):
    found = project({"compose.yml": PROFILES}, **options)
    assert list(found.services) == enabled
    assert {*found.services, *found.disabled} == {"s", "a", "b"}
