"""The schemas themselves: valid, complete, documented, and found where they are installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from composecheck.loading.schema_fast import compiled, read_schema
from composecheck.schemas_folder import schema_path

NAMES = ["compose.schema.json", "report.schema.json", "x-readiness.schema.json", "x-retry.schema.json"]


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
    assert schema_path("compose.schema.json").is_file()
    with pytest.raises(FileNotFoundError, match=r"nothing\.schema\.json"):
        schema_path("nothing.schema.json")


def test_the_folder_holds_these_schemas_and_no_other_file():
    assert sorted(path.name for path in schema_path(NAMES[0]).parent.iterdir()) == NAMES


REPORT = {
    "schema_version": 1,
    "diagnostics": [
        {
            "rule": "unknown-key",
            "severity": "error",
            "message": "service 'web' has the unknown key 'prots'",
            "remedy": "did you mean 'ports'?",
            "file": "compose.yml",
            "line": 4,
            "column": 5,
            "end_line": 4,
            "end_column": 10,
            "service": "web",
            "related": [{"file": "compose.yml", "line": 1, "column": 1, "message": "the anchored value"}],
        }
    ],
    "summary": {"errors": 1, "warnings": 0, "notes": 0, "files": 1, "services": 1},
}


def test_a_report_is_valid():
    Draft202012Validator(read_schema("report.schema.json")).validate(REPORT)


def test_a_keyword_that_the_fast_way_does_not_know_is_refused(node):
    with pytest.raises(NotImplementedError, match="keyword 'const'"):
        compiled("report.schema.json")(node(REPORT))


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"diagnostics": [{**REPORT["diagnostics"][0], "line": 0}]},
        {"diagnostics": [{**REPORT["diagnostics"][0], "severity": "info"}]},
        {"summary": {}},
        {"more": 1},
    ],
)
def test_a_report_of_another_shape_is_invalid(change):
    with pytest.raises(ValidationError):
        Draft202012Validator(read_schema("report.schema.json")).validate({**REPORT, **change})


def test_schemas_are_written_as_json_with_a_newline_at_the_end():
    for name in NAMES:
        text = Path(schema_path(name)).read_text("utf-8")
        assert text.endswith("}\n")
        assert json.loads(text) == read_schema(name)
