"""Docker Compose and we agree on which real Compose files are valid; tests/dump, on what they mean."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from composecheck.lint import verdict
from composecheck.loading import Options

from ..reference import MACHINE

pytestmark = pytest.mark.corpus


class Case(NamedTuple):
    file: str
    verdict: str
    error: str

    def examined(self, corpus, compose="2.40"):
        """Return what we say of it, from its own folder and with nothing in the environment."""
        path = corpus / self.file
        options = Options(files=(path.name,), folder=path.parent, environment=MACHINE, compose=compose)
        return verdict(options)


@pytest.fixture
def cases(corpus):
    lines = (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]
    return [Case(*[*line.split("\t"), ""][:3]) for line in lines]


def test_verdicts_agree(cases, corpus):
    others = []
    for case in cases:
        errors = [d for d in case.examined(corpus).diagnostics if d.severity == "error"]
        if ("invalid" if errors else "valid") != case.verdict:
            others.append(
                f"{case.file}: {case.error or 'valid'} / {[f'{d.span}: {d.message}' for d in errors]}"
            )
    assert others == []


def test_each_generation_has_the_verdict_of_its_binary(cases, corpus, reference):
    others = []
    for case in cases:
        path = corpus / case.file
        answer = reference.config(path.parent, "config", "-q", files=(path.name,), constant=True)
        if (case.examined(corpus, reference.generation).count("error") > 0) != (answer.returncode != 0):
            others.append(f"{case.file}: {answer.stderr or 'taken'}")
    assert others == []


def test_every_error_has_a_place_in_a_file_of_the_project(cases, corpus):
    for case in cases:
        for diagnostic in case.examined(corpus).diagnostics:
            assert diagnostic.span.line >= 1
            assert (
                diagnostic.span.source.text == ""
                or diagnostic.span.line <= diagnostic.span.source.text.count("\n") + 1
            )
