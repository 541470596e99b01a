"""A service is found by the same names, whoever asks: rules, guards, tests of healthchecks, the engine."""

from pathlib import Path

import pytest

from composecheck import check
from composecheck.facts import Facts
from composecheck.facts.commands.waits import Hosts
from composecheck.facts.names import generated, is_loopback
from composecheck.lint import examine
from composecheck.loading.options import Options

EXAMPLES = Path(__file__).parents[2] / "examples"
PAIR = """name: p
services:
  api:
    image: api:1
    depends_on: [db]
    command: [{}]
  db: {{image: postgres:16}}
"""


def told(folder, host, **environment):
    file = folder / "compose.yml"
    file.write_text(PAIR.format(f"wait-for-it, '{host}:5432', --, api"))
    report = check(file, environment=environment)
    return [d.rule for d in report.diagnostics if d.rule in ("unknown-host", "unguarded-dependency")]


@pytest.mark.parametrize("host", ["db", "DB", "p-db-1", "db.p_default", "p-db-1.p_default"])
def test_a_wait_for_a_name_that_is_there_is_a_guard(tmp_path, host):
    assert told(tmp_path, host) == []


@pytest.mark.parametrize("host", ["p_db_1", "p-db-2"])
def test_a_wait_for_a_name_that_nobody_has_is_no_guard(tmp_path, host):
    assert told(tmp_path, host) == ["unguarded-dependency", "unknown-host"]


def test_compatibility_makes_the_names_of_compose_1(tmp_path):
    assert told(tmp_path, "p_db_1", COMPOSE_COMPATIBILITY="1") == []
    assert told(tmp_path, "p-db-1", COMPOSE_COMPATIBILITY="1") == ["unguarded-dependency", "unknown-host"]


@pytest.mark.parametrize(
    ("host", "own"),
    [("localhost", True), ("127.0.1.1", True), ("[::1]", True), ("127.1", True), ("local", False)],
)
def test_what_a_container_calls_itself(host, own):
    assert is_loopback(host) is own


def assert_names_agree(project):
    """Every name of a service leads back to it, and its dependents' commands can wait for it by that."""
    facts = Facts(project)
    for service in facts.services.values():
        reached = Hosts(facts.names.reaching(service, service))
        for name in facts.names.of(service):
            places = facts.names.places(name.text.lower())
            assert service in [place.service for place in places], name
            assert service.name in facts.names.owners(name.text), name
            assert facts.names.is_own(name.text, service), name
            assert reached.among((f"{name.text}:80",)), name
            if name.kind == "generated":
                assert generated(facts.whole, name.text) is service


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("**/compose*.y*ml")), ids=lambda file: file.parent.name)
def test_names_agree_in_the_examples(file):
    project = examine(Options(files=(str(file),), environment={"HOME": "/root"})).project
    if project is not None:
        assert_names_agree(project)


@pytest.mark.corpus
def test_names_agree_in_real_files(corpus, monkeypatch):
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        file = corpus / line.split("\t")[0]
        monkeypatch.chdir(file.parent)
        project = examine(Options(files=(file.name,), environment={"HOME": "/root"})).project
        if project is not None:
            assert_names_agree(project)
