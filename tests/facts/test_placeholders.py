"""Words that stand for what somebody is yet to put in their place, and the names of a few of many."""

import pytest

from composecheck.remedies import some_of
from composecheck.text.placeholders import is_placeholder


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("placeholder", True),
        ("BROKER_ADDRESS_PLACE_HOLDER", True),
        ("mqtt-placeholder", True),
        ("CHANGE_ME", True),
        ("__HOST__", True),
        ("@HOST@", True),
        ("<host>", True),
        ("placeholder-db", False),
        ("__init__.py", False),
        ("host@example", False),
        ("exchange-me", False),
        ("/data/<host>", False),
    ],
)
def test_placeholder(word, found):
    assert is_placeholder(word) is found


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcd", "a, b, c and 1 more"),
        ("abcdef", "a, b, c and 3 more"),
    ],
)
def test_some_of_many_names(names, text):
    assert some_of([*names]) == text
