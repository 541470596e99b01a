"""The table of all rules is what the rules say of themselves."""

import importlib.util
import json
from pathlib import Path

import pytest

from composecheck.facts import Facts
from composecheck.findings import catalogue
from composecheck.loading import load_project
from composecheck.loading.options import Options
from composecheck.rules import module as module_of
from composecheck.rules import run
from composecheck.schemas_folder import schema_path

from .test_rule_examples import examples, write

ROOT = Path(__file__).parents[2]
OPTIONS = json.loads(Path(schema_path("configuration.schema.json")).read_text())["properties"]


def test_the_catalogue_is_what_the_rules_say():
    spec = importlib.util.spec_from_file_location("catalogue_writer", ROOT / "docs/catalogue.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
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
