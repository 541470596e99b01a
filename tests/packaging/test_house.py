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

from .raw import raw_reads

ROOT = Path(composecheck.__file__).parent
# The loader and the dump work on Nodes; the model is what reads them for everybody else; edits look at how
# a text is laid out, and the proof of a fix holds two whole documents against each other.
OWNERS = (
    "loading", "dockerfile", "dump", "model", "remedies/edits", "fixes/proof.py", "text",
    "findings/provenance.py",
)  # fmt: skip
EXCEPTIONS = {
    # It tells both values as they are written, and compares what may be unreadable.
    "rules/services/conflicting_deploy.py": 3,
    # The words of a list as they are, even where `disable` makes another test of them.
    "rules/health/invalid_healthcheck_test.py": 1,
    # Two builds are the same where all that is written of them is.
    "facts/names.py": 1,
    # A comment of a Dockerfile is a node.
    "lint/suppression.py": 1,
    # A configuration is a document of its own, and no project.
    "settings/read.py": 1,
}


def modules(*, without=()):
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(without):
            yield name, path.read_text("utf-8")


def test_nobody_but_its_owners_reads_a_raw_node():
    reads = {name: len(raw_reads(text)) for name, text in modules(without=OWNERS)}
    assert {name: number for name, number in reads.items() if number} == EXCEPTIONS


@pytest.mark.parametrize(
    "text",
    [
        'service.node.get("a")', "part.node.mapping", "x.node.value", 'service.as_written("image")',
        'service.as_held("restart")', 'service.written["a"]', 'build.written.get("a")',
        "key in service.written", "[key for key in service.written]", 'n = service.node; n.get("a")',
        "a, n = 1, service.node\nm = n if a else None\nm.mapping", '(n := part.node).get("a")',
        "def f(n=1):\n  n = x.node\n  def g(): return n.items", "for n in (a.node, b.node): n.plain",
        '[n.value for n in [x.node for x in y]]', 'w = service.written\nw["a"]', "w = x.written; k not in w",
        'getattr(service, "node").get("a")', "read = service.as_written",
    ],
)  # fmt: skip
def test_a_raw_read_is_seen(text):
    assert raw_reads(text)


@pytest.mark.parametrize(
    "text",
    [
        "node.span", "service.node", 'f(service.node)', "n = service.node; n.span", 'names.get("a")',
        "w = facts.names.written; w.keys()", "self.written[1]", "def f():\n  n = x.node\ndef g(n): n.get(1)",
    ],
)  # fmt: skip
def test_what_reads_nothing_is_no_raw_read(text):
    assert raw_reads(text) == []


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


def imported(text):
    """Yield the names of the packages that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def test_only_the_docker_engine_and_what_engines_of_its_kind_share_import_docker():
    owners = ("engine/docker/", "engine/moby/")
    assert [name for name, text in modules(without=owners) if "docker" in imported(text)] == []
    assert any("docker" in imported(text) for name, text in modules() if name.startswith(owners))


@pytest.mark.parametrize("word", ["os.chdir(", "gc."])
def test_no_state_of_the_process_decides_below_the_command_line(word):
    pattern = re.compile(rf"(?<![\w.]){re.escape(word)}")
    places = [name for name, text in modules(without=("cli", "__main__.py")) if pattern.search(text)]
    assert places == []
