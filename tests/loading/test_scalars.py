"""Plain scalars mean what Compose's YAML library makes of them."""

from __future__ import annotations

import math

import pytest

from composecheck.text.scalars import as_text, is_timestamp, resolve, tagged


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 8),
        ("0o10", 8),
        ("-0o10", -8),
        ("08", 8.0),
        ("0b11", 3),
        ("0x1f", 31),
        ("+0x1F", 31),
        ("1_000", 1000),
        ("+12", 12),
        ("-0", 0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("~", None),
        ("", None),
        ("Null", None),
        ("TRUE", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("tRue", "tRue"),
        ("22:22", "22:22"),
        ("1e400", "1e400"),
        ("0o8", "0o8"),
        ("0x", "0x"),
        ("-", "-"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("٣", "٣"),
    ],
)
def test_plain_scalar(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_not_a_number():
    assert math.isnan(resolve(".nan"))


@pytest.mark.parametrize("text", ["2024-01-01", "2024-1-1", "2024-01-01 10:00:00", "2024-01-01T10:00:00.5Z"])
def test_timestamp(text):
    assert is_timestamp(text)


@pytest.mark.parametrize("text", ["2024-13-01", "2024-02-30", "24-01-01", "2024-01", "2024-01-01x"])
def test_what_only_looks_like_a_timestamp(text):
    assert not is_timestamp(text)


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [("5", "int", 5), ("5", "float", 5.0), ("5", "str", "5"), ("true", "bool", True), ("~", "null", None)],
)
def test_explicit_tag(text, tag, value):
    resolved = tagged(text, f"tag:yaml.org,2002:{tag}")
    assert resolved == value
    assert type(resolved) is type(value)


def test_unknown_tag_leaves_text():
    assert tagged("5", "!mine") == "5"


@pytest.mark.parametrize(("text", "tag"), [("x", "int"), ("yes", "bool"), ("x", "null"), ("true", "int")])
def test_tag_that_does_not_fit_is_refused(text, tag):
    with pytest.raises(ValueError, match=f"!!{tag}"):
        tagged(text, f"tag:yaml.org,2002:{tag}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        (1.0, "1"),
        (1e20, "1e+20"),
        (123456789.5, "1.234567895e+08"),
        (1234567.0, "1.234567e+06"),
        (100000.0, "100000"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-0.25, "-0.25"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
        (True, "true"),
        (None, ""),
        (7, "7"),
    ],
)
def test_text_of_a_scalar(value, text):
    assert as_text(value) == text
