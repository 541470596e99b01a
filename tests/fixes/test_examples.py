"""Whatever a manual shows: what `--fix` has written is final, and nobody has anything new to say of it."""

from __future__ import annotations

from collections import Counter

import pytest

from composecheck import rules
from composecheck.fixes import mend
from composecheck.fixes.files import write as write_files
from composecheck.fixes.proof import mends_refused
from composecheck.lint import examine, verdict
from composecheck.loading.options import Options
from composecheck.settings import Settings

from ..checks.test_rule_examples import examples, write

WAYS = {
    "safe": lambda found, fix: not fix.unsafe and found.severity != "note",
    "safe-notes": lambda _, fix: not fix.unsafe,
    "every": lambda *_: True,
}


def said(report):
    """Return what a report says of each service, however it is worded."""
    return Counter((found.rule, found.service) for found in report.diagnostics)


def waited_for(report):
    """Return what is only said where others wait: a healthcheck of the author's own is asked seldom."""
    return {("slow-healthcheck", name) for name in report.project.services}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("example", list(examples()), ids=lambda e: f"{e.rule}-{e.number}")
def test_second_check_has_nothing_new_to_say(example, way, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(example, tmp_path)
    options = Options(folder=tmp_path, environment={}, compose=rules.module(example.rule).RULE.compose)

    def examined(options):
        return examine(options, Settings())

    before = examined(options)
    accepted = not verdict(options).count("error")
    result = mend((options,), (before,), examined, wanted=WAYS[way])
    if not result.files:
        return
    write_files(result.files)
    after = examined(options)
    again = mend((options,), (after,), examined, wanted=WAYS[way])
    assert not again.files
    assert after.count("error") <= before.count("error")
    if any(mends_refused(found.diagnostic) for found in result.fixed):
        return  # what nobody could read is read now
    assert not accepted or not verdict(options).count("error")
    assert not set(said(after) - said(before)) - waited_for(after)


def test_most_rules_with_a_fix_show_it_in_their_manual(tmp_path, monkeypatch):
    mended = set()
    for number, example in enumerate(examples()):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        write(example, folder)
        report = examine(Options(folder=folder, environment={}), Settings())
        mended |= {
            found.rule
            for found in report.diagnostics
            if found.rule == example.rule and found.fix is not None and found.fix() is not None
        }
    assert len(mended) >= 15
