"""A difference is what every program takes for one, and shows nothing that is to be hidden."""

from __future__ import annotations

from difflib import unified_diff

from hypothesis import given
from hypothesis import strategies as st

from composecheck.fixes.difference import difference

_lines = st.lists(st.text("abS", max_size=2), max_size=14)


def _applied(text: str, diff: str) -> str:
    """Return what a diff makes of a text, as a program that takes its numbers at their word."""
    left = text.split("\n")
    made: list[str] = []
    at = 0
    for line in diff.split("\n")[2:-1]:
        if line.startswith("@@"):
            start, _, length = line.split()[1][1:].partition(",")
            first = int(start) - (length != "0")
            made += left[at:first]
            at = first
        elif line.startswith("+"):
            made.append(line[1:])
        else:
            assert line[1:] == left[at]
            made += [left[at]] if line.startswith(" ") else []
            at += 1
    return "\n".join([*made, *left[at:]])


@given(_lines, _lines)
def test_difference_is_the_usual_one(before, after):
    texts = ["".join(f"{line}\n" for line in lines) for lines in (before, after)]
    usual = "".join(unified_diff(*(text.splitlines(keepends=True) for text in texts), "f", "f"))
    assert difference("f", *texts) == usual


@given(
    _lines,
    st.lists(st.tuples(st.integers(0, 14), st.text("cd", min_size=1, max_size=2)), min_size=1, max_size=3),
)
def test_lines_that_are_to_be_hidden_are_no_context_and_the_rest_can_be_applied(before, inserted):
    after = list(before)
    for at, line in inserted:
        after.insert(at, line)
    texts = ["".join(f"{line}\n" for line in lines) for lines in (before, after)]
    found = difference("f", *texts, lambda line: line.replace("S", "*"))
    assert "S" not in found
    assert "*" not in found
    assert _applied(texts[0], found) == texts[1]


def test_changed_line_is_shown_without_what_is_to_be_hidden():
    found = difference("f", "a S\nb\n", "c S\nb\n", lambda line: line.replace("S", "***"))
    assert found == "--- f\n+++ f\n@@ -1,2 +1,2 @@\n-a ***\n+c ***\n b\n"


def test_last_line_may_have_no_end():
    found = difference("f", "a\nb", "a\nc")
    assert found.endswith(" a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n")
