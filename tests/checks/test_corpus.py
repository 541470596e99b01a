"""Real files: what docker compose takes is not refused, and every report can be printed."""

import json

import pytest

from composecheck.findings.catalogue import NEEDS, REFUSED
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.report import json as json_report
from composecheck.report.masked import masked
from composecheck.report.text import render

from .test_rule_examples import assert_declared

pytestmark = pytest.mark.corpus


def test_rules_refuse_nothing_that_docker_compose_takes(corpus, monkeypatch):
    refused = REFUSED & NEEDS.keys()
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        file, verdict = line.split("\t")[:2]
        monkeypatch.chdir((corpus / file).parent)
        report = examine(Options(files=((corpus / file).name,), environment={"HOME": "/root"}))
        assert_declared(report)
        found = {d.rule for d in report.diagnostics}
        assert verdict == "invalid" or not found & refused, file
        text = render(report, notes=True, every=True)
        shown = list(masked(report))
        assert all(d.message in text for d in shown), file
        assert len(json.loads(json_report.render(report))["diagnostics"]) == len(report.diagnostics)
