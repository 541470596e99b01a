"""What would steer a terminal, or hide, is shown as an escape in every output."""

import json
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.cli import main
from composecheck.text.visible import one_line, to_json, visible

# A name that turns the reading round, steers a terminal, ends a line and begins a workflow command.
NAME = "db\u202e\u2066\u200b\x1b[31m\x9b1m\x00\r\n::error::forged%0A##[error]\u3164"
SHOWN = "db\\u202e\\u2066\\u200b\\x1b[31m\\x9b1m\\x00\\r\\n::error::forged%0A##[error]\\u3164"
FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = json.dumps(NAME)
    (tmp_path / "compose.yml").write_text(
        f"services:\n  web: {{image: 'x:1', depends_on: [{name}]}}\n"
        f"  api: {{image: {name}, environment: {{? {name} : {name}}}, volumes: [{name}]}}\n"
        f"  {name}: {{image: 'x:1'}}\n"
        f"  # \u202e turned\n  old: {{imagee: 'x:1'}} # \u2067 round\n"
    )
    return tmp_path


def printed(capfd, *arguments):
    main(arguments)
    out, err = capfd.readouterr()
    return out + err


@pytest.mark.parametrize("arguments", [
    *(("check", "--notes", "--all", "--format", form) for form in FORMATS),
    ("check", "--fix"),
    *(("graph", "--format", form) for form in ("text", "mermaid", "dot", "svg")),
    ("plan",),
    ("up",),
], ids=" ".join)  # fmt: skip
def test_every_character_of_every_output_shows(project, capfd, arguments):
    out = printed(capfd, *arguments)
    assert len(out) > 100
    assert out.replace("\n", "").isprintable()
    assert "\u3164" not in out


@pytest.mark.parametrize("form", ["text", "github", "junit"])
def test_name_is_shown_with_its_escapes_in_one_line(project, capfd, form):
    out = printed(capfd, "check", "--notes", "--format", form)
    shown = SHOWN.replace("%", "%25") if form == "github" else SHOWN
    assert shown in out
    assert not any(line.lstrip().startswith(("::error::", "forged")) for line in out.split("\n"))


def test_programs_read_what_there_is(project, capfd):
    found = json.loads(printed(capfd, "check", "--format", "json"))["diagnostics"]
    assert any(f"'{SHOWN}'" in one["message"] for one in found)
    assert all(one["file"] == "compose.yml" for one in found)


def test_github_commands_are_ours_alone(project, capfd):
    *commands, _ = printed(capfd, "check", "--notes", "--format", "github").strip().split("\n")
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in commands)


def test_xml_can_be_read(project, capfd):
    root = ET.fromstring(printed(capfd, "check", "--format", "junit"))  # noqa: S314 - our own
    assert int(root.attrib["failures"]) > 0


def test_marks_stay_under_what_they_mark(project, capfd):
    out = printed(capfd, "check", "--select", "unknown-key")
    line, mark = next(pair for pair in pairwise(out.split("\n")) if "| " in pair[0] and "imagee" in pair[0])
    assert "\\u2067 round" in line
    assert mark[line.index("imagee") :][:6] == "^^^^^^"


def test_path_in_a_report_is_one_line(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a\n::error::b\x1b.yml").write_text("services: {a: {imagee: x}}\n")
    for form in FORMATS:
        out = printed(capfd, "-f", "a\n::error::b\x1b.yml", "check", "--format", form)
        assert out.replace("\n", "").isprintable()
        assert "\n::error::" not in out
    assert "\n::error::" not in printed(capfd, "-f", "no\n::error::c.yml", "check")


@given(st.text())
def test_what_is_shown_is_printable_and_what_is_plain_stays(text):
    assert one_line(text).isprintable()
    assert visible(text).replace("\n", "").isprintable()
    assert json.loads(to_json([text])) == [text]
    if text.isascii() and text.isprintable():
        assert one_line(text) == visible(text) == text
