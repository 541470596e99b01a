"""Whatever is found, a remedy goes with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from composecheck.findings.catalogue import GROUPS
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.rules import module

from ..accuracy.cases import cases

SNAPSHOTS = sorted((Path(__file__).parent / "snapshots").rglob("*.yml"))
DEFAULTS = frozenset(("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"))
EXAMPLE = re.compile(r"```yaml[^\n]*\n(.*?)```", re.DOTALL)
# What no rule's example and no case shows.
FAULTS = [
    b"services: [\n",
    b"services:\n\ta: {image: x}\n",
    b"services: {a: {image: \xff}}\n",
    b"services: {a: {image: 'x}}\n",
    b"- a\n",
    b"text\n",
    b"",
    b"services: {a: {image: x, scale: '99999999999999999999'}}\n",
    b"services: {a: {image: x, cpus: 1e400}}\n",
    b"services: {a: {image: x, env_file: bad.env}}\n",
    b"services: {a: {image: x, env_file: .}}\n",
    b"services: {a: {image: x, env_file: none.env}}\n",
    b"include: [none.yml, .]\nservices: {a: {image: x}}\n",
    b"services: {a: {extends: {file: ., service: b}}}\n",
    b"services: {a: {extends: b}, b: 5}\n",
    b"services: {a: !reset null}\n",
    b"services: {a: {image: x, read_only: maybe, stop_signal: {a: b}, ports: 5, init: x}}\n",
    b"services: {a: {image: x, colour: red, deploy: {restart_policy: {condition: never}}}}\n",
    b"services: {'a b': {image: x}}\n",
    b"services: {a: {image: x, build: {context: ., dockerfile: D, dockerfile_inline: FROM x}}}\n",
    b"services: {a: {image: x, networks: {n: {ipv4_address: 1.2, ipv6_address: x}}}}\nnetworks: {n: {}}\n",
]


def without_remedy(folder, environment=None):
    report = examine(Options(folder=folder, environment=environment or {}))
    return [(d.rule, d.message) for d in report.diagnostics if not d.remedy.strip()]


@pytest.mark.parametrize("kind", ["clean", "defects"])
def test_no_finding_of_a_case_lacks_a_remedy(tmp_path, kind):
    for case in cases(kind):
        folder = tmp_path / case.name
        folder.mkdir()
        case.write(folder)
        if not DEFAULTS.isdisjoint(case.files):
            assert without_remedy(folder, case.environment) == [], case.name


@pytest.mark.parametrize("rule", GROUPS)
def test_no_finding_of_an_example_lacks_a_remedy(tmp_path, rule):
    for text in EXAMPLE.findall(module(rule).__doc__):
        (tmp_path / "compose.yml").write_text(text)
        assert without_remedy(tmp_path) == []


@pytest.mark.parametrize("file", SNAPSHOTS, ids=lambda file: file.name)
def test_no_finding_of_a_snapshot_lacks_a_remedy(tmp_path, file):
    (tmp_path / "compose.yml").write_bytes(file.read_bytes())
    assert without_remedy(tmp_path) == []


@pytest.mark.parametrize("text", FAULTS)
def test_no_fault_lacks_a_remedy(tmp_path, text):
    (tmp_path / "compose.yml").write_bytes(text)
    (tmp_path / "bad.env").write_text("A='x\n")
    assert without_remedy(tmp_path) == []
    assert examine(Options(folder=tmp_path, environment={})).diagnostics
