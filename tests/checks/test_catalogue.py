"""The table of all rules is what the rules say of themselves."""

import importlib.util
from pathlib import Path

import pytest

from composecheck.findings import catalogue
from composecheck.rules import all_modules

ROOT = Path(__file__).parents[2]


def test_the_catalogue_is_what_the_rules_say():
    spec = importlib.util.spec_from_file_location("catalogue_writer", ROOT / "docs/catalogue.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    stale = "run 'python docs/catalogue.py'"
    assert Path(catalogue.__file__).read_text("utf-8") == writer.text(), stale


@pytest.mark.parametrize(("name", "module"), list(all_modules()))
def test_a_rule_says_all_of_itself(name, module):
    rule = module.RULE
    assert len(set(rule.severities)) == len(rule.severities) > 0
    assert rule.since
    assert bool(rule.needs) == hasattr(module, "check") == (rule.found_by == "rules")
    assert not (rule.refused and "error" not in rule.severities)
