"""What `check` says of an example is what the examples' README says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from composecheck import check

EXAMPLES = Path(__file__).parents[2] / "examples"
TIMES = {"": 1, "once": 1, "twice": 2}
ROW = re.compile(
    r"^\| \[(?P<name>[\w-]+)\]\((?P<file>[\w/.-]+)\) \| .* \| (?P<findings>[^|]*) \|$", re.MULTILINE
)
PROMISES = {row["name"]: row for row in ROW.finditer((EXAMPLES / "README.md").read_text("utf-8"))}


def promised(cell):
    """Return how often each rule is to be found, from "`a-rule` twice, `another`" or "nothing"."""
    if cell == "nothing":
        return Counter()
    found = re.findall(r"`([a-z-]+)`(?: (\w+))?", cell)
    return Counter({rule: TIMES[times] for rule, times in found})


def test_the_readme_has_a_row_for_every_example():
    assert sorted(PROMISES) == sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("name", PROMISES)
def test_check_finds_what_the_readme_promises(name):
    row = PROMISES[name]
    found = check(EXAMPLES / row["file"], environment={})
    assert Counter(d.rule for d in found.diagnostics if d.severity != "note") == promised(row["findings"])


def test_the_race_is_found_at_both_dependencies():
    file = EXAMPLES / "api-db-cache-racy/compose.yml"
    lines = file.read_text("utf-8").splitlines()
    found = [d for d in check(file, environment={}).diagnostics if d.rule == "unguarded-dependency"]
    assert [(d.service, lines[d.span.line - 1].strip()) for d in found] == [
        ("api", "- db"),
        ("api", "- cache"),
    ]
