"""The families that are shipped: every entry is sound, and says where it is from."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from composecheck import knowledge
from composecheck.knowledge import Entries, shipped
from composecheck.loading.schema_fast import read_schema
from composecheck.text.units import parse_duration

FOLDER = Path(knowledge.__file__).parent / "families"
FILES = sorted(FOLDER.glob("*.json"))
ENTRIES = {name: entry for file in FILES for name, entry in json.loads(file.read_text()).items()}
TAGS = [
    "latest", "alpine", "slim", "1-alpine", "2.7-alpine", "16-alpine", "9.6", "17", "17.2-bookworm", "18",
    "8.0", "8.0-debian", "8.4.3", "5.7", "4.4", "7.0", "10", "10.3", "10.11-jammy", "11.4", "11-ubi9", "lts",
    "fpm", "8.3-fpm-alpine", "apache", "8.3-apache", "cli", "3.13-slim-bookworm", "22-alpine3.21",
    "1.27-alpine-slim", "1.16", "v2.53.0-distroless", "distroless", "8.0-jammy-chiseled", "debug-nonroot",
    "RELEASE.2021-04-22T15-44-28Z", "RELEASE.2023-03-20T20-16-18Z", "RELEASE.2025-04-22T22-12-26Z",
    "v3.5.5", "v3.6.0", "v3", "v1.7", "3.1.0", "2.9.4", "0.5.23", "11.2.0-ubuntu", "5-enterprise",
    "1.22-rootless", "3-management-alpine", "2.14.2-pg16", "pg17", "nanoserver-1809",
]  # fmt: skip
# What a shell has of itself, and every image that has a shell.
PLAIN = {"exec", "grep", "test", "["}


def at_every_tag():
    for name, entry in ENTRIES.items():
        for tag in TAGS:
            family = shipped().family(f"{entry['images'][0]}:{tag}")
            assert family is not None
            yield name, tag, family


def programs(test):
    """Return the commands that a healthcheck's test calls."""
    if test[0] == "CMD":
        called = [test[1]]
        return called + (programs(("CMD-SHELL", test[3])) if test[1:3] == ("bash", "-c") else [])
    return [part.split()[0] for part in re.split(r"\|\||&&|\|", test[1])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_of_the_schema(file):
    validator = Draft202012Validator(read_schema("knowledge.schema.json"))
    assert [error.message for error in validator.iter_errors(json.loads(file.read_text()))] == []


def test_an_entry_read_alone_is_the_one_of_the_whole_file():
    entries = Entries(file.read_text() for file in FILES)
    assert [*entries] == [*ENTRIES]
    assert len(entries) == len(ENTRIES)
    assert dict(entries) == ENTRIES
    by_image = {image: name for name, entry in ENTRIES.items() for image in entry["images"]}
    assert dict(entries.images()) == by_image
    holding = [entry for entry in ENTRIES.values() if '"mongosh"' in json.dumps(entry)]
    assert [*entries.holding("mongosh")] == holding


def test_there_are_as_many_families_as_real_stacks_need():
    assert len(ENTRIES) == len(list(shipped().names())) >= 260
    assert {family.kind for family in shipped().families()} == set(
        read_schema("knowledge.schema.json")["$defs"]["kind"]["enum"]
    )


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_the_families_are_counted_where_they_are_told_of(name):
    text = " ".join((Path(__file__).parents[2] / name).read_text().split())
    told = re.search(r"(\d+) families .*? of (\d+) what they do at their start", text)
    assert told is not None
    assert [*map(int, told.groups())] == [len(ENTRIES), sum(map(is_dependent, ENTRIES.values()))]


def is_dependent(entry):
    """Whether it is known of some tags at least what they do until a dependency is ready."""
    here = (entry, *entry.get("variants", ()))
    return any(each.get("dependent") for each in here) or (
        "like" in entry and is_dependent(ENTRIES[entry["like"]])
    )


def test_a_file_holds_one_kind():
    for file in FILES:
        kinds = {shipped_kind(name) for name in json.loads(file.read_text())}
        assert len(kinds) == 1, file.stem


def shipped_kind(name):
    entry = ENTRIES[name]
    return entry.get("kind") or shipped_kind(entry["like"])


def test_no_image_is_of_two_families():
    images = [image for entry in ENTRIES.values() for image in entry["images"]]
    assert sorted(images) == sorted(set(images))


def test_every_entry_says_where_it_is_from():
    for name, entry in ENTRIES.items():
        assert entry["sources"], name
        assert all(re.fullmatch(r"https://\S+\.\S+/\S*", source) for source in entry["sources"]), name


def test_every_entry_like_another_finds_it():
    assert {entry["like"] for entry in ENTRIES.values() if "like" in entry} <= ENTRIES.keys()


def test_no_image_has_and_lacks_a_command():
    for name, tag, family in at_every_tag():
        assert not family.tools & family.absent, (name, tag)


def test_an_image_without_a_shell_has_none():
    for name, tag, family in at_every_tag():
        if not family.shell:
            assert family.healthcheck is None or family.healthcheck.test[0] == "CMD", (name, tag)
            assert "sh" not in family.tools or tag.startswith("debug"), (name, tag)
        else:
            assert "sh" not in family.absent, (name, tag)


def test_a_healthcheck_calls_what_the_image_has():
    for name, tag, family in at_every_tag():
        if family.healthcheck is not None:
            test = family.healthcheck.test
            assert test[0] in ("CMD", "CMD-SHELL"), name
            assert test[0] == "CMD" or (len(test) == 2 and family.shell and "sh" in family.tools), (name, tag)
            for program in programs(test):
                has = any(fnmatch(program, tool) or fnmatch(program, tool + "/*") for tool in family.tools)
                assert program in PLAIN or has, (name, tag, program)
                assert program not in family.absent, (name, tag, program)


def test_a_healthcheck_asks_the_images_own_port():
    for name, tag, family in at_every_tag():
        text = " ".join(family.healthcheck.test) if family.healthcheck is not None else ""
        asked = re.findall(r"(?:127\.0\.0\.1|\$\$HOSTNAME)[:/ ](\d+)", text)
        assert {int(port) for port in asked} <= set(family.ports), (name, tag)
        assert "localhost" not in text, (name, tag)


def test_a_healthcheck_is_not_taken_in_by_the_first_boots_server():
    for name, tag, family in at_every_tag():
        text = " ".join(family.healthcheck.test) if family.healthcheck is not None else "healthcheck.sh"
        if family.temporary_loopback:
            assert "$$HOSTNAME" in text or family.healthcheck is None, (name, tag)
        if family.temporary_server:
            assert "-h 127.0.0.1" in text or "healthcheck.sh" in text, (name, tag)


def test_times_can_be_read():
    for name, tag, family in at_every_tag():
        if family.healthcheck is not None:
            times = (family.healthcheck.interval, family.healthcheck.timeout)
            assert all(parse_duration(text) > 0 for text in times), (name, tag)
        if family.first_boot is not None:
            assert 0 < family.first_boot[0] <= family.first_boot[1], (name, tag)


def test_patterns_are_simple():
    """No pattern repeats what repeats: they are matched against what users write."""
    patterns = [
        variant[key]
        for entry in ENTRIES.values()
        for variant in entry.get("variants", ())
        for key in ("tag", "image")
        if key in variant
    ]
    assert patterns
    for pattern in patterns:
        re.compile(pattern)
        assert not re.search(r"[*+]\)[*+]", pattern), pattern


def test_what_is_known_of_dependents_says_where_it_is_from():
    kinds = read_schema("knowledge.schema.json")["$defs"]["kind"]["enum"]
    for name, tag, family in at_every_tag():
        for asking in family.dependent:
            assert re.fullmatch(r"https://\S+\.\S+/\S*", asking.source), (name, tag)
            assert asking.on <= {*ENTRIES, *kinds}, (name, tag)
            assert asking.variable is None or asking.asks in ("waits", "retries"), (name, tag)
            assert asking.limit is None or asking.asks in ("waits", "retries"), (name, tag)
            assert all(re.compile(pattern) for _, pattern in asking.when), (name, tag)


def test_no_entry_of_a_dependent_is_behind_one_that_always_fits():
    for name, tag, family in at_every_tag():
        for asking in family.dependent[:-1]:
            assert asking.on or asking.when or asking.program, (name, tag)
