"""The libraries that are shipped: every entry is sound, and says where it is from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from composecheck import knowledge
from composecheck.knowledge import shipped
from composecheck.knowledge.libraries import ecosystems, package, protocols, words_of
from composecheck.loading.schema_fast import read_schema

FOLDER = Path(knowledge.__file__).parent / "clients"
FILES = sorted(file for file in FOLDER.glob("*.json") if file.stem != "protocols")
PROTOCOLS = json.loads((FOLDER / "protocols.json").read_text())
ENTRIES = {
    (file.stem, name): entry
    for file in FILES
    for name, entry in json.loads(file.read_text())["clients"].items()
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_of_the_schema(file):
    validator = Draft202012Validator(read_schema("clients.schema.json"))
    assert [error.message for error in validator.iter_errors(json.loads(file.read_text()))] == []


def test_the_libraries_that_matter_are_there():
    assert len(ENTRIES) >= 100
    assert len(ecosystems()) == len(FILES)


def test_a_protocol_is_spoken_by_families_that_are_known():
    assert set(protocols()) <= set(shipped().names())
    named = [family for entry in PROTOCOLS.values() for family in entry["families"]]
    assert len(named) == len(set(named))


def test_a_client_speaks_protocols_that_are_known():
    spoken = {name for entry in ENTRIES.values() for name in entry["on"]}
    assert spoken <= PROTOCOLS.keys()


def test_a_client_says_where_it_is_from_unless_it_asks_by_http():
    for name, entry in ENTRIES.items():
        assert "source" in entry or all(PROTOCOLS[each].get("http") for each in entry["on"]), name


def test_a_client_says_what_it_does_or_what_its_calls_do():
    for name, entry in ENTRIES.items():
        assert "asks" in entry or "calls" in entry, name


def test_expressions_are_compiled():
    for ecosystem in ecosystems():
        texts = [ecosystem.installs, ecosystem.imports, *(each.text for each in ecosystem.commands)]
        calls = [call for client in ecosystem.clients for call in client.calls]
        texts += [text for call in calls for text in (call.text, call.has, call.unless)]
        for text in texts:
            re.compile(text)
        assert re.compile(ecosystem.imports).groups == bool(ecosystem.imports)


def test_a_package_is_of_one_client_of_a_protocol():
    for ecosystem in ecosystems():
        for protocol in PROTOCOLS:
            packages = [
                name for client in ecosystem.clients if protocol in client.on for name in client.packages
            ]
            assert len(packages) == len(set(packages)), (ecosystem.name, protocol)


def test_a_client_stands_for_one_that_is_there():
    for (ecosystem, name), entry in ENTRIES.items():
        for other in entry.get("instead", ()):
            assert (ecosystem, other) in ENTRIES, name


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (r"\bcreate_all\b|\bcreate_tables\(", ("create_all", "create_tables")),
        (r"\bcreateConnections?\(", ("createConnection",)),
        (r"\b(?:amqp\w*|lib)\.connect\(", ("connect",)),
        (r"\.sync\((?!\()|\bnew (?:\w+\.)?Client\(", ("sync", "Client")),
        (r"(?i)abort", ()),
        (r"\.(?:up|run)\(", ()),
    ],
)
def test_words_without_which_nothing_matches(expression, words):
    assert words_of(expression) == words


@pytest.mark.parametrize(
    ("written", "name"),
    [("Psycopg2_Binary", "psycopg2-binary"), ("MassTransit.RabbitMQ", "masstransit.rabbitmq")],
)
def test_a_package_is_called_alike_however_it_is_written(written, name):
    assert package(written) == name
