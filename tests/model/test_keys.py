"""Every key of the schema stands in every table that it must be in, and is an attribute of the model.

What a table may leave out is listed here with its reason; so a new key of the specification fails this
test until somebody has decided what each table does with it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import composecheck
from composecheck.engine.docker import support
from composecheck.loading import canonical, interpolate, merge, unify, uninterpolated
from composecheck.model.attributes import Held, Late, Part
from composecheck.model.details import Ulimit
from composecheck.model.resources import SECTIONS
from composecheck.model.service import Service
from composecheck.schemas_folder import schema_path

SCHEMA = json.loads(Path(schema_path("compose.schema.json")).read_text())
DEFINITIONS = SCHEMA["$defs"]
SERVICE = DEFINITIONS["service"]["properties"]
KEYS = {key for key in SERVICE if not key.startswith("x-")}

GONE = {"extends": "the loader has written out what it means"}
# A list that holds what is written as often as it is written (compose-go, override/uncity.go).
REPEATS = {
    **dict.fromkeys(("command", "entrypoint"), "the words of a command"),
    **dict.fromkeys(("depends_on", "models"), "a mapping, once it is merged"),
    **dict.fromkeys(("post_start", "pre_start", "pre_stop"), "commands run one after the other"),
    "extra_hosts": "merged without what is there already",
    "gpus": "every request counts",
    **dict.fromkeys(
        ("device_cgroup_rules", "external_links", "group_add", "volumes_from"),
        "the schema refuses what is repeated",
    ),
    **dict.fromkeys(("label_file", "security_opt"), "Compose leaves them as they are"),
}  # fmt: skip
# What is not read of a service by the engine, though a start carries it out.
ELSEWHERE = {
    "label_file": "the loader puts what is in it among the labels",
    "scale": "in the number of replicas",
}
# What of a service's container Compose does not hold, and so neither prints nor hashes.
NOT_HELD = {
    "env_file": "what is in it is in the environment",
    "pull_refresh_after": "Compose knows the key and drops it",
}


def resolved(schema: dict) -> list[dict]:
    """The alternatives of a schema, with no reference left."""
    reference = schema.get("$ref", "")
    if reference:
        return resolved(DEFINITIONS[reference.rpartition("/")[2]]) if reference.startswith("#") else []
    if "anyOf" in schema:
        return [each for alternative in schema["anyOf"] for each in resolved(alternative)]
    return [schema]


def shapes(schema: dict) -> set[str]:
    """The types of JSON that a schema takes."""
    types = [alternative.get("type", []) for alternative in resolved(schema)]
    return {word for each in types for word in ([each] if isinstance(each, str) else each)}


def of_shape(*wanted: str) -> set[str]:
    """The keys of a service that take more than one of some shapes."""
    return {key for key in KEYS if len(shapes(SERVICE[key]) & set(wanted)) > 1}


def below(schema: dict, kind: object) -> list[tuple[type[Part], dict]]:
    """The classes that the model has for what stands in a value, each with its schema."""
    if isinstance(kind, Held):
        kind = kind.part
    if isinstance(kind, Late):
        kind = kind.part
    alternatives = resolved(schema)
    if isinstance(kind, list):
        return [pair for each in alternatives if "items" in each for pair in below(each["items"], kind[0])]
    if isinstance(kind, dict):
        named = [each[word] for each in alternatives for word in ("additionalProperties",) if word in each]
        named += [each for one in alternatives for each in one.get("patternProperties", {}).values() if each]
        return [pair for each in named if isinstance(each, dict) for pair in below(each, kind["*"])]
    if kind == "ulimit":
        kind = Ulimit
    if not isinstance(kind, type):
        return []
    return [(kind, each) for each in alternatives if "properties" in each]


def missing(part: type[Part], schema: dict, path: str) -> list[str]:
    """The keys of a schema that the model has no attribute for."""
    lacking = []
    for word, inner in schema["properties"].items():
        if word.startswith("x-"):
            continue
        key = part.KEYS.get(word)
        if key is None:
            lacking.append(f"{path}.{word}")
            continue
        for cls, each in below(inner, key.kind):
            lacking += missing(cls, each, f"{path}.{word}")
    return lacking


def test_every_key_of_a_service_is_an_attribute_of_the_model():
    assert missing(Service, DEFINITIONS["service"], "service") == [f"service.{key}" for key in GONE]
    assert Service.KEYS.keys() == KEYS - GONE.keys()
    assert {"x-readiness", "x-retry"} == SERVICE.keys() - KEYS
    assert hasattr(Service, "readiness")
    assert hasattr(Service, "retry")


def test_every_key_of_a_resource_is_an_attribute_of_the_model():
    for section, part in SECTIONS.items():
        assert missing(part, DEFINITIONS[section[:-1]], section) == []
    assert SCHEMA["properties"].keys() >= SECTIONS.keys() | {"services"}


def test_a_walk_through_the_schema_comes_to_the_innermost_keys():
    schema = {"properties": {"deploy": SERVICE["deploy"], "networks": SERVICE["networks"]}}
    deploy = below(schema["properties"]["deploy"], Service.KEYS["deploy"].kind)
    (resources,) = below(deploy[0][1]["properties"]["resources"], deploy[0][0].KEYS["resources"].kind)
    limits = below(resources[1]["properties"]["limits"], resources[0].KEYS["limits"].kind)
    assert limits[0][0].KEYS["memory"].kind == "bytes"
    attachments = below(SERVICE["networks"], Service.KEYS["networks"].kind)
    assert "ipv4_address" in attachments[0][1]["properties"]
    watch = below(SERVICE["develop"], Service.KEYS["develop"].kind)
    assert below(watch[0][1]["properties"]["watch"], watch[0][0].KEYS["watch"].kind)
    assert below(DEFINITIONS["network"]["properties"]["ipam"], SECTIONS["networks"].KEYS["ipam"].kind)


def test_a_text_for_a_number_or_a_boolean_is_cast():
    cast = {
        key for key in of_shape("string", "boolean", "integer", "number") if "string" in shapes(SERVICE[key])
    }
    cast -= of_shape("string", "array", "object")
    assert cast - interpolate._SERVICE.keys() == {"attach"}  # Compose casts it later than the others
    assert "attach" in canonical._SERVICE
    assert interpolate._SERVICE.keys() <= KEYS


def test_what_may_be_written_in_several_forms_has_a_long_one():
    several = of_shape("string", "array", "object")
    assert several - canonical._SERVICE.keys() == GONE.keys()
    amounts = {
        key
        for key in KEYS
        if SERVICE[key].get("$ref", "").rpartition("/")[2] in ("size", "wholeSize", "duration")
    }
    assert amounts <= canonical._SERVICE.keys()
    assert canonical._SERVICE.keys() <= KEYS
    assert canonical._SHORT.keys() <= canonical._SERVICE.keys()
    assert uninterpolated._SERVICE.keys() <= canonical._SERVICE.keys()


def test_what_may_be_written_in_several_forms_is_merged_by_a_rule_of_its_own():
    special = {path.split(".")[2] for path in merge._SPECIALS if path.startswith("services.")}
    assert of_shape("string", "array", "object") - special == GONE.keys()
    assert special <= KEYS


def test_a_list_holds_each_thing_once_or_is_known_to_repeat_it():
    lists = {key for key in KEYS if "array" in shapes(SERVICE[key])}
    assert lists - unify._SERVICE_KEYS.keys() == REPEATS.keys()
    assert unify._SERVICE_KEYS.keys() <= KEYS


def test_what_compose_does_not_hold_is_known():
    assert {word for word, key in Service.KEYS.items() if not key.held_by_compose} == NOT_HELD.keys()


def test_what_a_start_carries_out_is_read_of_the_model():
    package = Path(composecheck.__file__).parent
    files = [*(package / "model").glob("links.py")]
    for folder in ("engine", "facts", "identity", "start"):
        files += (package / folder).rglob("*.py")
    asked = re.compile(r"""\bservice\.\w+\("(\w+)"|\bservice\.(\w+)|\(service, "(\w+)"\)""")
    read = {word for file in files for words in asked.findall(file.read_text()) for word in words}
    done = support._DONE | {"build", "deploy"}
    assert done - read == ELSEWHERE.keys()
    assert done | support._SERVICE.keys() <= KEYS
