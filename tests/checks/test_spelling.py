"""Which name may be meant by another: the same one misspelt, and never that of something else."""

from __future__ import annotations

import pytest

from composecheck import check
from composecheck.text.spelling import did_you_mean, is_misspelling

SLIPS = [
    ("databse", "database"),
    ("databsae", "database"),
    ("postgress", "postgres"),
    ("Redis", "redis"),
    ("schema-registry", "schemaregistry"),
    ("pg_data", "pgdata"),
    ("front-end", "frontend"),
    ("kafka-conect", "kafka-connect"),
    ("kafak-connect", "kafka-connect"),
    ("wbe", "web"),
    ("webb", "web"),
    ("node1-exporter", "node1_exporter"),
    ("Dockerfile.pord", "Dockerfile.prod"),
    ("Dockerfille", "Dockerfile"),
]
OTHERS = [
    ("data-api", "lago-api"),
    ("kafka-connect0", "kafka0"),
    ("couchdb-base", "ca-base"),
    ("Dockerfile", "Dockerfile.nginx-alpine"),
    ("Dockerfile.dev", "Dockerfile.prod"),
    ("schemaregistry", "mainschemaregistry"),
    ("connect-debezium", "kafka-connect"),
    ("kafka2", "kafka1"),
    ("db", "db1"),
    ("redis", "redis-cache"),
    ("worker-a", "worker"),
    ("api", "app"),
    ("db", "dc"),
    ("mongo", "mysql"),
    ("backend", "frontend"),
]


@pytest.mark.parametrize(("name", "meant"), SLIPS)
def test_slip_of_the_hand(name, meant):
    assert is_misspelling(name, meant)
    assert is_misspelling(meant, name)
    assert did_you_mean(name, ["something-else", meant]) == f"did you mean '{meant}'?"


@pytest.mark.parametrize(("name", "other"), OTHERS)
def test_name_of_something_else(name, other):
    assert not is_misspelling(name, other)
    assert not is_misspelling(other, name)
    assert did_you_mean(name, [other]) == ""


def test_closest_is_looked_for_among_those_that_are_not_the_right_word():
    assert (
        did_you_mean("kafka-conect", ["kafka-connect2", "kafka-connect"]) == "did you mean 'kafka-connect'?"
    )


def test_few_words_that_everybody_knows_are_looked_for_loosely():
    assert did_you_mean("unguarded", ["unguarded-dependency"], loosely=True) != ""


@pytest.fixture
def remedies(tmp_path):
    """Return the remedies of the errors of a file."""

    def tell(text):
        file = tmp_path / "compose.yml"
        file.write_text(text)
        return [d.remedy for d in check(file, environment={}).diagnostics if d.severity == "error"]

    return tell


def test_name_that_is_used_beside_it_is_not_meant(remedies):
    text = "services:\n  a: {image: a, depends_on: [databse, database]}\n  database: {image: d}\n"
    assert remedies(text) == ["define it under 'services', or take it out of 'depends_on'"]
    text = "services:\n  a: {image: a, volumes: ['dataa:/a', 'data:/b']}\nvolumes: {data: {}}\n"
    assert "did you mean" not in remedies(text)[0]
    text = "services:\n  a: {image: a, networks: [fron, front]}\nnetworks: {front: {}}\n"
    assert "did you mean" not in remedies(text)[0]
    text = "services:\n  a: {image: a, networks: [fron]}\nnetworks: {front: {}}\n"
    assert remedies(text) == ["did you mean 'front'?"]


def test_key_that_stands_beside_it_is_not_meant(remedies):
    text = "services:\n  a: {image: a, depends: [b], depends_on: [b]}\n  b: {image: b}\n"
    assert remedies(text) == ["take it out, or put what it says into 'depends_on', which stands there too"]
    text = "services:\n  a: {image: a, depends: [b]}\n  b: {image: b}\n"
    assert remedies(text) == ["did you mean 'depends_on'?"]


def test_key_that_is_like_no_other_may_be_ones_own(remedies):
    assert remedies("services:\n  a: {image: a, colour: red}\n") == [
        "take it out, or name it 'x-colour', which Compose passes over"
    ]
