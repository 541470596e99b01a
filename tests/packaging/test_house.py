"""The house stays in order: who reads what, who writes a rule's id, what a rule needs to be added."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import composecheck
from composecheck import load, rules
from composecheck.facts import Facts
from composecheck.findings.catalogue import GROUPS, NEEDS
from composecheck.findings.rule import Finding, Rule

ROOT = Path(composecheck.__file__).parent
# The loader and the dump work on Nodes; the model is what reads them for everybody else; edits look at how
# a text is laid out, and the proof of a fix holds two whole documents against each other.
OWNERS = (
    "loading", "dockerfile", "dump", "model", "remedies/edits", "fixes/proof.py", "text",
    "findings/provenance.py",
)  # fmt: skip
# What reading one looks like.
RAW = re.compile(r"\.node\.(?:get\(|mapping|items|plain)|place_of\(|service_values\(")


def modules(*, without=()):
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(without):
            yield name, path.read_text("utf-8")


def test_nobody_but_its_owners_reads_a_raw_node():
    reads = [f"{name}: {match[0]}" for name, text in modules(without=OWNERS) for match in RAW.finditer(text)]
    assert reads == []


def test_what_is_only_possible_is_a_note_whatever_a_rule_says(tmp_path, monkeypatch):
    (tmp_path / "compose.yml").write_text("services: {a: {image: x, profiles: []}}\n")
    facts = Facts(load(tmp_path / "compose.yml"))
    place = facts.services["a"].place("image")
    finding = Finding(place, "x", severity="error", confidence="possible")
    module = SimpleNamespace(RULE=Rule(("error", "note"), since="0.1"), check=lambda _facts: [finding])
    monkeypatch.setattr(rules, "module", lambda _rule: module)
    severities = {(each.severity, each.confidence) for each in rules.run(facts)}
    assert severities == {("note", "possible")}


def test_no_rule_writes_its_id():
    for rule in NEEDS:
        path = ROOT / "rules" / GROUPS[rule] / f"{rule.replace('-', '_')}.py"
        tree = ast.parse(path.read_text("utf-8"))
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert rule not in texts


@pytest.mark.parametrize("word", ["os.chdir(", "gc."])
def test_no_state_of_the_process_decides_below_the_command_line(word):
    pattern = re.compile(rf"(?<![\w.]){re.escape(word)}")
    places = [name for name, text in modules(without=("cli", "__main__.py")) if pattern.search(text)]
    assert places == []
