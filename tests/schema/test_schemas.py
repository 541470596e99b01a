"""The schemas themselves: valid, complete, documented, and found where they are installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from composecheck.lint import check
from composecheck.loading.schema_fast import compiled, read_schema
from composecheck.report.json import render
from composecheck.schemas_folder import schema_path

NAMES = [
    "clients.schema.json", "compose.schema.json", "configuration.schema.json", "containers.schema.json",
    "knowledge.schema.json", "report.schema.json", "x-readiness.schema.json", "x-retry.schema.json",
]  # fmt: skip


def _parts(schema):
    """Give a schema and every part of it that is a schema too."""
    yield schema
    for keyword in ("properties", "patternProperties", "$defs"):
        for part in schema.get(keyword, {}).values():
            yield from _parts(part)
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(keyword), dict):
            yield from _parts(schema[keyword])
    for keyword in ("anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from _parts(part)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_json_schema(name):
    Draft202012Validator.check_schema(read_schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_key_has_a_description(name):
    for part in _parts(read_schema(name)):
        for key, value in part.get("properties", {}).items():
            assert "description" in value or "$ref" in value, key
    services = read_schema("compose.schema.json")["$defs"]["service"]["properties"]
    assert all(value["description"].endswith(".") for value in services.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_definition_is_used(name):
    schema = read_schema(name)
    used = {part["$ref"] for part in _parts(schema) if "$ref" in part}
    assert {f"#/$defs/{definition}" for definition in schema.get("$defs", {})} <= used


def test_a_service_has_the_keys_of_the_specification_and_two_of_ours():
    keys = read_schema("compose.schema.json")["$defs"]["service"]["properties"]
    assert len([key for key in keys if not key.startswith("x-")]) == 93
    assert [key for key in keys if key.startswith("x-")] == ["x-readiness", "x-retry"]


def test_the_complete_file_has_every_key(complete):
    given = set(_keys(complete))
    known = {key for part in _parts(read_schema("compose.schema.json")) for key in part.get("properties", ())}
    assert known - given == {"version", "project_directory", "pre_start", "per_replica", "no_cache_filter"}


def _keys(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def test_a_schema_is_found_by_its_name():
    assert Path(schema_path("compose.schema.json")).is_file()
    with pytest.raises(FileNotFoundError, match=r"nothing\.schema\.json"):
        schema_path("nothing.schema.json")


def test_the_folder_holds_valid_schemas_and_nothing_else():
    files = list(Path(schema_path("compose.schema.json")).parent.iterdir())
    assert {*NAMES} <= {file.name for file in files}
    for file in files:
        assert file.name.endswith(".schema.json")
        Draft202012Validator.check_schema(json.loads(file.read_text("utf-8")))


@pytest.fixture
def report(tmp_path):
    """A real report, with a finding that tells of a second place."""
    file = tmp_path / "compose.yml"
    file.write_text("x-a: &a {interval: soon}\nservices: {web: {image: i, healthcheck: *a}}\n", "utf-8")
    report = json.loads(render(check(str(file))))
    assert report["diagnostics"][0]["related"]
    return report


@pytest.fixture
def validator():
    return Draft202012Validator(read_schema("report.schema.json"))


def test_a_report_is_valid(report, validator):
    validator.validate(report)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("line", 0),
        ("severity", "info"),
        ("rule", "Unknown key"),
        ("message", ""),
        ("service", 5),
        ("more", 1),
    ],
)
def test_a_finding_of_another_shape_is_invalid(report, validator, key, value):
    report["diagnostics"][0][key] = value
    assert not validator.is_valid(report)


@pytest.mark.parametrize(("key", "value"), [("schema_version", 2), ("summary", {}), ("more", 1)])
def test_a_report_of_another_shape_is_invalid(report, validator, key, value):
    assert not validator.is_valid({**report, key: value})


def test_a_keyword_that_the_fast_way_does_not_know_is_refused(node, report):
    with pytest.raises(NotImplementedError, match="keyword 'const'"):
        compiled("report.schema.json")(node(report))


def test_schemas_are_written_as_json_with_a_newline_at_the_end():
    for name in NAMES:
        text = Path(schema_path(name)).read_text("utf-8")
        assert text.endswith("}\n")
        assert json.loads(text) == read_schema(name)
