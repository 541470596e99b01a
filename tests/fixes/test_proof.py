"""A fix that does not do what it promises, or does more, is refused with the reason."""

from __future__ import annotations

import re

import pytest

from composecheck.findings.diagnostic import Diagnostic, Edit, Fix
from composecheck.fixes import mend
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.remedies import edits
from composecheck.settings import Settings
from composecheck.text.source import whole

TEXT = """\
services:
  api: {image: api:1}
  db: {image: db:1}
"""


def mended(folder, text, replacements, changes, *, gone=True):
    """Return what becomes of a finding whose fix replaces words and promises changes."""
    folder["compose.yml"] = text

    def with_finding(options):
        report = examine(options, Settings())
        if report.project is None:
            return report
        source = report.project.files[0]

        def fix():
            made = []
            for old, new in replacements.items():
                at = source.text.index(old)
                made.append(Edit(source.span(at, at + len(old)), new))
            return Fix(tuple(made), changes)

        if gone and all(old not in source.text for old in replacements):
            return report
        finding = Diagnostic("unknown-key", "note", "a finding", whole(source), fix=fix)
        return report._replace(diagnostics=(*report.diagnostics, finding))

    options = Options(environment={})
    return mend((options,), (with_finding(options),), with_finding, wanted=lambda *_: True)


def test_right_fix_is_made(folder):
    result = mended(folder, TEXT, {"api:1": "api:2"}, {("services", "api", "image"): "api:2"})
    assert [file.text for file in result.files] == [TEXT.replace("api:1", "api:2")]
    assert len(result.fixed) == 1
    assert not result.refused
    assert folder["compose.yml"] == TEXT


WRONG = {
    "it would change 'services.db.image' as well": ({"api:1": "api:2", "db:1": "db:2"}, "api:2"),
    "it would not make 'services.api.image' what is meant": ({"api:1": "api:3"}, "api:2"),
    "it would change 'services.api.tty' as well": ({"api:1": "api:2, tty: true"}, "api:2"),
    "it would change which services there are": ({"api:1": "api:2", "db:": "dbx:"}, "api:2"),
    "it would not make 'services.api.image' what is meant ": ({"image: api:1": "image: 2"}, 2),
    "it would bring a finding: this is not YAML: ": ({"api:1}": "api:2"}, "api:2"),
    "it would change the project's name": ({"api:1}": "api:2}", "services:": "name: x\nservices:"}, "api:2"),
}


@pytest.mark.parametrize("reason", WRONG)
def test_wrong_fix_is_refused(folder, reason):
    replacements, value = WRONG[reason]
    result = mended(folder, TEXT, replacements, {("services", "api", "image"): value})
    assert not result.files
    assert not result.fixed
    (refused,) = result.refused
    assert (
        refused.reason.startswith(reason.strip()) or "finding" in refused.reason or "read" in refused.reason
    )


def test_fix_that_does_not_mend_its_finding_is_refused(folder):
    changes = {("services", "api", "image"): "api:2"}
    result = mended(folder, TEXT, {"api:1": "api:2"}, changes, gone=False)
    assert [one.reason for one in result.refused] == ["it would not mend the finding"]


def test_fix_that_brings_a_warning_is_refused(folder):
    text = TEXT.replace("db:1}", "db:1, depends_on: {api: {condition: service_started, x-retry: {}}}}")
    result = mended(folder, text, {", x-retry: {}": ""}, {("services", "db", "depends_on"): None})
    (refused,) = result.refused
    assert refused.reason == "it would not make 'services.db.depends_on' what is meant"
    entry = {"api": {"condition": "service_started", "required": True}}
    result = mended(folder, text, {", x-retry: {}": ""}, {("services", "db", "depends_on"): entry})
    (refused,) = result.refused
    assert refused.reason == (
        "it would bring a finding: service 'db' starts without waiting until 'api' is ready"
        " [unguarded-dependency]"
    )


def test_wrong_fix_keeps_no_right_one_from_being_made(folder):
    text = TEXT + "".join(f"  s{n}: {{image: redis:7, ports: ['{n}:6379']}}\n" for n in range(1, 10))
    result = mended(folder, text, {"api:1": "api:3"}, {("services", "api", "image"): "api:2"})
    assert len(result.fixed) == 9
    assert len(result.refused) == 1
    assert result.files[0].text.count("127.0.0.1") == 9


DOLLARS = {
    "pg_isready -U $USER": "pg_isready -U $$USER",
    "a ${USER} $$OTHER ${TAG}": "a $${USER} $$OTHER ${TAG}",
    "a ${USER:-x} ${USER:-$USER}": "a $${USER:-x} $${USER:-$$USER}",
    "a ${TAG:-$USER} b": "a ${TAG:-$$USER} b",
    "echo $ $1 {$USER}": "echo $ $1 {$$USER}",
}
QUOTES = {"plain": "{}", "single": "'{}'", "double": '"{}"', "folded": ">-\n          {}"}


@pytest.mark.parametrize("quotes", QUOTES)
@pytest.mark.parametrize("test", DOLLARS)
@pytest.mark.parametrize("short", [True, False])
def test_dollar_signs_for_the_container_are_doubled(folder, test, quotes, short):
    text = "services:\n  db:\n    image: db\n    healthcheck:\n      test:{}\n      retries: 3\n"
    text = text.replace("{}", " @" if short else "\n        - CMD-SHELL\n        - @").replace(
        "@", QUOTES[quotes]
    )
    assert _escaped(folder, text.format(test)) == text.format(DOLLARS[test])


def _escaped(folder, text):
    folder["compose.yml"] = text
    environment = {"TAG": "1"}

    def with_finding(options):
        report = examine(options, Settings())
        service = report.project.services["db"]
        if re.search(r"(?<!\$)\$\{?USER", report.project.files[0].text) is None:
            return report
        path = ("healthcheck", "test", "1")
        fix = edits.escape_dollars(service, path, report.project.environment, ["USER"])
        finding = Diagnostic("unknown-key", "note", "a finding", service.node.span, fix=fix)
        return report._replace(diagnostics=(*report.diagnostics, finding))

    options = Options(environment=environment)
    result = mend((options,), (with_finding(options),), with_finding)
    assert not result.refused
    return result.files[0].text if result.files else None


@pytest.mark.parametrize("test", ['"a \\x24USER"', "a ${USER:-$TAG}", "a b", "a $$USER"])
def test_dollar_signs_of_which_it_is_not_certain_whose_they_are_stay(folder, test):
    text = f"services:\n  db:\n    image: db\n    healthcheck:\n      test: {test}\n"
    assert _escaped(folder, text) is None


def test_keys_of_a_healthcheck_are_set(folder):
    text = (
        "services:\n  db:\n    image: db\n    healthcheck:\n      test: x\n"
        "      interval: '60s'  # slow\n      # more\n"
    )
    folder["compose.yml"] = text
    values = {"interval": "2s", "start_period": "20s", "retries": 5}

    def with_finding(options):
        report = examine(options, Settings())
        service = report.project.services["db"]
        if service.healthcheck.interval == 2:
            return report
        fix = edits.set_keys(service, ("healthcheck",), values)
        finding = Diagnostic("unknown-key", "note", "a finding", service.node.span, fix=fix)
        return report._replace(diagnostics=(*report.diagnostics, finding))

    options = Options(environment={})
    result = mend((options,), (with_finding(options),), with_finding)
    assert result.files[0].text == (
        "services:\n  db:\n    image: db\n    healthcheck:\n      test: x\n"
        "      interval: '2s'  # slow\n      start_period: 20s\n      retries: 5\n      # more\n"
    )


PROBED = """\
services:
  api: {image: api:1}
  db:
    image: db:1
    healthcheck: {test: x, interval: 30s}
"""


def passes(folder, text, findings):
    """Return what becomes of findings, each there as long as its text is: (message, text, edit, changes)."""
    folder["compose.yml"] = text

    def with_findings(options):
        report = examine(options, Settings())
        source = report.project.files[0]
        found = []
        for message, there, (old, new), changes, service in findings:
            if there not in source.text:
                continue
            at = source.text.index(old) if old in source.text else 0
            edit = Edit(source.span(at, at + len(old)), new)
            fix = None if not old else lambda edit=edit, changes=changes: Fix((edit,), changes)
            rule = "unknown-key" if old else "unused-volume"
            found.append(Diagnostic(rule, "note", message, whole(source), "", service, fix=fix))
        return report._replace(diagnostics=(*report.diagnostics, *found))

    options = Options(environment={})
    return mend((options,), (with_findings(options),), with_findings)


INTERVAL = ("services", "db", "healthcheck", "interval")


def test_what_a_fix_has_written_no_other_changes(folder):
    first = ("too seldom", "interval: 30s", ("30s", "10s"), {INTERVAL: "10s"}, None)
    second = ("still too seldom", "interval: 10s", ("10s", "2s"), {INTERVAL: "2s"}, None)
    result = passes(folder, PROBED, [first, second])
    assert [file.text for file in result.files] == [PROBED.replace("30s", "10s")]
    assert [one.diagnostic.message for one in result.fixed] == ["too seldom"]
    assert [one.reason for one in result.refused] == ["another fix has just written this"]
    assert all(found.fix is None for found in result.reports[0].diagnostics)


def test_fix_that_brings_a_note_on_its_service_is_refused(folder):
    image = ("services", "api", "image")
    first = ("old", "api:1", ("api:1", "api:2"), {image: "api:2"}, "api")
    note = ("new is bad", "api:2", ("", ""), {}, "api")
    result = passes(folder, PROBED, [first, note])
    assert [one.reason for one in result.refused] == ["it would bring a finding: new is bad [unused-volume]"]
    assert not result.files
    elsewhere = (*note[:4], "db")
    assert len(passes(folder, PROBED, [first, elsewhere]).fixed) == 1
