"""The configuration: where it is found, what it says, what is wrong with it, and what beats it."""

import json
import os
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

from composecheck import LoadError, Settings, UsageError, check, load, rules
from composecheck.cli import main
from composecheck.findings import diagnostic
from composecheck.findings.catalogue import GROUPS
from composecheck.loading.findings import Findings
from composecheck.loading.schema_fast import read_schema
from composecheck.model.dialect import DIALECTS
from composecheck.settings import FAIL_ON
from composecheck.settings.read import read_settings
from composecheck.settings.toml import table
from composecheck.text.disk import Disk
from composecheck.text.source import Source

from ..aliases import values_of

RACE = "services:\n  api: {image: a, depends_on: [db]}\n  db: {image: x}\n"
BROKEN = (
    "services:\n  api: {image: a, depends_on: {db: {condition: service_healthy}}}\n"
    "  db: {image: x, healthcheck: {disable: true}}\n"
)
NOTE = 'version: "3"\nservices:\n  db: {image: x}\n'
UNGUARDED = "unguarded-dependency"
YAML = ".composecheck.yaml"
SCHEMA = read_schema("configuration.schema.json")
IMAGES = Resource.from_contents(read_schema("knowledge.schema.json"))
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, registry=Registry().with_resource("knowledge.schema.json", IMAGES)
)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write files, and go to a folder of them."""

    def written(files, folder="."):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.chdir(tmp_path / folder)

    return written


@pytest.fixture
def project(write):
    """Return the report on files, from a folder of them."""

    def report(files, *, folder=".", **options):
        write(files, folder)
        return check(environment={}, **options)

    return report


@pytest.fixture
def run(write, capsys):
    """Return the exit code of a command on files, and what it prints."""

    def command(files, *arguments, folder="."):
        write(files, folder)
        code = main(list(arguments))
        return code, "".join(capsys.readouterr())

    return command


def found(report):
    return [(d.rule, d.severity) for d in report.diagnostics]


def toml(text):
    return {"pyproject.toml": f"[project]\nname = 'x'\n{text}"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (YAML, "ignore: [unguarded-dependency]\n"),
        (".composecheck.yml", "ignore: [unguarded-dependency]\n"),
        ("pyproject.toml", "[tool.composecheck]\nignore = ['unguarded-dependency']\n"),
        ("pyproject.toml", "[tool]\ncomposecheck.ignore = ['unguarded-dependency']\n"),
        ("pyproject.toml", "tool = {composecheck = {ignore = ['unguarded-dependency']}}\n"),
        ("pyproject.toml", "[ tool . 'composecheck' ]\nignore = ['unguarded-dependency']\n"),
        ("pyproject.toml", "tool.\"composecheck\".ignore = ['unguarded-dependency']\n"),
    ],
)
def test_configuration_is_found_in_the_projects_folder(project, name, text):
    assert found(project({"compose.yml": RACE, name: text})) == []


def test_configuration_is_found_above_up_to_the_root_of_the_repository(project):
    files = {"a/b/compose.yml": RACE, YAML: f"ignore: [{UNGUARDED}]\n"}
    assert found(project(files, folder="a/b")) == []
    assert found(project({"a/b/c/d.txt": ""}, folder="a/b/c")) == []
    assert found(project({"a/.git/HEAD": ""}, folder="a/b")) == [(UNGUARDED, "warning")]


def test_nearest_configuration_is_the_one(project):
    files = {"a/compose.yml": RACE, "a/pyproject.toml": "[project]\n", YAML: f"ignore: [{UNGUARDED}]\n"}
    assert found(project(files, folder="a")) == []
    files |= {"a/.composecheck.yaml": "fail-on: error\n"}
    assert found(project(files, folder="a")) == [(UNGUARDED, "warning")]


@pytest.mark.parametrize(
    "options",
    [
        {"env_file": "COMPOSE_FILE=deploy/compose.yml\n"},
        {"environment": {"COMPOSE_FILE": "deploy/compose.yml"}},
        {"files": ["deploy/compose.yml"]},
        {"project_directory": "deploy", "files": ["other.yml"]},
    ],
)
def test_projects_folder_is_the_one_that_discovery_finds(project, options):
    files = {"deploy/compose.yml": RACE, "deploy/.composecheck.yaml": f"ignore: [{UNGUARDED}]\n"}
    project({**files, "compose.yml": RACE, "other.yml": RACE})
    if "env_file" in options:
        Path(".env").write_text(options["env_file"])
    report = check(
        *options.get("files", ()),
        environment=options.get("environment", {}),
        project_directory=options.get("project_directory"),
    )
    assert found(report) == []


def test_env_file_that_can_be_read_only_once_is_left_for_the_loader(project):
    project({"compose.yml": "services:\n  a: {image: 'x:$TAG'}\n"})
    reading, writing = os.pipe()
    thread = threading.Thread(target=lambda: (os.write(writing, b"TAG=1\n"), os.close(writing)))
    thread.start()
    report = check(env_files=[f"/dev/fd/{reading}"], environment={})
    thread.join()
    os.close(reading)
    assert report.project.services["a"].image == "x:1"


def test_two_configurations_in_a_folder_are_an_error_that_names_both(project):
    files = {"compose.yml": RACE, YAML: "fail-on: never\n", **toml("[tool.composecheck]\n")}
    report = project(files)
    (diagnostic,) = report.diagnostics
    assert diagnostic.message == f"both '{YAML}' and 'pyproject.toml' configure composecheck"
    assert report.exit_code == 2
    assert found(project(files, config=YAML)) == [(UNGUARDED, "warning")]


def test_configuration_that_is_named_is_the_one(run):
    files = {"compose.yml": RACE, YAML: "fail-on: error\n", "other.yaml": "fail-on: never\n"}
    assert run(files, "check")[0] == 0
    assert run(files, "check", "--no-config")[0] == 1
    assert run({**files, "compose.yml": BROKEN}, "--config", "other.yaml", "check")[0] == 0
    code, printed = run(files, "check", "--config", "absent.yaml")
    assert (code, printed) == (2, "composecheck: the configuration 'absent.yaml' does not exist\n")


def test_toml_without_the_table_is_no_configuration(run):
    files = {"compose.yml": RACE, **toml("")}
    assert run(files, "check")[0] == 1
    code, printed = run(files, "check", "--config", "pyproject.toml")
    assert code == 2
    assert "pyproject.toml:1:1: error: there is no table '[tool.composecheck]'" in printed


@pytest.mark.parametrize("text", ["", "# fail-on: never\n", "---\n"])
def test_configuration_may_say_nothing(project, text):
    assert found(project({"compose.yml": RACE, YAML: text})) == [(UNGUARDED, "warning")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select: [unguarded-dependency]", [(UNGUARDED, "warning")]),
        ("select: [unset-variable]", []),
        ("ignore: [obsolete-version]", [(UNGUARDED, "warning")]),
        ("{select: [unguarded-dependency], ignore: [unguarded-dependency]}", []),
        ("{select: [unset-variable], extend-select: [obsolete-version]}", [("obsolete-version", "note")]),
        ("severity: {unguarded-dependency: off}", [("obsolete-version", "note")]),
        (
            "severity: {unguarded-dependency: note, obsolete-version: error}",
            [("obsolete-version", "error"), (UNGUARDED, "note")],
        ),
    ],
)
def test_rules_and_severities_are_chosen(project, text, expected):
    assert found(project({"compose.yml": 'version: "3"\n' + RACE, YAML: text})) == expected


def test_rule_that_is_off_by_default_is_switched_on(monkeypatch):
    monkeypatch.setattr("composecheck.settings.OFF", frozenset(["no-shared-network"]))
    rule = "no-shared-network"
    assert not Settings().enabled(rule)
    assert Settings(extend_select=[rule]).enabled(rule)
    assert Settings(severity={rule: "warning"}).enabled(rule)
    assert Settings(select=[rule]).enabled(rule)
    assert not Settings(extend_select=[rule], ignore=[rule]).enabled(rule)
    assert not Settings(select=["unset-variable"], severity={rule: "warning"}).enabled(rule)
    assert Settings().enabled("unset-variable")


@pytest.mark.parametrize("text", ["services: [\n", "", "services: {a: {image: *b}}\n"])
def test_nothing_hides_that_a_file_cannot_be_loaded(project, text):
    every = json.dumps(list(GROUPS))
    for config in ("select: [unset-variable]", f"ignore: {every}", "severity: {invalid-yaml: note}"):
        report = project({"compose.yml": text, YAML: config})
        assert [severity for _, severity in found(report)] == ["error"]


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        (BROKEN, {"error", "warning", "note"}),
        (RACE, {"warning", "note"}),
        (NOTE, {"note"}),
        ("services:\n  db: {image: x}\n", set()),
    ],
)
def test_fail_on_decides_the_exit_code(run, text, fails):
    for least in FAIL_ON:
        code = int(least in fails)
        assert run({"compose.yml": text, YAML: f"fail-on: {least}"}, "check")[0] == code
        assert run({"compose.yml": text, YAML: "{}"}, "check", "--fail-on", least)[0] == code


def test_notes_that_fail_a_check_are_printed(run):
    assert "note: the key 'version'" in run({"compose.yml": NOTE}, "check", "--fail-on", "note")[1]


LAZY = "services:\n  api: {image: '${A:-${B?}}'}\n"


def test_generation_of_compose_is_chosen(run, project, monkeypatch):
    monkeypatch.setenv("A", "x")
    monkeypatch.delenv("B", raising=False)
    files = {"compose.yml": LAZY, YAML: "compose: '2.40'\n"}
    assert run(files, "check")[0] == 1
    assert run(files, "check", "--compose", "5")[0] == 0
    assert run(files, "--compose", "5", "plan")[0] == 0
    assert run(files, "plan")[0] == 2
    assert run({**files, YAML: ""}, "check")[0] == 0
    assert run(files, "check", "--compose", "2.40")[0] == 1
    with pytest.raises(LoadError):
        load()
    assert load(config=Settings()).services["api"].image == "x"


def test_command_line_beats_the_configuration(run):
    files = {
        "compose.yml": 'version: "3"\n' + RACE,
        YAML: "ignore: [unguarded-dependency]\nseverity: {obsolete-version: off, unset-variable: error}\n",
    }
    assert UNGUARDED not in run(files, "check", "--notes")[1]
    _, printed = run(files, "check", "--notes", "--select", f"{UNGUARDED}, obsolete-version")
    assert UNGUARDED in printed
    assert "[obsolete-version]" in printed
    _, printed = run(files, "check", "--notes", "--select", UNGUARDED, "--select", "obsolete-version",
                     "--ignore", "obsolete-version")  # fmt: skip
    assert "[obsolete-version]" not in printed
    assert run({**files, YAML: ""}, "check", "--ignore", f"{UNGUARDED},unset-variable")[0] == 0


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--select", "unguarded-dependancy"], "did you mean 'unguarded-dependency'?"),
        (["--ignore", "zzz"], "there is no rule 'zzz'; 'composecheck rules' lists them"),
        (["--select", ""], "--select takes ids"),
        (["--ignore", "unset-variable,,x"], "--ignore takes ids"),
        (["--select", "ports", "--ignore", "ports"], "there is nothing to check"),
        (["--select", "unset-variable", "--ignore", "files"], "there is nothing to check"),
    ],
)
def test_rules_that_there_are_not_are_usage(run, option, said):
    code, printed = run({"compose.yml": RACE}, "check", *option)
    assert code == 2
    assert said in printed


def test_settings_from_python(project):
    files = {"compose.yml": RACE, YAML: "fail-on: never\n"}
    assert project(files).exit_code == 0
    assert project(files, config=Settings()).exit_code == 1
    assert found(project(files, config=Settings(severity={UNGUARDED: "note"}))) == [(UNGUARDED, "note")]
    with pytest.raises(UsageError, match="there is no rule 'x'"):
        project(files, config=Settings(ignore=["x"]))


EXCEPTION = "exceptions:\n  - {{rules: {}, services: {}, reason: it tries again{}}}\n"


@pytest.mark.parametrize(
    ("rule", "service", "more", "told"),
    [
        (UNGUARDED, "api", "", []),
        (f"[{UNGUARDED}, unset-variable]", "[api, db]", "", []),
        (UNGUARDED, "api", ", file: compose.yml", []),
        (UNGUARDED, "api", ", file: .", []),
        (UNGUARDED, "api", ", file: other", [UNGUARDED]),
        (UNGUARDED, "db", "", [UNGUARDED, "unused-suppression"]),
        (UNGUARDED, "[api, dbx]", "", ["unused-suppression"]),
        ("unset-variable", "api", "", [UNGUARDED, "unused-suppression"]),
    ],
)
def test_exception_is_for_its_rules_services_and_file(project, rule, service, more, told):
    report = project({"compose.yml": RACE, YAML: EXCEPTION.format(rule, service, more)})
    assert sorted(r for r, _ in found(report)) == told
    suppressed = [(s.diagnostic.rule, s.by, s.reason) for s in report.suppressed]
    assert suppressed == ([] if UNGUARDED in told else [(UNGUARDED, "configuration", "it tries again")])


def test_exception_is_for_a_finding_within_its_service(project):
    files = {"compose.yml": "services:\n  api:\n    image: x$NOWHERE\n  web:\n    image: x$NEITHER\n"}
    report = project({**files, YAML: EXCEPTION.format("unset-variable", "web", "")})
    assert [d.span.line for d in report.diagnostics] == [3]


def test_service_of_an_exception_that_is_not_defined_is_shown_in_its_place(project):
    report = project({"compose.yml": RACE, YAML: EXCEPTION.format(UNGUARDED, "[api, dbx]", "")})
    (note,) = report.diagnostics
    assert (note.severity, note.span.text, note.remedy) == ("note", "dbx", "did you mean 'db'?")


@pytest.mark.parametrize(
    ("more", "told"),
    [("", []), (", file: a/compose.yml", ["unused-suppression"]), (", file: b", [])],
)
def test_exception_above_the_project_may_be_for_another(project, more, told):
    files = {"a/compose.yml": "services:\n  db: {image: x}\n", YAML: EXCEPTION.format(UNGUARDED, "api", more)}
    assert [rule for rule, _ in found(project(files, folder="a"))] == told


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  api: {image: a, profiles: [p]}\n  db: {image: x}\n",
        "services:\n  api: {image: a, colour: red}\n",
    ],
)
def test_exception_is_only_unused_where_its_finding_would_be_seen(project, text):
    report = project({"compose.yml": text, YAML: EXCEPTION.format(UNGUARDED, "api", "")})
    assert "unused-suppression" not in {rule for rule, _ in found(report)}


REFUSED = "services:\n  api: {image: a, depends_on: [nobody]}\n"


@pytest.mark.parametrize(
    "config",
    [
        "ignore: [undefined-dependency]",
        "select: [unset-variable]",
        "severity: {undefined-dependency: warning}",
        EXCEPTION.format("undefined-dependency", "api", ""),
    ],
)
def test_what_docker_compose_refuses_is_refused_at_a_start(run, config):
    files = {"compose.yml": REFUSED, YAML: f"{config}\nfail-on: error"}
    assert run(files, "check")[0] == 0
    code, printed = run(files, "plan")
    assert code == 2
    assert "error: service 'api' depends on 'nobody'" in printed
    with pytest.raises(LoadError):
        load(environment={})


def test_error_of_the_configurations_own_making_stops_a_start(run):
    assert run({"compose.yml": RACE}, "plan")[0] == 0
    assert run({"compose.yml": RACE, YAML: f"severity: {{{UNGUARDED}: error}}"}, "plan")[0] == 2


@pytest.mark.parametrize("command", ["check", "plan", "up"])
def test_wrong_configuration_is_exit_code_2(run, command):
    code, printed = run({"compose.yml": RACE, YAML: "fail_on: never\n"}, command)
    assert code == 2
    assert ".composecheck.yaml:1:1: error: the configuration has the unknown key 'fail_on'" in printed
    assert "did you mean 'fail-on'?" in printed
    assert UNGUARDED not in printed


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("selct: []", "1:1", "unknown key 'selct'"),
        ("services: {}", "1:1", "known here: 'select', 'extend-select'"),
        ("images: {}\nbuild: x", "2:1", "known here: 'select', 'extend-select'"),
        ("- a", "1:1", "must be a mapping of options, not a list"),
        ("a", "1:1", "must be a mapping of options, not the text 'a'"),
        ("select: unset-variable", "1:9", "must be a list of rule ids"),
        ("select: []", "1:9", "'select' names no rule"),
        ("select:", "1:1", "but it has no value"),
        ("ignore: [unset-variable, unset-varible]", "1:26", "did you mean 'unset-variable'?"),
        ("severity:\n  nothing: error", "2:3", "there is no rule 'nothing'"),
        ("severity:\n  unset-variable: fatal", "2:19", "must be 'error', 'warning', 'note' or 'off'"),
        ("fail-on: errors", "1:10", "did you mean 'error'?"),
        ("compose: 2.40", "1:10", "put it in quotes"),
        ("compose: '3'", "1:10", "must be '2.40' or '5'"),
        ("exceptions:\n- rules: unset-variable\n  services: a", "2:3", "lacks the key 'reason'"),
        ("exceptions: [{rules: x, services: a, reason: b}]", "1:22", "there is no rule 'x'"),
        ("exceptions: [{rules: empty-project, services: a, reason: ' '}]", "1:58", "a text that says why"),
        (
            "exceptions: [{rules: empty-project, services: [1], reason: b}]",
            "1:48",
            "must be a service's name",
        ),
        ("ignore: []\nignore: []", "2:1", "is already defined"),
        ("ignore: []]", "1:11", "this is not YAML"),
        ("ignore: []\n---\nignore: []", "3:1", "a configuration is one document"),
        ("\0", "1:1", "is not allowed in YAML"),
    ],
)
def test_what_is_wrong_with_yaml_is_told_in_its_place(run, text, place, message):
    code, printed = run({"compose.yml": RACE, YAML: text}, "check")
    assert code == 2
    assert f"{YAML}:{place}: error: " in printed
    assert message in printed
    assert printed.endswith("1 error found: 0 services in 1 file\n")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("[tool.composecheck]\nselct = []", "4:1", "unknown key 'selct'"),
        ("[tool.composecheck]\n  'fail-on' = 'errors'", "4:15", "did you mean 'error'?"),
        ("[tool]\ncomposecheck.fail-on = 'errors'", "4:24", "did you mean 'error'?"),
        ("[tool.composecheck]\nignore = [\n  # 'a'\n  'b',\n]", "6:3", "there is no rule 'b'"),
        ("[tool.composecheck.severity]\nnothing = 'error'", "4:1", "there is no rule 'nothing'"),
        ("[tool.composecheck]\nseverity = {a = 'error'}", "4:13", "there is no rule 'a'"),
        ("[tool.composecheck]\nseverity.empty-project = 1", "4:26", "not the number 1"),
        ("[[tool.composecheck.exceptions]]\nrules='empty-project'\nreason='b'", "3:1", "key 'services'"),
        ("[tool.composecheck]\ncompose = 2.40", "4:11", "put it in quotes"),
        ("[tool.composecheck]\ncompose = 2024-01-01", "4:11", "not the text '2024-01-01'"),
        ("[tool]\ncomposecheck = 3", "4:16", "must be a mapping of options, not the number 3"),
        ("[tool.composecheck]\na", "4:2", "this is not TOML: expected '='"),
        ("[tool.composecheck]\nfail-on = '", "4:12", "this is not TOML"),
    ],
)
def test_what_is_wrong_with_toml_is_told_in_its_place(run, text, place, message):
    code, printed = run({"compose.yml": RACE, **toml(text)}, "check")
    assert code == 2
    assert f"pyproject.toml:{place}: error: " in printed
    assert message in printed
    assert printed.endswith("1 error found: 0 services in 1 file\n")


def test_configuration_that_cannot_be_read_is_told(project):
    project({"compose.yml": RACE})
    Path(YAML).write_bytes(b"ignore: [\xff]\n")
    report = check(environment={})
    assert found(report) == [("invalid-configuration", "error")]
    assert "is not UTF-8" in report.diagnostics[0].message
    Path(YAML).write_text("a: " + "[" * 3000)
    assert {rule for rule, _ in found(check(environment={}))} == {"invalid-configuration"}
    Path(YAML).unlink()
    Path("pyproject.toml").write_text("[tool.composecheck]\na = " + "[" * 3000 + "]" * 3000)
    assert {rule for rule, _ in found(check(environment={}))} == {"invalid-configuration"}


def test_schema_is_one_and_knows_what_the_code_knows():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    properties = SCHEMA["properties"]
    fields = {key.replace("-", "_") for key in properties}
    assert fields == set(Settings._fields) - {"path"}
    assert properties["fail-on"]["enum"] == list(FAIL_ON)
    assert properties["compose"]["enum"] == list(DIALECTS)
    severities = properties["severity"]["additionalProperties"]["enum"]
    assert severities == [*values_of(diagnostic, "Severity"), "off"]
    for rule in GROUPS:
        VALIDATOR.validate({"select": [rule], "severity": {rule: "off"}})
    described = [*properties.values(), *SCHEMA["$defs"]["exception"]["properties"].values()]
    assert all(part["description"] for part in described)


def test_manual_of_a_wrong_configuration_names_every_option():
    manual = rules.module("invalid-configuration").__doc__
    assert all(f"`{key}`" in manual for key in SCHEMA["properties"])
    assert all(f"`{key}`" in manual for key in SCHEMA["$defs"]["exception"]["properties"])


VALUES = st.recursive(
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=6),
        st.integers(-9, 9),
        st.booleans(),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
OPTIONS = st.sampled_from([*SCHEMA["properties"], "rules", "services", "a.b", "ä"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(OPTIONS, VALUES, max_size=4), st.sampled_from([YAML, "pyproject.toml"]))
def test_anything_is_a_configuration_or_told_what_is_wrong_with_it(tmp_path_factory, value, name):
    path = tmp_path_factory.mktemp("configuration") / name
    path.write_text(json.dumps(value) if name == YAML else f"[tool.composecheck]\n{as_toml(value)}")
    found, diagnostics = read_settings([path], Disk())
    try:
        VALIDATOR.validate(value)
        named = {
            *(rule for key in ("select", "extend-select", "ignore") for rule in value.get(key, ())),
            *value.get("severity", {}),
        }
        valid = named <= {*GROUPS, *GROUPS.values()} and value.get("select") != []
    except jsonschema.ValidationError:
        valid = False
    assert valid == (diagnostics == ())
    assert all(d.severity == "error" and d.rule == "invalid-configuration" for d in diagnostics)
    if valid:
        assert found.fail_on == value.get("fail-on")


def as_toml(value):
    """Return a mapping's pairs as TOML; JSON's texts are TOML's, but for one character."""
    return "".join(f"{quoted(key)} = {inline(each)}\n" for key, each in value.items())


def quoted(text):
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def inline(value):
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(key)} = {inline(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[ {', '.join(map(inline, value))} ]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1), VALUES, max_size=4)
)
def test_place_of_a_value_in_toml_is_where_it_is_written(value):
    text = f"# '''\n[tool.other]\na = '''\n[tool.composecheck]\n'''\n[tool.composecheck]\n{as_toml(value)}"
    node = table(Source("pyproject.toml", text), Findings())
    assert node.plain() == value == tomllib.loads(text)["tool"]["composecheck"]
    for inner in within(node):
        assert tomllib.loads(f"x = {inner.span.text}")["x"] == inner.plain()


def within(node):
    for inner in [*node.items, *node.mapping.values()]:
        if inner.span.line == inner.span.end_line:  # U+0085 ends one in YAML, and not in TOML
            yield inner
        yield from within(inner)


def test_project_without_a_configuration_imports_nothing_for_it(project):
    project({"compose.yml": NOTE, **toml("dependencies = [\n  'composecheckers',\n]\n")})
    code = "import sys; from composecheck import check; check('compose.yml'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    unwanted = {"composecheck.settings.read", "composecheck.settings.exceptions", "tomllib", "jsonschema"}
    assert not unwanted & set(done.stdout.split())


SUPPRESSED = f"# composecheck: ignore[{UNGUARDED}] x\n{RACE}"


def test_each_of_several_projects_has_its_own_configuration(run):
    files = {
        "a/compose.yml": RACE,
        "a/.composecheck.yaml": "fail-on: error\n",
        "b/compose.yml": SUPPRESSED,
        "c/compose.yml": RACE,
        "c/pyproject.toml": "[tool.composecheck]\nignore = ['unguarded-dependency']\n",
    }
    code, printed = run(files, "check", ".", "--notes")
    assert (code, printed.count("[unguarded-dependency]")) == (0, 1)
    assert run({**files, "a/.composecheck.yaml": ""}, "check", ".")[0] == 1
    assert run({**files, "a/.composecheck.yaml": "x"}, "check", ".")[0] == 2
    assert run(files, "check", ".", "--fail-on", "warning")[0] == 1
    assert run(files, "check", ".", "--no-config")[0] == 1


def test_what_is_suppressed_in_several_projects_is_counted_once(run):
    files = {"a/compose.yml": SUPPRESSED, "b/compose.yml": SUPPRESSED}
    report = json.loads(run(files, "check", ".", "a/compose.yml", "--format", "json")[1])
    assert report["summary"]["suppressed"] == 2
