"""Fixes of an override whose base nobody has named: what another base would break is not made unasked."""

import pytest

API = "services:\n  api:\n    command: serve\n    environment: {DB_HOST: db}\n    depends_on: [db]\n"
DB = "  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
BASE = f"services:\n  api: {{image: example/api}}\n{DB}"
PROBE = '    healthcheck: {test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"], interval: 2s, retries: 90}\n'
WAITS = "condition: service_healthy"
OVERRIDE, NAME = "compose.prod.yml", "compose.yml"


def test_guessed_base_is_changed_only_where_that_is_allowed(folder):
    folder[NAME], folder[OVERRIDE] = BASE, API
    told = folder.check("--fix", OVERRIDE)
    assert f"'{OVERRIDE}' was checked with '{NAME}', whose override it is" in told.out + told.err
    assert (folder[NAME], folder[OVERRIDE]) == (BASE, API)
    assert "fixed:" not in told.out
    lines = folder.check("--fix", "--unsafe-fixes", OVERRIDE).out.splitlines()
    (fixed,) = (line for line in lines if line.startswith("fixed: "))
    assert "pg_isready" in folder[NAME]
    assert WAITS in folder[OVERRIDE]
    assert f" (in '{NAME}' and '{OVERRIDE}') " in fixed
    assert fixed.endswith(" (changes a file that is not named and what starts with another base)")


def test_condition_rests_on_the_healthcheck_of_a_guessed_base(folder):
    folder[NAME], folder[OVERRIDE] = BASE + PROBE, API
    folder.check("--fix", OVERRIDE)
    assert folder[OVERRIDE] == API
    lines = folder.check("--fix", "--unsafe-fixes", OVERRIDE).out.splitlines()
    assert any(line.endswith(" (changes what starts with another base)") for line in lines)
    assert WAITS in folder[OVERRIDE]
    assert folder[NAME] == BASE + PROBE


@pytest.mark.parametrize("extra", ["", PROBE])
def test_no_wait_is_written_that_another_base_would_break(folder, extra):
    folder[NAME], folder[OVERRIDE] = BASE + extra, API
    folder["docker-compose.template.yml"] = BASE
    out = folder.check("--fix", "--unsafe-fixes", OVERRIDE).out
    assert (folder[NAME], folder[OVERRIDE]) == (BASE + extra, API)
    assert (
        f"not fixed: {OVERRIDE}:5 unguarded-dependency: 'docker-compose.template.yml' may be the base "
        "as well, where 'db' has no healthcheck\n"
    ) in out


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(BASE + PROBE, id="has a healthcheck too"),
        pytest.param("services:\n  db: {restart: always}\n", id="does not define it"),
        pytest.param("services:\n  other: {image: db}\n", id="another service"),
        pytest.param("services: [db\n", id="cannot be read"),
    ],
)
def test_other_file_that_breaks_nothing_does_not_matter(folder, other):
    folder[NAME], folder[OVERRIDE], folder["docker-compose.template.yml"] = BASE, API, other
    folder.check("--fix", "--unsafe-fixes", OVERRIDE)
    assert WAITS in folder[OVERRIDE]


def test_end_of_a_job_that_another_base_runs_otherwise_is_not_awaited(folder):
    job = "  db: {image: postgres:16, command: psql -h there -f make.sql}\n"
    folder[NAME], folder[OVERRIDE] = f"services:\n  api: {{image: example/api}}\n{job}", API
    folder.check("--fix", OVERRIDE)
    assert folder[OVERRIDE] == API
    folder["other.yml"] = f"services:\n  api: {{image: example/api}}\n{DB}"
    out = folder.check("--fix", "--unsafe-fixes", OVERRIDE).out
    assert "'other.yml' may be the base as well, where 'db' runs something else\n" in out
    assert folder[OVERRIDE] == API


def test_healthcheck_of_the_named_override_is_safe_to_wait_for(folder):
    folder[NAME], folder[OVERRIDE] = BASE, f"{API}  db:\n{PROBE}"
    folder.check("--fix", OVERRIDE)
    assert WAITS in folder[OVERRIDE]
    assert folder[NAME] == BASE


@pytest.mark.parametrize(
    ("arguments", "override", "configuration"),
    [
        pytest.param(["-f", NAME, "-f", OVERRIDE], OVERRIDE, "", id="given"),
        pytest.param([OVERRIDE], OVERRIDE, f"projects: [[{NAME}, {OVERRIDE}]]\n", id="configured"),
        pytest.param(["compose.override.yml"], "compose.override.yml", "", id="default override"),
        pytest.param([], "compose.override.yml", "", id="default pair"),
        pytest.param(["."], "compose.override.yml", "", id="default pair of a folder"),
    ],
)
def test_base_that_is_no_guess_is_changed(folder, arguments, override, configuration):
    folder[NAME], folder[override], folder["docker-compose.template.yml"] = BASE, API, BASE
    if configuration:
        folder[".composecheck.yaml"] = configuration
        arguments = ["--config", ".composecheck.yaml", *arguments]
    out = folder.run("--fix", *arguments).out
    assert WAITS in folder[override]
    assert "pg_isready" in folder[NAME]
    assert f" (in '{NAME}' and '{override}')\n" in out or f" (in '{override}' and '{NAME}')\n" in out


def test_healthcheck_of_a_base_that_is_named_as_well_is_safe_to_wait_for(folder):
    folder[NAME], folder[OVERRIDE] = BASE + PROBE, API
    folder.check("--fix", NAME, OVERRIDE)
    assert WAITS in folder[OVERRIDE]


def test_part_that_a_guessed_file_includes_changes_only_itself(folder):
    main = f"include: [part.yml]\nservices:\n{DB}"
    folder[NAME], folder["part.yml"] = main, API.replace("command", "image: example/api\n    command")
    folder.check("--fix", "part.yml")
    assert folder[NAME] == main
    assert WAITS not in folder["part.yml"]
