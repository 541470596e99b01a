"""The whole command line: a file, and each of its four pictures.

`UPDATE_SNAPSHOTS=1 pytest tests/graph/test_snapshots.py` writes what is drawn now: look at it.
"""

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from composecheck.cli import main

FOLDER = Path(__file__).parent / "snapshots"
CASES = sorted(path.name for path in FOLDER.glob("*.yml"))
FORMATS = {"text": "txt", "mermaid": "mmd", "dot": "dot", "svg": "svg"}


@pytest.fixture
def run(monkeypatch, capsys):
    """Return what a command prints of a case."""

    def run_case(case, *arguments):
        for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.chdir(FOLDER)
        assert main(["-f", case, "--config", str(FOLDER / ".composecheck.yaml"), "graph", *arguments]) == 0
        return capsys.readouterr().out

    return run_case


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_picture_is_as_it_was(run, case, form):
    drawn = run(case, "--format", form)
    expected = FOLDER / f"{Path(case).stem}.{FORMATS[form]}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        expected.write_text(drawn, "utf-8")
    assert drawn == expected.read_text("utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_order_of_the_file_does_not_matter(run, form, tmp_path):
    drawn = run("shop.yml", "--format", form)
    head, *services = (FOLDER / "shop.yml").read_text().split("\n  ")
    # A service is a line that is indented by two blanks, and all that is indented further.
    blocks = []
    for line in services:
        if line.startswith(" "):
            blocks[-1] += f"\n  {line}"
        else:
            blocks.append(f"  {line}")
    last, _, networks = blocks[-1].partition("\nnetworks")
    turned = "\n".join([head, *reversed([*blocks[:-1], last]), f"networks{networks}"])
    (tmp_path / "shop.yml").write_text(turned)
    assert run(str(tmp_path / "shop.yml"), "--format", form) == drawn


@pytest.mark.parametrize("case", CASES)
def test_text_fits_a_terminal(run, case):
    assert max(len(line) for line in run(case).splitlines()) <= 80


@pytest.mark.parametrize("case", CASES)
def test_svg_is_well_formed_and_says_each_name(run, case):
    root = ET.fromstring(run(case, "--format", "svg"))  # noqa: S314 - our own
    texts = {"".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")}
    drawn = {name.partition(" \N{MULTIPLICATION SIGN}")[0] for name in texts}
    assert drawn >= names(run(case, "--format", "text"))


@pytest.mark.parametrize("case", CASES)
def test_dot_has_statements_of_strings_alone(run, case):
    string = r'"(?:[^"\\]|\\["\\n])*"'
    value = rf"(?:{string}|[\w.]+)"
    attributes = rf"\[\w+={value}(?:, \w+={value})*\]"
    statement = re.compile(
        rf"(?:digraph|  subgraph) {string} {{|  }}|}}"
        rf"|    \w+={value}(?:; \w+={value})*|  rankdir=.*|  (?:graph|node|edge) {attributes}"
        rf"| {{2,4}}{string}(?: -> {string})? {attributes}"
    )
    for line in run(case, "--format", "dot").splitlines():
        assert statement.fullmatch(line), line


@pytest.mark.parametrize("case", CASES)
def test_mermaid_has_plain_names_of_its_own_and_no_special_character_in_a_label(run, case):
    text = run(case, "--format", "mermaid")
    ids = re.findall(r'^ *(?:subgraph )?(\w+)\["', text, re.MULTILINE)
    assert len(ids) == len(set(ids))
    assert not {"end", "graph", "subgraph", "default"} & set(ids)
    for label in re.findall(r'\["(.*)"\]$', text, re.MULTILINE):
        assert re.fullmatch(r"(?:</?[bi]>|<br/>|#\d+;|[^<>&\"#`\[\]{}|;])*", label)
    for line in text.splitlines():
        arrow = re.fullmatch(r'  (\w+) -\.?->\|"[^"]+"\| (\w+)', line)
        assert arrow is None or set(arrow.groups()) <= set(ids)


def names(text):
    """Return the services and what they miss, by what the text form says of them."""
    levels = text.partition("\nnetworks\n")[0]
    return set(re.findall(r"^  (\S+)", levels, re.MULTILINE)) - {"!", "<-"}
