"""Both ways to a verdict, and the official schema, held against each other over mutated documents."""

from __future__ import annotations

import json
from importlib.resources import files
from importlib.util import find_spec

import pytest
from jsonschema import Draft202012Validator

from composecheck.loading.dotenv import Variables
from composecheck.loading.findings import Findings
from composecheck.loading.interpolate import Interpolation
from composecheck.loading.parse import parse
from composecheck.loading.schema_explain import faults
from composecheck.loading.schema_fast import compiled
from composecheck.loading.unify import unify
from composecheck.loading.validate import validate
from composecheck.model.dialect import COMPOSE_2
from composecheck.text.disk import Disk

pytestmark = pytest.mark.slow  # thousands of mutants
SCHEMA = "compose.schema.json"


@pytest.fixture(scope="module")
def explained(mutants):
    """Every mutant with the faults that jsonschema finds in it by our schema."""
    return [(mutant, list(faults(SCHEMA, mutant))) for mutant in mutants]


@pytest.fixture(scope="module")
def official():
    """The official schema, as the package check-jsonschema carries it, or a skip."""
    if find_spec("check_jsonschema") is None:
        pytest.skip("needs the package check-jsonschema, which carries the official schema")
    schema = files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json")
    return Draft202012Validator(json.loads(schema.read_text("utf-8")))


def test_mutants_are_thousands_and_of_both_kinds(explained):
    valid = [mutant for mutant, found in explained if not found]
    assert len(explained) > 5000
    assert 1000 < len(valid) < len(explained) - 1000


def test_the_fast_way_and_jsonschema_give_the_same_verdict(explained, node):
    is_valid = compiled(SCHEMA)
    assert [mutant for mutant, found in explained if is_valid(node(mutant)) is bool(found)] == []


def test_each_fault_becomes_one_diagnostic(explained, node):
    assert [m for m, found in explained if _errors(validate(node(m))) != len(found)] == []


def _errors(diagnostics):
    return sum(diagnostic.severity == "error" for diagnostic in diagnostics)


def test_one_change_is_few_faults(explained):
    # Three where a list holds a wrong entry twice: two entries, and their repetition.
    assert [(mutant, found) for mutant, found in explained if len(found) > 3] == []


def test_what_the_official_schema_takes_is_refused_only_where_docker_compose_refuses_it(explained, official):
    tighter = [(m, f) for m, found in explained if found and official.is_valid(m) for f in found]
    assert tighter
    assert [(mutant, fault) for mutant, fault in tighter if not _refused_after_the_schema(fault)] == []


def _refused_after_the_schema(fault):
    """Whether Docker Compose refuses a value once its schema has taken it, or it is of our own keys."""
    keys = [step for step in fault.path if isinstance(step, str)]
    if "x-retry" in keys or "x-readiness" in keys:
        return True
    if fault.keyword in ("pattern", "minimum"):  # when it makes a number, duration, size or flag of it
        return True
    if fault.keyword == "required":
        return fault.value in ("source", "target") or "ulimits" in keys
    return fault.keyword == "type" and not _UNCONVERTIBLE.isdisjoint(keys)


_UNCONVERTIBLE = {
    *("additional_contexts", "driver_opts", "expose", "group_add", "mode", "pid", "ports"),
    *("storage_opt", "ulimits", "weight"),
}


def test_what_the_official_schema_refuses_is_taken_only_where_docker_compose_takes_it(explained, official):
    looser = [m for m, found in explained if not found and not official.is_valid(m)]
    assert looser
    assert [mutant for mutant in looser if not _taken_before_the_schema(mutant)] == []


def _taken_before_the_schema(mutant):
    """Whether Docker Compose 2.40 takes a document that the official schema refuses."""
    if "a b" in mutant.get("networks", ()):  # its schema leaves these names open
        return True
    (section,) = mutant.values()
    (entry,) = section.values()
    text = json.dumps(entry)
    # It drops repeated entries of most lists beforehand, and takes a part of a byte.
    return '["word", "word"]' in text or ("2.5" in text and not _IN_BYTES.isdisjoint(entry))


_IN_BYTES = {"mem_limit", "memswap_limit", "shm_size"}


@pytest.mark.corpus
def test_official_schema_says_the_same_of_real_files(corpus, official):
    others = []
    for line in (corpus / "VERDICTS.tsv").read_text().splitlines()[1:]:
        file = line.partition("\t")[0]
        for document in parse(Disk().read(corpus / file), Findings()):
            interpolation = Interpolation(Variables({}, {}), Findings(), COMPOSE_2)
            interpolated = unify(interpolation.document(document.node))
            plain = interpolated.plain()
            found = list(faults(SCHEMA, plain))
            if official.is_valid(plain):
                found = [fault for fault in found if not _refused_after_the_schema(fault)]
                others += [file] * bool(found)
            else:
                others += [file] * (not found)
    assert others == []
