"""Fixes in what is no Compose file are proven like those of one, and refused like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from composecheck.findings.diagnostic import Diagnostic, Edit, Fix
from composecheck.fixes import mend
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.text.source import whole

FILES = {
    "compose.yml": "services: {a: {build: ., env_file: a.env, environment: {T: '${TAG}'}}}\n",
    ".env": "TAG=old  # a tag\n",
    "a.env": "LEVEL=old\n",
    ".composecheck.yaml": "ignore: [unknown-key]  # old\n",
    "Dockerfile": "FROM a\nCMD old \\\n  # why\n  x\n",
}
RIGHT = {
    ".env": {("environment", "TAG"): "new", ("services", "a", "environment", "T"): "new"},
    "a.env": {("services", "a", "environment", "LEVEL"): "new"},
    ".composecheck.yaml": {},
    "Dockerfile": {("images", "a", "command"): ("/bin/sh", "-c", "new   x")},
}


def mended(folder, name, changes, new="new"):
    """Return what becomes of a finding in a file that says "old"."""
    for other, text in FILES.items():
        folder[other] = text

    def with_finding(options):
        report = examine(options)
        if report.project is None:
            return report
        build = report.project.services["a"].build
        assert report.project.builds.dockerfile(build) is not None
        source = next(each for each in report.project.disk.sources if Path(each.path).name == name)
        at = source.text.find("old")
        if at < 0:
            return report
        fix = Fix((Edit(source.span(at, at + 3), new),), changes)
        finding = Diagnostic("unknown-key", "note", "a finding", whole(source), fix=lambda: fix)
        return report._replace(diagnostics=(*report.diagnostics, finding))

    options = Options(environment={})
    return mend((options,), (with_finding(options),), with_finding)


@pytest.mark.parametrize("name", RIGHT)
def test_right_fix_is_made(folder, name):
    result = mended(folder, name, RIGHT[name])
    assert [(file.source.shown, file.text) for file in result.files] == [
        (name, FILES[name].replace("old", "new"))
    ]
    assert len(result.fixed) == 1
    assert not result.refused
    assert folder[name] == FILES[name]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".env", "it would change 'services.a.environment.T' as well"),
        ("a.env", "it would change 'services.a.environment.LEVEL' as well"),
        ("Dockerfile", "it would change 'images.a.command' as well"),
    ],
)
def test_fix_that_changes_more_than_it_says_is_refused(folder, name, reason):
    result = mended(folder, name, {})
    assert [refused.reason for refused in result.refused] == [reason]
    assert not result.files


def test_configuration_that_could_not_be_read_afterwards_stays(folder):
    result = mended(folder, ".composecheck.yaml", {}, "\nignoer: []")
    assert [refused.reason for refused in result.refused] == ["the project could not be read afterwards"]
