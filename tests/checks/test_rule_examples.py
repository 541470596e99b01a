"""Every rule's manual is its test: the marks in its examples are what it finds."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from composecheck import preflight, rules
from composecheck.findings.catalogue import GROUPS, NEEDS, OFF, REFUSED
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.settings import Settings

from .engine_yml import snapshot

FENCE = re.compile(r"^```(\w+)[ ]?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"#\s((?:[a-z]+(?:-[a-z]+)*)(?:,\s*[a-z]+(?:-[a-z]+)*)*)$")
SECTIONS = ["What it does", "Why is this bad?", "Example", "Use instead"]


class Example(NamedTuple):
    rule: str
    heading: str
    number: int
    files: dict[str, str]


def sections(name):
    """Return the headings and bodies of a rule's manual."""
    parts = re.split(r"^## (.+)$", rules.module(name).__doc__, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def examples():
    for name in GROUPS:
        there = None
        for number, (heading, body) in enumerate(sections(name)):
            # What stands on an engine stands there until another one is described.
            files = {"engine.yml": there} if there else {}
            for language, path, text in FENCE.findall(body):
                files[path or {"yaml": "compose.yml"}[language]] = text
            there = files.get("engine.yml")
            if files.keys() - {"engine.yml"}:
                yield Example(name, heading, number, files)


def write(example, folder):
    for path, text in example.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def found(example, folder):
    """Return the (file, line) of each finding of the example's rule."""
    write(example, folder)
    generation = rules.module(example.rule).RULE.compose
    chosen = Settings(select=(example.rule,)) if example.rule in OFF else None
    options = Options(folder=folder, environment={}, compose=generation)
    report = examine(options, given=chosen, live=engine(example))
    assert_declared(report)
    return {
        (Path(d.span.source.shown).resolve().relative_to(folder.resolve()).as_posix(), d.span.line)
        for d in report.diagnostics
        if d.rule == example.rule
    }


def assert_declared(report):
    """Hold each finding against what its rule says of itself."""
    disabled = report.project.disabled if report.project is not None else ()
    for d in report.diagnostics:
        allowed = rules.module(d.rule).RULE.severities
        # An error of a service that the profiles leave out is a warning.
        assert d.severity in allowed or (d.service in disabled and "error" in allowed), d
        assert d.confidence != "possible" or d.severity == "note", d
        assert d.remedy, d


def engine(example):
    """Return what the engine of `engine.yml` says of a project, None where the example has none."""
    if "engine.yml" not in example.files:
        return None
    seen = snapshot(example.files["engine.yml"])
    return lambda facts: preflight.examine(facts, seen, everything=True)


def marks(example):
    """Return the (file, line) of each line that ends in the rule's id."""
    return {
        (path, number)
        for path, text in example.files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := MARK.search(line)) and example.rule in re.split(r",\s*", match[1])
    }


@pytest.mark.parametrize("example", list(examples()), ids=lambda e: f"{e.rule}-{e.number}-{e.heading}")
def test_example_finds_its_marks(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert found(example, tmp_path) == marks(example)
    assert bool(marks(example)) == (example.heading == "Example")


@pytest.mark.parametrize("name", GROUPS)
def test_manual_has_its_sections(name):
    headings = [heading for heading, _ in sections(name)]
    assert headings[:4] == SECTIONS
    assert set(headings) == set(SECTIONS)
    first, blank, *_ = rules.module(name).__doc__.split("\n")
    assert first.endswith(".")
    assert not blank


def test_every_module_is_in_the_index_and_the_other_way_round():
    folder = Path(rules.__file__).parent
    modules = {path for path in folder.glob("*/*.py") if path.stem != "__init__"}
    assert {path.stem.replace("_", "-"): path.parent.name for path in modules} == GROUPS


@pytest.mark.parametrize("name", GROUPS)
def test_rule_checks_or_leaves_it_to_the_loader(name):
    module = rules.module(name)
    assert hasattr(module, "check") == (name in NEEDS)
    assert set(module.RULE.severities) <= {"error", "warning", "note"}


# What the reference would need beside a file's text to refuse it, where it is the one at fault, or
# what is about a key that only later releases have.
OURS = {"document-limit", "remote-file", "unsupported-per-replica"}


@pytest.mark.parametrize(
    "example",
    [example for example in examples() if example.rule not in OURS],
    ids=lambda e: f"{e.rule}-{e.number}-{e.heading}",
)
def test_reference_refuses_what_is_said_to_be_refused(example, tmp_path, reference):
    if reference.generation not in ("2.40", rules.module(example.rule).RULE.compose):
        return  # an example of what the older generation alone refuses
    folder = tmp_path / "project"
    folder.mkdir()
    write(example, folder)
    answer = reference.config(folder, "config", "-q")
    refused = example.heading == "Example" and (example.rule in REFUSED)
    assert (answer.returncode != 0) == refused, answer.stderr
