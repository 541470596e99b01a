"""Each edge of a project has one guard, which is worked out once, whoever asks for it."""

from collections import Counter

import pytest

from composecheck import Simulated, Stack, facts, load
from composecheck.cli import main

STACK = """name: shop
services:
  web:
    image: web:1
    depends_on: {api: {condition: service_started}, migrate: {condition: service_completed_successfully}}
  api:
    image: api:1
    restart: on-failure
    links: [cache]
    depends_on: {db: {condition: service_healthy}}
  migrate:
    image: api:1
    command: [wait-for-it, "db:5432", --, alembic, upgrade, head]
    depends_on: [db]
  db: {image: "db:1", healthcheck: {test: [CMD, pg_isready]}}
  cache: {image: "cache:1"}
"""
EDGES = {("web", "api"), ("web", "migrate"), ("api", "db"), ("api", "cache"), ("migrate", "db")}


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Return how often the guard of each edge is worked out for a command."""
    (tmp_path / "compose.yml").write_text(STACK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    edges = Counter()
    guard = facts.guard

    def counted(known, service, dependency):
        edges[service.name, dependency.service] += 1
        return guard(known, service, dependency)

    monkeypatch.setattr(facts, "guard", counted)

    def asked(command):
        if command == "up":
            Stack(engine="simulated").up()
        else:
            assert main([command]) in (0, 1)
        return edges

    return asked


@pytest.mark.parametrize("command", ["check", "plan", "graph", "up"])
def test_a_guard_is_worked_out_once_per_edge(asked, command):
    edges = asked(command)
    assert set(edges.values()) == {1}
    # A check has no use for what `links` imply.
    assert edges.keys() == EDGES - ({("api", "cache")} if command == "check" else set())


def test_check_plan_and_graph_know_the_same_of_an_image(tmp_path, monkeypatch, capsys):
    (tmp_path / "compose.yml").write_text(
        "services:\n  web:\n    image: web:1\n"
        "    depends_on: {db: {condition: service_healthy, required: false}}\n"
        "  db: {image: adminer:4}\n"
    )
    monkeypatch.chdir(tmp_path)
    main(["check"])
    assert "'db' has no healthcheck" in capsys.readouterr().out
    main(["graph"])
    assert "never healthy, optional: 'db' has no healthcheck" in capsys.readouterr().out


def test_a_start_works_out_anew_only_what_an_image_changes(asked, tmp_path):
    """Of `db` the image alone can tell whether it is ever healthy, and so whether `api` waits."""
    file = tmp_path / "compose.yml"
    file.write_text(STACK.replace(", healthcheck: {test: [CMD, pg_isready]}", ""))
    assert asked("up") == dict.fromkeys(EDGES, 2) | {("api", "cache"): 1}


@pytest.mark.parametrize("of", [Stack, lambda file, engine: Stack.of(load(file), engine=engine)])
def test_a_start_has_one_facts(of, tmp_path, monkeypatch):
    (tmp_path / "compose.yml").write_text(STACK)
    made = []
    begin = facts.Facts.__init__

    def counted(made_now, project, **options):
        made.append(options)
        begin(made_now, project, **options)

    monkeypatch.setattr(facts.Facts, "__init__", counted)
    of(tmp_path / "compose.yml", engine=Simulated()).up()
    # `load` asks of the services that are active what Docker Compose refuses, and nothing else.
    assert len([options for options in made if options.get("disabled", True)]) == 1
