"""Texts become Nodes that know where they were written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from composecheck.loading.findings import Findings
from composecheck.loading.parse import parse
from composecheck.text.source import Source

PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
SCALARS = PRINTABLE | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(PRINTABLE.filter(lambda k: k != "<<"), inner, max_size=4)
    ),
    max_leaves=12,
)


def read(text):
    """Return the only document of a text that is without fault."""
    findings = Findings()
    (document,) = parse(Source("f.yml", text), findings)
    assert findings.diagnostics == []
    return document.node


def faults(text):
    """Return what is wrong with a text, and what could be read of it."""
    findings = Findings()
    documents = parse(Source("f.yml", text), findings)
    return findings.diagnostics, documents


def leaves(node):
    if isinstance(node.value, dict | list):
        for inner in node.value.values() if isinstance(node.value, dict) else node.value:
            yield from leaves(inner)
    else:
        yield node


@given(VALUES, st.sampled_from((True, False, None)))
def test_span_slices_back_to_its_scalar(value, flow):
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow)
    findings = Findings()
    for document in parse(Source("f.yml", text), findings):
        for node in leaves(document.node):
            if "\n" not in node.span.text:
                inner = read(node.span.text)
                assert inner.value == node.value or inner.span.text == ""


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), VALUES, max_size=5))
def test_key_span_slices_back_to_its_key(value):
    (document,) = parse(Source("f.yml", yaml.safe_dump(value, allow_unicode=True)), Findings())
    node = document.node
    assert all(inner.key_span.text.strip("'\"") == key for key, inner in node.mapping.items())


@pytest.mark.parametrize("text", ["a: é 𝄞 b", "é𝄞: {x: b}", "a: 'ü' # c", "- - - b"])
def test_columns_count_characters(text):
    (node,) = leaves(read(text))
    assert node.span.text.strip("'") in text
    assert node.span.end_column - node.span.column == len(node.span.text)


def test_block_mapping_ends_with_its_last_value():
    node = read("a:\n  b: 1\n  c: 2\n\nd: 3\n")
    assert node.mapping["a"].span[1:] == (2, 3, 3, 7)


def test_flow_mapping_ends_with_its_brace():
    assert read("a: {b: 1 }\n").mapping["a"].span.text == "{b: 1 }"


def test_scalar_place_is_without_anchor_and_tag():
    assert read("a: &x !!str 5\n").mapping["a"].span.text == "5"


def test_alias_stands_where_it_is_written_and_knows_its_anchor():
    node = read("a: &x {b: 1}\nc: *x\n").mapping["c"]
    assert (node.span.text, node.origin.kind, node.origin.span.line) == ("*x", "anchor", 1)
    assert node.plain() == {"b": 1}


def test_merged_entry_keeps_the_place_of_its_anchor_and_knows_the_alias():
    node = read("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n").mapping["d"]
    assert node.plain() == {"c": 3, "b": 1}
    merged = node.mapping["b"]
    assert (merged.span.line, merged.key_span.text, merged.origin.kind, merged.origin.span.text) == (
        1,
        "b",
        "merge",
        "*x",
    )
    assert node.mapping["c"].origin is None


def test_earlier_merge_source_wins():
    node = read("a: &a {k: 1}\nb: &b {k: 2, l: 3}\nc: {<<: [*a, *b, {m: 4}]}\n")
    assert node.mapping["c"].plain() == {"k": 1, "l": 3, "m": 4}


def test_quoted_merge_key_is_a_key():
    assert read('{"<<": {a: 1}}').plain() == {"<<": {"a": 1}}


def test_every_document_is_read():
    findings = Findings()
    assert len(parse(Source("f.yml", "a: 1\n---\nb: 2\n"), findings)) == 2


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("a:\n\tb: 1\n", (2, 1), "tab"),
        ("a: [1, 2\nb: 3\n", (2, 2), "YAML"),
        ("a: 'x\n", (2, 1), "YAML"),
        ("a: *nope\n", (1, 4), "'nope' is not defined"),
        ("a: &x [*x]\n", (1, 8), "contains itself"),
        ("a: 2024-01-01\n", (1, 4), "date"),
        ("a: {<<: 5}\n", (1, 9), "merge key"),
        ("a: !!int x\n", (1, 10), "!!int"),
        ("%YAML 1.2\n---\na: 1\n", (1, 1), "1.1"),
        ("a: b\x00\n", (1, 5), "U+0000"),
        ("a: 1\nb: é \x1b\n", (2, 6), "U+001B"),
    ],
)
def test_fault_has_its_place(text, place, word):
    (diagnostic,), _ = faults(text)
    assert diagnostic.rule == "invalid-yaml"
    assert (diagnostic.span.line, diagnostic.span.column) == place
    assert word in diagnostic.message


def test_what_stands_before_a_fault_is_kept():
    _, (document,) = faults("services:\n  a: {image: x}\n  b:\n    image: y\n    command: [x\n  c: {}\n")
    assert document.node.plain() == {"services": {"a": {"image": "x"}}}


def test_alias_of_nothing_is_left_out():
    _, (document,) = faults("a: *x\nb: [1, *x]\n")
    assert document.node.plain() == {"b": [1]}


def test_duplicate_key_names_both_places():
    (diagnostic,), _ = faults("a: 1\nb: 2\na: 3\n")
    assert (diagnostic.rule, diagnostic.span.line, diagnostic.related[0].span.line) == ("duplicate-key", 3, 1)


def test_duplicate_merge_key_is_a_duplicate():
    (diagnostic,), _ = faults("{<<: {a: 1}, <<: {b: 1}}")
    assert diagnostic.rule == "duplicate-key"


@pytest.mark.parametrize("key", ["1", "true", "null", "1.5", "~", "[a]", "{a: b}"])
def test_key_that_is_no_text_is_a_finding(key):
    (diagnostic,), _ = faults(f"? {key}\n: x\n")
    assert diagnostic.rule == "non-string-key"


def test_date_under_an_extension_is_text():
    assert read("x-a: {b: 2024-01-01}").plain() == {"x-a": {"b": "2024-01-01"}}


def test_aliases_that_blow_up_are_refused_without_expanding_them():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    (diagnostic,), _ = faults("\n".join(levels))
    assert diagnostic.rule == "document-limit"


def test_merge_keys_count_as_aliases():
    wide = "a: &a {" + ", ".join(f"k{n}: 1" for n in range(2000)) + "}\n"
    (diagnostic,), _ = faults(wide + "".join(f"b{n}: {{<<: *a}}\n" for n in range(60)))
    assert diagnostic.rule == "document-limit"


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000 + "x", "[" * 150 + "]" * 150])
def test_deep_nesting_is_refused(text):
    diagnostics, _ = faults(text)
    assert diagnostics[0].rule == "document-limit"


def test_nesting_through_aliases_counts_too():
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300)]
    (diagnostic,), _ = faults("\n".join(levels))
    assert diagnostic.rule == "document-limit"


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_text_makes_a_traceback(text):
    faults(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_lines_end_where_yaml_ends_them(end):
    assert read(f"# a{end}b: {{c: 'd'}}{end}").mapping["b"].mapping["c"].span.text == "'d'"


@pytest.mark.parametrize(
    "text",
    ["a", "a:", "a:\n  b: [1,", "? ? ", "x: !!str", "a: *b", "a:\n  <<: *b", "a: &x", "- ", "a: |", "'a"],
)
@pytest.mark.parametrize("end", ["", "\n", "\r", "\x85", "\u2028", " ", "\n "])
def test_places_lie_in_a_text_however_it_ends(text, end):
    diagnostics, documents = faults(text + end)
    spans = [span for d in diagnostics for span in (d.span, *(one.span for one in d.related))]
    for span in (*spans, *(span for document in documents for span in _spans(document.node))):
        assert 1 <= span.line <= span.end_line <= len(span.source.starts())
        assert 1 <= span.column <= len(span.source.line(span.line)) + 1
        assert span.end_column <= len(span.source.line(span.end_line)) + 2
        assert (span.line, span.column) <= (span.end_line, span.end_column)


def _spans(node):
    yield from (span for span in (node.span, node.key_span) if span is not None)
    for inner in (*node.mapping.values(), *node.items):
        yield from _spans(inner)


def test_two_merge_keys_are_to_be_one_list():
    (found,), _ = faults("a: &a {b: 1}\nc: &c {d: 2}\ne:\n  <<: *a\n  <<: *c\n")
    assert (found.rule, found.span.line) == ("duplicate-key", 5)
    assert found.remedy == "name all of them in one list: '<<: [*a, *c]'"
