"""Several files become one document, whose values know the file that won."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from composecheck.loading.findings import Findings
from composecheck.loading.merge import merge
from composecheck.loading.parse import parse
from composecheck.loading.unify import unify
from composecheck.text.source import Source

BASE = "services:\n  s:\n    image: x\n    "


def node(value):
    return parse(Source("f.yml", yaml.safe_dump(value)), Findings())[0].node


DOCUMENTS = st.fixed_dictionaries(
    {
        "services": st.dictionaries(
            st.sampled_from("ab"),
            st.fixed_dictionaries(
                {},
                optional={
                    "image": st.sampled_from("xy"),
                    "cap_add": st.lists(st.sampled_from("ABC"), unique=True),
                    "ports": st.lists(st.sampled_from(["80:80", "81:81"]), unique=True),
                    "command": st.lists(st.sampled_from("xy")),
                    "deploy": st.dictionaries(st.sampled_from(["replicas", "mode"]), st.integers(0, 3)),
                },
            ),
        )
    }
)


@given(DOCUMENTS)
def test_merging_with_nothing_changes_nothing(document):
    findings = Findings()
    assert merge(node(document), node({}), findings).plain() == document
    assert merge(node({}), node(document), findings).plain() == document
    assert findings.diagnostics == []


@given(DOCUMENTS)
def test_merging_with_itself_changes_nothing(document):
    assert unify(merge(node(document), node(document), Findings())).plain() == document


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_merging_is_associative(a, b, c):
    findings = Findings()
    left = merge(merge(node(a), node(b), findings), node(c), findings)
    right = merge(node(a), merge(node(b), node(c), findings), findings)
    assert left.plain() == right.plain()


def test_value_that_won_stands_in_its_file_and_knows_the_loser(load):
    image = load(BASE, "services:\n  s: {image: y}\n").project.services["s"].node.mapping["image"]
    assert (image.value, image.span.source.shown.endswith("compose.1.yml"), image.span.line) == ("y", True, 2)
    assert (image.origin.kind, image.origin.span.source.shown.endswith("compose.yml")) == ("override", True)


def test_entry_of_one_file_keeps_its_place(load):
    service = load(BASE + "cap_add: [A]\n", "services:\n  s: {cap_add: [B]}\n").project.services["s"]
    assert [item.span.source.shown[-13:] for item in service.node.mapping["cap_add"].items] == [
        "t/compose.yml",
        "compose.1.yml",
    ]


@pytest.mark.parametrize(
    ("base", "over", "place"),
    [
        ("labels: {a: b}", "services: {s: [x]}", (1, 15)),
        ("cap_add: [A]", "services: {s: {cap_add: B}}", (1, 25)),
        ("healthcheck: {test: x}", "services: {s: {healthcheck: y}}", (1, 29)),
    ],
)
def test_another_kind_of_value_is_a_conflict_at_both_places(load, base, over, place):
    (found,) = load(BASE + base, over).diagnostics
    assert (found.rule, found.span.line, found.span.column) == ("merge-conflict", *place)
    assert found.related[0].span.source.shown.endswith("compose.yml")


def test_finding_in_the_second_file_stands_there(load):
    (found,) = load(BASE, "services:\n  s: {ports: [x]}\n").diagnostics
    assert (found.rule, found.span.source.shown.endswith("compose.1.yml"), found.span.line) == (
        "invalid-value",
        True,
        2,
    )


def test_last_entry_that_names_the_same_wins(service):
    model = service("environment: [A=1, A=2]\nvolumes: [data:/x, ./b:/x]\nports: ['80:80', '80:80']")
    assert model.environment == {"A": "2"}
    assert [(m.type, m.target) for m in model.mounts] == [("bind", "/x")]
    assert len(model.ports) == 1


def test_dependency_stands_where_its_condition_was_said_last(load):
    base = BASE + "depends_on:\n      t: {condition: service_healthy, restart: true}\n  t: {image: y}\n"
    node = load(base, "services:\n  s:\n    depends_on: [t]\n").project.services["s"].depends_on["t"].node
    assert (node.place.source.shown.endswith("compose.1.yml"), node.place.line) == (True, 3)
    assert (node.origin.kind, node.origin.span.line) == ("override", 5)
    assert node.get("restart").value is True
    node = load(base, "services: {s: {depends_on: {t: {restart: false}}}}")
    assert node.project.services["s"].depends_on["t"].node.place.line == 5


def test_entry_that_breaks_off_is_in_no_conflict(findings):
    assert [rule for _, _, rule in findings(BASE, "services: [a")] == ["invalid-yaml"]
    assert [rule for _, _, rule in findings(BASE, "services:\n  - a\n  b: c\n")] == ["invalid-yaml"]
