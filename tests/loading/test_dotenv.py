"""The grammar of env files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composecheck.loading.dotenv import DotenvError, parse_dotenv, parse_raw
from composecheck.text.source import Source

ENVIRONMENT = {"SET": "here"}


def parse(text):
    return parse_dotenv(Source(".env", text), ENVIRONMENT.get).values


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("A=1", {"A": "1"}),
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("A: 1", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        ("  A  =  1  ", {"A": "1"}),
        ("# comment\n\nA=1 # comment", {"A": "1"}),
        ("A=1#2", {"A": "1#2"}),
        ("A=", {"A": ""}),
        ("A='x # y $SET'", {"A": "x # y $SET"}),
        ('A="x # y $SET"', {"A": "x # y here"}),
        ('A="a\\nb\\t\\"c\\""', {"A": 'a\nb\t"c"'}),
        ("A='it\\'s'", {"A": "it's"}),
        ('A="two\nlines"\nB=2', {"A": "two\nlines", "B": "2"}),
        ("A='two\nlines'", {"A": "two\nlines"}),
        ("A=1\nB=${A}2", {"A": "1", "B": "12"}),
        ("A=$SET-${NOT:-no}", {"A": "here-no"}),
        ('A="\\$SET"', {"A": "$SET"}),
        ("SET\nA=1", {"SET": "here", "A": "1"}),
        ("NOT_SET\nA=1", {"A": "1"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("a.b-c[0]=1", {"a.b-c[0]": "1"}),
        ('A={"json": "x"}', {"A": '{"json": "x"}'}),
        ("A=http://x/?a=b&c=d", {"A": "http://x/?a=b&c=d"}),
        ('A="\\0101\\0"', {"A": "A\\"}),
        ("", {}),
    ],
)
def test_file(text, variables):
    assert parse(text) == variables


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("A B=1", 1, "space"),
        ("A=1\n%=2", 2, "unexpected character"),
        ("A=1\nB='x", 2, "no end"),
        ('A="x', 1, "no end"),
        ("A=${", 1, "opens no variable"),
        ("A=1\n\nB=${C?needed}", 3, "needed"),
    ],
)
def test_fault_has_its_line(text, line, word):
    with pytest.raises(DotenvError, match=word) as caught:
        parse(text)
    assert caught.value.span.line == line


def test_raw_file_takes_everything_as_it_is():
    text = "A='q' $SET # c\n#B=1\nC\n  SET\nD=1 \r\nE=\x0c\n"
    variables = {"A": "'q' $SET # c", "SET": "here", "D": "1 ", "E": "\x0c"}
    assert parse_raw(Source("x", text), ENVIRONMENT.get).values == variables


@pytest.mark.parametrize("line", ["A = 1", "export A=1", "A: 'x'", "A\t=1", "A ", "=1", "  = 1"])
def test_raw_file_wants_names_without_spaces(line):
    with pytest.raises(DotenvError) as error:
        parse_raw(Source("x", f"OK=1\n{line}\n"), ENVIRONMENT.get)
    assert (error.value.span.line, error.value.span.text[:1]) == (2, line.strip()[0])


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_of_its_lines(text):
    refused = []
    try:
        parse(text)
    except DotenvError as error:
        refused.append(error.span)
    assert all(1 <= span.column <= len(span.source.line(span.line)) + 1 for span in refused)
    assert all(span.line <= len(span.source.starts()) for span in refused)
