"""One reader of the user's files: each is read once, and texts in memory go over what the disk has."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from composecheck import SourceError, check, load
from composecheck.identity import container_labels
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.plan import plan
from composecheck.text.disk import Disk


class Opened:
    """How often each file of a folder is opened, by its name there, while it is watched."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.folder = ""
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and self.folder and str(arguments[0]).startswith(self.folder):
            self.counts[str(arguments[0]).removeprefix(self.folder + os.sep)] += 1

    def __enter__(self) -> Opened:
        self.counts.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self.folder = ""


OPENED = Opened()


@pytest.fixture
def files(tmp_path):
    """Write files, and count how often each is opened from then on."""

    def write(**texts):
        for name, text in texts.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        OPENED.folder = str(tmp_path)
        return tmp_path

    with OPENED:
        yield write


def test_each_file_is_read_once(files):
    folder = files(
        compose_yml="include: [more.yml]\n"
        "services:\n"
        "  a: {build: ., env_file: [a.env, a.env], extends: {file: base.yml, service: b}}\n"
        "  c: {build: ., env_file: a.env, label_file: l.env, extends: {file: base.yml, service: b}}\n",
        base_yml="services: {b: {image: 'x:1', healthcheck: {test: 'curl -f http://localhost'}}}\n",
        more_yml="services: {d: {image: 'y:1'}}\n",
        _env="A=1\n",
        a_env="B=1\n",
        l_env="L=1\n",
        Dockerfile="FROM nginx:1\nHEALTHCHECK NONE\n",
        _composecheck_yaml="ignore: [unknown-key]\n",
    )
    report = check(folder / "compose.yml", environment={})
    assert report.project is not None
    assert set(OPENED.counts) == {
        "compose.yml", "base.yml", "more.yml", ".env", "a.env", "l.env", "Dockerfile", ".composecheck.yaml",
    }  # fmt: skip
    assert set(OPENED.counts.values()) == {1}


def many(size):
    """Return a Compose file of services that build one Dockerfile, each with an argument of its own."""
    lines = ["services:", "  s0: {build: .}"]
    for n in range(1, size):
        waits = f"depends_on: {{s{n // 2}: {{condition: service_healthy}}}}"
        lines.append(f"  s{n}: {{build: {{context: ., args: {{N: '{n}'}}}}, {waits}}}")
    return "\n".join(lines)


def test_many_services_read_their_dockerfile_once(files):
    folder = files(compose_yml=many(160), Dockerfile="FROM a\nHEALTHCHECK CMD curl -f http://localhost\n")
    project = check(folder / "compose.yml", environment={}).project
    assert len(project.services) == 160
    assert OPENED.counts["Dockerfile"] == 1


FOUR = """services:
  a: {build: .}
  b: {build: ., depends_on: {a: {condition: service_healthy}}}
  c: {build: other, depends_on: {b: {condition: service_healthy}}}
  d: {build: other, depends_on: [c]}
"""


def test_four_builds_of_two_dockerfiles_read_two_in_a_check_and_none_more_in_its_plan(files):
    text = "FROM a\nHEALTHCHECK CMD true\n"
    folder = files(compose_yml=FOUR, Dockerfile=text, other__Dockerfile=text)
    project = check(folder / "compose.yml", environment={}).project
    assert (OPENED.counts["Dockerfile"], OPENED.counts["other/Dockerfile"]) == (1, 1)
    plan(project)
    assert (OPENED.counts["Dockerfile"], OPENED.counts["other/Dockerfile"]) == (1, 1)


def test_dockerfile_that_nobody_asks_about_is_not_read(files):
    folder = files(compose_yml="services: {a: {build: .}}\n", Dockerfile="FROM a\n")
    load(folder / "compose.yml", environment={})
    assert OPENED.counts["Dockerfile"] == 0


TEXTS = {
    "compose.yml": "services: {a: {image: '${TAG}', env_file: a.env, build: ., volumes: [./conf.txt:/c]}}\n",
    ".env": "TAG=saved:1\n",
    "a.env": "LEVEL=saved\n",
    "Dockerfile": "FROM saved\n",
}


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        ("compose.yml", "services: {a: {image: 'new:1'}}\n", lambda p: p.services["a"].image),
        (".env", "TAG=new:1\n", lambda p: p.services["a"].image),
        ("a.env", "LEVEL=new:1\n", lambda p: p.services["a"].environment["LEVEL"]),
        ("Dockerfile", "FROM new:1\n", lambda p: p.builds.built(p.services["a"].build).base),
    ],
)
def test_texts_go_before_what_files_hold(tmp_path, name, text, seen):
    for other, saved in TEXTS.items():
        (tmp_path / other).write_text(saved)
    project = check(tmp_path / "compose.yml", environment={}, texts={tmp_path / name: text}).project
    assert seen(project) == "new:1"
    assert seen(load(tmp_path / "compose.yml", environment={}, texts={str(tmp_path / name): text})) == "new:1"


def test_texts_may_be_files_that_are_not_saved_yet(tmp_path):
    texts = {tmp_path / "sub" / name: text for name, text in TEXTS.items()}
    report = check(tmp_path / "sub" / "compose.yml", environment={}, texts=texts)
    assert report.project.services["a"].environment == {"LEVEL": "saved"}
    assert [d.rule for d in report.diagnostics] == ["missing-bind-source"]
    texts[tmp_path / "sub" / "conf.txt"] = ""
    assert check(tmp_path / "sub" / "compose.yml", environment={}, texts=texts).diagnostics == ()


def test_texts_are_found_by_links_too(tmp_path):
    (tmp_path / "compose.yml").write_text("services: {a: {image: 'saved:1'}}\n")
    (tmp_path / "link.yml").symlink_to("compose.yml")
    texts = {tmp_path / "compose.yml": "services: {a: {image: 'new:1'}}\n"}
    assert load(tmp_path / "link.yml", environment={}, texts=texts).services["a"].image == "new:1"


@pytest.mark.parametrize("name", [".composecheck.yaml", "pyproject.toml"])
def test_configuration_may_be_a_text(tmp_path, name):
    (tmp_path / "compose.yml").write_text("services: {a: {image: a, kez: 1}}\n")
    text = (
        "ignore: [unknown-key]\n"
        if name.endswith("yaml")
        else "[tool.composecheck]\nignore=['unknown-key']\n"
    )
    rules = [d.rule for d in check(tmp_path / "compose.yml", environment={}).diagnostics]
    texts = {tmp_path / name: text}
    without = [d.rule for d in check(tmp_path / "compose.yml", environment={}, texts=texts).diagnostics]
    assert [rule for rule in rules if rule != "unknown-key"] == without != rules


def test_disk_has_the_files_and_folders_of_its_texts(tmp_path):
    (tmp_path / "saved").write_text("")
    disk = Disk({tmp_path / "a" / "b": "text"})
    assert disk.names(tmp_path) == ["a", "saved"]
    assert disk.names(tmp_path / "a") == ["b"]
    assert disk.exists(tmp_path / "a")
    assert disk.lexists(tmp_path / "a" / "b")
    assert disk.is_folder(tmp_path / "a")
    assert not disk.is_folder(tmp_path / "a" / "b")
    assert disk.is_file(tmp_path / "a" / "b")
    assert not disk.is_file(tmp_path / "a")
    assert disk.data(tmp_path / "a" / "b") == b"text"
    assert not disk.exists(tmp_path / "c")
    assert disk.names(tmp_path / "c") == []


def test_file_too_large_for_one_is_read_for_another(tmp_path):
    (tmp_path / "a").write_text("12345")
    disk = Disk()
    with pytest.raises(SourceError, match="larger than the limit of 4 bytes"):
        disk.read(tmp_path / "a", limit=4)
    assert disk.read(tmp_path / "a", limit=5).text == "12345"
    with pytest.raises(SourceError, match="larger than the limit of 4 bytes"):
        disk.read(tmp_path / "a", limit=4)


@pytest.mark.parametrize(
    ("path", "shown"),
    [("a.yml", "a.yml"), ("sub/../a.yml", "a.yml"), ("link.yml", "a.yml"), (".", "."), ("/etc/x", "/etc/x")],
)
def test_paths_are_shown_relative_to_the_folder_of_the_check(tmp_path, monkeypatch, path, shown):
    (tmp_path / "a.yml").write_text("")
    (tmp_path / "link.yml").symlink_to("a.yml")
    monkeypatch.chdir(tmp_path)
    disk = Disk()
    monkeypatch.chdir("/")
    assert disk.shown(tmp_path / path) == shown


def test_what_a_report_shows_does_not_depend_on_where_it_is_made(tmp_path, monkeypatch):
    from composecheck.report.json import render

    (tmp_path / "compose.yml").write_text("services: {a: {image: a, kez: 1}}\n")
    monkeypatch.chdir(tmp_path)
    report = examine(Options(environment={}))
    before = render(report)
    monkeypatch.chdir("/")
    assert render(report) == before
    source = report.project.files[0]
    assert (source.path, source.real, source.shown) == (
        str(tmp_path / "compose.yml"), str(Path(tmp_path).resolve() / "compose.yml"), "compose.yml",
    )  # fmt: skip


def test_labels_name_a_link_as_it_was_given(tmp_path):
    """As Docker Compose 2.40.3 does; the folder that reports show paths relative to is of no matter there."""
    (tmp_path / "compose.yml").write_text("services: {a: {image: a}}\n")
    (tmp_path / "link.yml").symlink_to("compose.yml")
    project = load(tmp_path / "link.yml", environment={})
    labels = container_labels(project, project.services["a"], 1, "image", "hash")
    assert labels["com.docker.compose.project.config_files"] == str(tmp_path / "link.yml")
