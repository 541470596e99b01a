"""Documents as the schema sees them: from text with its places, or from plain values without."""

from __future__ import annotations

from pathlib import Path

import pytest

from composecheck.loading.findings import Findings
from composecheck.loading.parse import parse
from composecheck.text.node import Node
from composecheck.text.source import Source, whole

NOWHERE = whole(Source("compose.yml", ""))


def _parse(text):
    (document,) = parse(Source("compose.yml", text), Findings())
    return document.node


def _node(plain):
    if isinstance(plain, dict):
        plain = {key: _node(value) for key, value in plain.items()}
    elif isinstance(plain, list):
        plain = [_node(value) for value in plain]
    return Node(plain, NOWHERE)


@pytest.fixture(scope="session")
def read():
    """Text as a document with its places."""
    return _parse


@pytest.fixture(scope="session")
def node():
    """Plain values as a document."""
    return _node


@pytest.fixture(scope="session")
def complete():
    """The file with every key, as plain values."""
    return _parse(Path(__file__).with_name("complete.yml").read_text("utf-8")).plain()


@pytest.fixture(scope="session")
def mutants(complete):
    """Every entry of the file, alone and with one value in it changed, added, or taken away."""
    parts = [{section: entry} for section, entries in complete.items() for entry in _entries(entries)]
    return [mutant for part in parts for mutant in (part, *_mutants(part))]


def _entries(section):
    """Give a section's entries one by one, a service's keys one by one."""
    if not isinstance(section, dict):
        return
    for name, entry in section.items():
        if not isinstance(entry, dict) or "image" not in entry:
            yield {name: entry}
            continue
        yield from ({name: {key: value}} for key, value in entry.items())


# One that stands for a value of each type, and of each kind of text.
_STRANGERS = (None, True, -1, 2.5, "", "word", "7", ["word", "word"], [3], {}, {"word": "word"})


def _mutants(value):
    """Give a value with one change somewhere in it."""
    yield from (stranger for stranger in _STRANGERS if stranger != value)
    if isinstance(value, dict):
        yield {**value, "stranger": "word"}
        yield {**value, "a b": {}}
        for key, inner in value.items():
            yield {k: v for k, v in value.items() if k != key}
            yield from ({**value, key: mutant} for mutant in _mutants(inner))
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield value[:at] + value[at + 1 :]
            yield from ([*value[:at], mutant, *value[at + 1 :]] for mutant in _mutants(inner))
