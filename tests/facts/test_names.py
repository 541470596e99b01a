"""A service is found by the same names, whoever asks: rules, guards, tests of healthchecks, the engine."""

from pathlib import Path

import pytest

from composecheck import check
from composecheck.facts import Facts
from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.names import generated
from composecheck.lint import examine
from composecheck.loading.options import Options
from composecheck.text.addresses import is_itself, is_loopback

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
    ("host", "loopback", "itself"),
    [
        ("localhost", True, True),
        ("LOCALHOST.", True, True),
        ("api.localhost", True, True),
        ("127.0.1.1", True, True),
        ("127.1", True, True),
        ("[::1]", True, True),
        ("0.0.0.0", False, True),  # noqa: S104 - what a command asks
        ("::", False, True),
        ("0", False, True),
        ("", False, False),
        ("local", False, False),
        ("notlocalhost", False, False),
        ("127.example.org", False, False),
        ("::12", False, False),
    ],
)
def test_what_a_container_calls_itself(host, loopback, itself):
    assert (is_loopback(host), is_itself(host)) == (loopback, itself)


LOOPBACKS = ["localhost", "localhost.", "127.0.0.1", "127.0.1.1", "db.localhost"]


@pytest.mark.parametrize("host", LOOPBACKS)
def test_every_loopback_host_is_taken_for_the_container_itself(tmp_path, host):
    file = tmp_path / "compose.yml"
    file.write_text(
        "services:\n  api:\n    image: api:1\n    command: [serve]\n    depends_on: [db]\n"
        f"    environment: {{DATABASE_URL: 'postgres://{host}/app'}}\n  db: {{image: postgres:16}}\n"
    )
    found = check(file, environment={"HOME": "/root"}).diagnostics
    assert "localhost-for-service" in [each.rule for each in found]


@pytest.mark.parametrize("host", [*LOOPBACKS, "0.0.0.0"])  # noqa: S104 - what a command asks
def test_a_wait_for_any_loopback_host_is_a_guard_in_one_network_namespace(tmp_path, host):
    file = tmp_path / "compose.yml"
    pair = PAIR.format(f"wait-for-it, '{host}:5432', --, serve")
    file.write_text(pair.replace("image: api:1", "image: api:1\n    network_mode: 'service:db'"))
    found = check(file, environment={"HOME": "/root"}).diagnostics
    assert "unguarded-dependency" not in [each.rule for each in found]


def assert_names_agree(project):
    """Every name of a service leads back to it, and its dependents' commands can wait for it by that."""
    facts = Facts(project)
    for service in facts.services.values():
        reached = Hosts(facts.names.reaching(service, service))
        for name in facts.names.of(service):
            holders = facts.names.holders(name.text.lower())
            assert service in [holder.service for holder in holders], name
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
