"""A finding says where a value that came from elsewhere was written, and how it came to where it counts."""

from __future__ import annotations

import pytest

from composecheck.lint import examine
from composecheck.loading import Options


@pytest.fixture
def related(tmp_path, monkeypatch):
    """Examine files; returns the place of the one error, and its related places with their words."""

    def related(files, **options):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        monkeypatch.chdir(tmp_path)
        report = examine(Options(folder=tmp_path, environment={}, **options))
        (error,) = [d for d in report.diagnostics if d.severity == "error"]
        return str(error.span), [f"{other.span} {other.message}" for other in error.related]

    return related


WEB = "services:\n  web:\n    image: x\n"


def test_through_an_alias(related):
    text = "x-q: &q\n  interval: 5x\n" + WEB + "    healthcheck: *q\n"
    assert related({"compose.yml": text}) == (
        "compose.yml:2:13",
        ["compose.yml:6:18 the alias that stands for it"],
    )


def test_alias_that_is_itself_wrong(related):
    text = "x-q: &q three\n" + WEB + "    scale: *q\n"
    assert related({"compose.yml": text}) == ("compose.yml:5:12", ["compose.yml:1:9 the anchored value"])


def test_through_a_merge_key(related):
    text = "x-q: &q\n  interval: 5x\n" + WEB + "    healthcheck: {<<: *q}\n"
    assert related({"compose.yml": text}) == ("compose.yml:2:13", ["compose.yml:6:23 merged in here"])


def test_through_extends(related):
    files = {
        "compose.yml": "services:\n  web:\n    extends: {file: base.yml, service: b}\n",
        "base.yml": "services:\n  b:\n    image: x\n    networks: [nope]\n",
    }
    assert related(files) == ("base.yml:4:16", ["compose.yml:3:14 inherited here"])


def test_through_two_extends(related):
    files = {
        "compose.yml": "services:\n  web:\n    extends: {file: base.yml, service: b}\n",
        "base.yml": "services:\n  b: {extends: c}\n  c:\n    image: x\n    user: 5\n",
    }
    assert related(files) == (
        "base.yml:5:11",
        ["compose.yml:3:14 inherited here", "base.yml:2:16 inherited here"],
    )


def test_own_value_beside_inherited_ones_is_not_inherited(related):
    text = """services:
  web: {extends: b, networks: {nope: }}
  b: {image: x, networks: {n: }}
networks: {n: }
"""
    assert related({"compose.yml": text}) == ("compose.yml:2:32", [])


def test_through_an_include(related):
    files = {
        "compose.yml": "include:\n  - sub/base.yml\n",
        "sub/base.yml": "services:\n  b: {image: x, networks: [nope]}\n",
    }
    assert related(files) == ("sub/base.yml:2:28", ["compose.yml:2:5 included here"])


def test_override_says_what_it_overrides(related):
    files = {"compose.yml": WEB + "    scale: 2\n", "compose.override.yml": "services: {web: {scale: x}}\n"}
    assert related(files) == (
        "compose.override.yml:1:25",
        ["compose.yml:4:5 the value that it overrides"],
    )


def test_variable_of_the_env_file(related):
    files = {"compose.yml": WEB + "    scale: ${N}\n", ".env": "# how many\nM=1\nN=three  # of them\n"}
    assert related(files) == ("compose.yml:4:12", [".env:3:1 the value comes from here"])


def test_variable_of_an_included_project(related):
    files = {
        "compose.yml": "include: [sub/compose.yml]\n",
        "sub/compose.yml": WEB + "    scale: ${N}\n",
        "sub/.env": "N=three\n",
    }
    assert related(files) == (
        "sub/compose.yml:4:12",
        ["sub/.env:1:1 the value comes from here", "compose.yml:1:11 included here"],
    )


def test_variable_of_the_environment_has_no_place(related):
    text = WEB + "    scale: ${N:-three}\n"
    assert related({"compose.yml": text, ".env": "OTHER=1\n"}) == ("compose.yml:4:12", [])


def test_values_of_an_env_file_stand_there(tmp_path):
    (tmp_path / "compose.yml").write_text(WEB + "    env_file: [a.env, {path: b.env, format: raw}]\n")
    (tmp_path / "a.env").write_text("A=1\n\nB='two\nlines'\nC=3\n")
    (tmp_path / "b.env").write_text("# raw\nD=4\n")
    project = examine(Options(folder=tmp_path, environment={})).project
    environment = project.services["web"].node.get("environment").mapping
    places = {key: (node.span.source.shown[-5:], node.span.line) for key, node in environment.items()}
    assert places == {"A": ("a.env", 1), "B": ("a.env", 3), "C": ("a.env", 5), "D": ("b.env", 2)}
    assert environment["A"].origin.kind == "env_file"
