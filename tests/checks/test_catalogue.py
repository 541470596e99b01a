"""The table of all rules is what the rules say of themselves."""

import ast
import importlib.util
import json
from pathlib import Path

import pytest

from composecheck.facts import Facts
from composecheck.findings import catalogue
from composecheck.loading import load_project
from composecheck.loading.options import Options
from composecheck.remedies.edits import loaded
from composecheck.rules import module as module_of
from composecheck.rules import run
from composecheck.schemas_folder import schema_path

from .test_rule_examples import examples, write

ROOT = Path(__file__).parents[2]
OPTIONS = json.loads(Path(schema_path("configuration.schema.json")).read_text())["properties"]


@pytest.fixture
def writer():
    """The script that writes the table."""
    spec = importlib.util.spec_from_file_location("catalogue_writer", ROOT / "docs/catalogue.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    return writer


def test_the_catalogue_is_what_the_rules_say(writer):
    stale = "run 'python docs/catalogue.py'"
    assert Path(catalogue.__file__).read_text("utf-8") == writer.text(), stale


@pytest.mark.parametrize(("name", "module"), [(name, module_of(name)) for name in catalogue.GROUPS])
def test_a_rule_says_all_of_itself(name, module):
    rule = module.RULE
    assert len(set(rule.severities)) == len(rule.severities) > 0
    assert rule.since
    assert bool(rule.needs) == hasattr(module, "check") == (rule.found_by == "rules")
    assert not (rule.refused and "error" not in rule.severities)
    assert set(rule.options) <= set(OPTIONS)


def test_a_new_id_goes_into_the_list_and_none_is_taken_out(writer, tmp_path, monkeypatch):
    ids = tmp_path / "ids.txt"
    ids.write_text("a-rule-of-old\nunguarded-dependency\n")
    monkeypatch.setattr(writer, "IDS", ids)
    assert writer.ids().split() == sorted(["a-rule-of-old", *catalogue.GROUPS])


def test_a_rule_of_what_is_not_defined_says_whether_another_file_may_have_it():
    """`extends` without a file looks in its own alone: there a part of the project could not be read."""
    rules = {name: module_of(name).RULE for name in catalogue.GROUPS if name.startswith("undefined-")}
    assert {name for name, rule in rules.items() if rule.lacks is None and not rule.partial} == set()


def test_what_the_loader_finds_and_a_fix_mends_is_what_there_are_fixes_of():
    assert loaded._FIXES.keys() == catalogue.MENDED


def ids_in(node):
    """The ids of rules in a collection, or in a text of several words."""
    kept = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [node])
    words = (each.value for each in kept if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return [word for text in words for word in text.split() if word in catalogue.GROUPS]


def test_no_list_of_rules_is_kept_beside_them():
    """But for the fixes of what the loader finds: what a rule is like it says itself."""
    kept = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "composecheck").rglob("*.py")
        if "rules" not in path.relative_to(ROOT).parts and path.name != "catalogue.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if len(ids_in(node)) > 1
    }
    assert kept == {"composecheck/remedies/edits/loaded.py"}


def assert_needs_hide_nothing(project):
    """Hold what the rules find that have anything to look at against what all of them find."""
    facts = Facts(project)
    every = sorted(
        (name, str(finding.place), finding.remedy)
        for name in catalogue.NEEDS
        for finding in module_of(name).check(facts)
    )
    assert sorted((d.rule, str(d.span), d.remedy) for d in run(Facts(project))) == every


def test_what_a_rule_needs_hides_no_finding_of_the_examples(tmp_path):
    for number, example in enumerate(examples()):
        folder = tmp_path / str(number)
        write(example, folder)
        if any((folder / name).exists() for name in ("compose.yml", "compose.yaml")):
            project = load_project(Options(folder=folder, environment={})).project
            if project is not None:
                assert_needs_hide_nothing(project)


@pytest.mark.corpus
def test_what_a_rule_needs_hides_no_finding_of_real_files(corpus):
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        file = corpus / line.split("\t")[0]
        options = Options(files=(file.name,), folder=file.parent, environment={"HOME": "/root"})
        project = load_project(options).project
        if project is not None:
            assert_needs_hide_nothing(project)
