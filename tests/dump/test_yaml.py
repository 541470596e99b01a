"""Our YAML is that of go-yaml v3, for every kind of text as a value and as a key, and reads back."""

from __future__ import annotations

import json
import random
import re

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from composecheck.dump import yaml
from composecheck.dump.order import natural
from composecheck.dump.values import ordered
from composecheck.loading.findings import Findings
from composecheck.loading.parse import parse
from composecheck.text.source import Source

# "<<" go-yaml leaves without quotes, so that it would be read as a merge key; ours has them.
WORDS = """
true on off no null ~ 1.5 1e3 0x1f 0o17 0b11 2020-01-01 12:30 1:20:30.5 = .5 .inf -.inf .nan +1 -0 1_000 _1
0_ ... - -a ? : a: a#b # ' '' " @ @a `a %a a% 2001-12-14t21:59:43.10-05:00 0. 1. 1e +.inf 08 0777 1__0 0x 0b2
9223372036854775808 18446744073709551616 1e400 y Y n N null nUll Yes tRUE 1:2 1:60 190:20:30 12e03 -2E+05
0x_1 0X1F 0B1 0O7 00 -0x1 -0o7 +12e3 ._1 .1_0 . .. .a -.5 +.5 -.a 1.2.3 2020-13-01 99:99 web1 web10 web9 web01
""".split()  # noqa: SIM905 - words
TEXTS = [
    *WORDS, "a\nb", "a\nb\n", "\na", "a\n\n", " a", " a\nb", "a \nb", "a\n b", "\n", "\n\n", "a\n \nb", "a ",
    "", "- a", "? a", "--- a", "a: b", "a #b", "2020-1-1 10:00:00", "k" * 129, "é" * 65,
]  # fmt: skip
LETTERS = "aAyN0279_-.:,?#'\"\\/ &*!|>%@`{}[]~=+<eEx\t\n\r\0\x07\x1b\x7f\x85\xa0é😀\ufffd"


def _texts():
    generator = random.Random(7)  # noqa: S311 - the same texts every time
    mixed = ("".join(generator.choices(LETTERS, k=generator.randint(1, 7))) for _ in range(2000))
    joined = (" ".join(generator.choices(WORDS, k=generator.randint(1, 3))) for _ in range(1000))
    return list(dict.fromkeys([*TEXTS, *mixed, *joined]))


@pytest.mark.parametrize("reference", ["2.40"], indirect=True)
def test_texts_are_written_as_the_reference_writes_them(case):
    """Compose 5 breaks long lines and begins a text with a line end otherwise: the same texts."""
    texts = [text for text in _texts() if text != "<<"]
    # The reference orders numbers of more digits than its integers have at random.
    keys = [text for text in texts if not re.search("[0-9]{19}", text)]
    extensions = {
        "x-values": texts,
        "x-keys": dict.fromkeys(keys, 1),
        "x-nested": {"a": [{"b": {key: [key, {key: [key]}] for key in keys[:300]}}]},
    }
    document = {"name": "p", "services": {"a": {"image": "x"}}, **extensions}
    theirs = case(_flow(document)).config()
    ours = yaml.dumps(ordered(extensions, natural))
    assert ours.replace("$", "$$").split("\n") == theirs[theirs.index("x-keys:") :].split("\n")


def _flow(value):
    """Return plain data as YAML in which every text is escaped as a whole."""
    if isinstance(value, dict):
        return "{" + ",\n".join(f"? {_flow(key)} : {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n".join(map(_flow, value)) + "]"
    return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"' if isinstance(value, str) else str(value)


# A "\r" and the like end no line of ours; libyaml takes no other character from beyond the basic plane.
_any_text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufeff\ufffe\uffff"))
_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | _any_text,
    lambda inner: st.lists(inner) | st.dictionaries(_any_text, inner),
    max_leaves=20,
)


@pytest.mark.slow
@given(st.dictionaries(_any_text, _data, min_size=1))
def test_what_is_written_is_read_back(values):
    findings = Findings()
    (document,) = parse(Source("x.yml", yaml.dumps(values)), findings)
    assert findings.diagnostics == []
    assert document.node.plain() == values


@pytest.mark.parametrize(
    ("number", "text"),
    [(1.5, "1.5"), (1e6, "1e+06"), (999999.0, "999999"), (1e-5, "1e-05"), (0.0001, "0.0001"), (1e21, "1e+21"),
     (0.0, "0"), (-0.0, "-0"), (123456789.5, "1.234567895e+08"), (float("inf"), ".inf")],
)  # fmt: skip
def test_numbers_are_written_as_go_does(number, text):
    assert yaml.dumps({"a": number}) == f"a: {text}\n"


def test_an_alias_is_never_written():
    shared = ["a"]
    assert pyyaml.safe_load(yaml.dumps({"a": shared, "b": shared})) == {"a": ["a"], "b": ["a"]}
    assert json.dumps(shared) not in yaml.dumps({"a": shared, "b": shared})
